// An authenticator (RFC 6238): taken into use, proved by a code of it, given up.
import { call, get } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { say } from "../core/say.js";
import { Dialog, Failure, Field, Loading, useAsked } from "../core/ui.js";
import { Secret } from "../settings/secret.js";
import { refusal } from "./change-password.js";
import { PasswordField } from "./password-field.js";

export function SecondFactor() {
  const { data, problem, reload } = useAsked(() => get("/me/totp"), []);
  const [doing, setDoing] = useState(null); // "on", "off" or recovery codes
  const done = (codes) => {
    setDoing(codes ?? null);
    reload();
  };
  return html`<section class="box" aria-labelledby="factor"><h2 id="factor">Second factor</h2>
    ${problem && html`<${Failure} problem=${problem} onRetry=${reload} />`}${!data && !problem && html`<${Loading} lines=${2} />`}
    ${data && (data.enabled
      ? html`<p><span class="tag good"><span aria-hidden="true">✓</span> On</span> Signing in takes a code of your authenticator.</p>
          <p class=${data.recovery_codes_left < 3 ? "wrong" : "soft"}>${data.recovery_codes_left} recovery codes are left.</p><button type="button" class="danger" onClick=${() => setDoing("off")}>Turn it off …</button>`
      : html`<p><span class="tag warn">Off</span> A password alone signs you in.</p><button type="button" onClick=${() => setDoing("on")}>Turn it on …</button>`)}
    ${doing === "on" && html`<${TurnOn} onClose=${() => setDoing(null)} onDone=${done} />`}
    ${doing === "off" && html`<${TurnOff} onClose=${() => setDoing(null)} onDone=${done} />`}
    ${Array.isArray(doing) && html`<${Secret} title="Recovery codes" name="Recovery codes" secret=${doing.join("\n")} onClose=${() => setDoing(null)}>Each is good for one sign-in, should the authenticator be lost. Keep them apart from it.<//>`}
  </section>`;
}

// A form of one step: `ask()` is what it does, whose refusal stands in it.
function useStep(ask) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await ask();
      setProblem(null);
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const said = html`<div role="alert">${problem && html`<p class="wrong">${refusal(problem)}</p>`}</div>`;
  return { send, isBusy, problem, said };
}

function TurnOn({ onClose, onDone }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [made, setMade] = useState(null);
  const begin = useStep(async () => setMade(await call("POST", "/me/totp", { body: { password } })));
  const confirm = useStep(async () => {
    const { recovery_codes } = await call("POST", "/me/totp/confirm", { body: { code: code.replaceAll(" ", "") } });
    say("Signing in takes a code from now on.");
    onDone(recovery_codes);
  });
  return html`<${Dialog} title="Turn the second factor on" onClose=${onClose}>
    ${!made
      ? html`<form onSubmit=${begin.send} novalidate><${PasswordField} label="Your password" autocomplete="current-password" value=${password} onValue=${setPassword} data-first />${begin.said}
          <button class="main" aria-busy=${begin.isBusy}>Go on</button></form>`
      : html`<form onSubmit=${confirm.send} novalidate><p>Add this to your authenticator, as a time-based code:</p><p><code class="totp-secret">${grouped(made.secret)}</code></p>
          <p><a href=${made.uri}>Open it in an authenticator on this device</a></p>
          <${Field} label="The code it shows">${(p) => html`<input inputmode="numeric" autocomplete="one-time-code" maxlength="10" value=${code} onInput=${(e) => setCode(e.target.value)} data-first ...${p} />`}<//>
          ${confirm.said}<button class="main" aria-busy=${confirm.isBusy}>Turn it on</button></form>`}<//>`;
}

function TurnOff({ onClose, onDone }) {
  const [form, setForm] = useState({ password: "", code: "" });
  const step = useStep(async () => {
    await call("POST", "/me/totp/disable", { body: { ...form, code: form.code.replaceAll(" ", "") } });
    say("Your password alone signs you in now.");
    onDone();
  });
  return html`<${Dialog} title="Turn the second factor off" onClose=${onClose}><form onSubmit=${step.send} novalidate>
    <${PasswordField} label="Your password" autocomplete="current-password" value=${form.password} onValue=${(password) => setForm({ ...form, password })} data-first />
    <${Field} label="A code" hint="Of your authenticator, or a recovery code">${(p) => html`<input autocomplete="one-time-code" maxlength="30" value=${form.code} onInput=${(e) => setForm({ ...form, code: e.target.value })} ...${p} />`}<//>
    ${step.said}<button class="danger" aria-busy=${step.isBusy}>Turn it off</button></form><//>`;
}

const grouped = (secret) => secret.match(/.{1,4}/g).join(" ");
