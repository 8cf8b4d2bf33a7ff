// The books of all services, looked through on demand: it costs them something.
import { get } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { say } from "../core/say.js";
import { Action, Failure } from "../core/ui.js";
import { FINDINGS, sentence, serviceName } from "./words.js";

export function Books() {
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  const check = async () => {
    try {
      const answer = await get("/operations/verify");
      setFound(answer);
      setProblem(null);
      say(verdict(answer).words);
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<section class="box books" aria-labelledby="books"><h2 id="books">Books</h2>
    <p>Has every service compare what it keeps: no double booking, no cent lost, no event left behind.</p>
    <${Action} onClick=${check}>Check the books<//>
    ${problem && html`<${Failure} problem=${problem} what="The books could not be checked" />`}
    ${found && html`<${Found} found=${found} />`}
  </section>`;
}

function verdict({ counts, unavailable, ...findings }) {
  const wrong = Object.values(findings).filter((number) => number !== 0).length;
  if (wrong) return { kind: "bad", sign: "!", words: `${wrong} ${wrong === 1 ? "finding is" : "findings are"} not 0` };
  if (unavailable.length) return { kind: "warn", sign: "?", words: `Not checked: ${unavailable.map(serviceName).join(", ")}` };
  return { kind: "good", sign: "✓", words: "All books are in order" };
}

function Found({ found }) {
  const { counts, unavailable, ...findings } = found;
  const { kind, sign, words } = verdict(found);
  return html`<p><span class=${`tag ${kind}`}><span aria-hidden="true">${sign}</span> ${words}</span></p>
    <div class="scroll" tabindex="0" role="group" aria-label="Findings"><table><thead><tr><th scope="col">Looked for</th><th scope="col" class="number">Found</th></tr></thead>
      <tbody>${Object.entries(findings).map(([name, number]) => html`<${Finding} key=${name} name=${name} number=${number} />`)}</tbody></table></div>
    <details><summary>How much there is</summary><dl class="facts">${Object.entries(counts).map(([name, number]) => html`<dt>${sentence(name)}</dt><dd>${number.toLocaleString("en-CA")}</dd>`)}</dl></details>`;
}

function Finding({ name, number }) {
  const [title, meaning] = FINDINGS[name] ?? [sentence(name), "Call whoever runs the system."];
  return html`<tr data-finding=${name}><td>${title}${number !== 0 && html`<p class="wrong">${meaning}</p>`}</td>
    <td class="number"><span class=${number === 0 ? "soft" : "tag bad"}>${number}</span></td></tr>`;
}
