// A form over a draft, and the list beside it that says which record is open.
import { html } from "../core/html.js";
import { change } from "../core/router.js";
import { Empty } from "../core/ui.js";
import { Meanwhile } from "./draft.js";
import { errorsElsewhere } from "./errors.js";

export function Editor({ draft, errors, title, labels, tell, children }) {
  const { problem, isBusy, isChanged, base } = draft;
  const elsewhere = errorsElsewhere(errors, Object.keys(labels));
  return html`<form class="box editor" aria-label=${title} onSubmit=${draft.save} novalidate><h2 dir="auto">${title}</h2>
    <${Meanwhile} draft=${draft} labels=${labels} tell=${tell} />
    ${problem && html`<div class="notice bad refused" role="alert" tabindex="-1"><p><b>Not saved.</b> ${errors.size ? "What is wrong stands beside the fields." : `${problem.message}.`.replace("..", ".")}</p>
      ${elsewhere.map(([path, text]) => html`<p key=${path}>${path}: ${text}</p>`)}
      ${problem.requestId && html`<p class="soft">Request <code>${problem.requestId}</code></p>`}</div>`}
    ${children}
    <div class="buttons"><button class="main" aria-busy=${isBusy} aria-disabled=${isBusy || Boolean(base.id && !isChanged)}>${base.id ? "Save" : "Add"}</button>
      ${isChanged && html`<button type="button" onClick=${draft.reset}>Discard changes</button>`}
      ${base.id && html`<span class="soft push">Version ${base.version}</span>`}</div></form>`;
}

// `children(record)` draws what is open. `chosen` is an id, "new" or nothing.
export function Records({ items, chosen, what, add, isDrafted, empty, mayAdd, children }) {
  const open = (id) => change({ id }, { replace: true });
  const record = chosen === "new" && mayAdd ? {} : items.find((each) => each.id === chosen) ?? items[0] ?? (mayAdd ? {} : null);
  const current = record?.id ?? "new";
  return html`<div class="records"><nav aria-label=${what}><ul>
      ${items.map((each) => html`<li key=${each.id}><button type="button" class="quiet" aria-current=${each.id === current ? "true" : undefined} onClick=${() => open(each.id)}>
        <span dir="auto">${each.name}</span>${isDrafted(each) && html` <span class="tag warn">draft</span>`}</button></li>`)}</ul>
      ${mayAdd && html`<button type="button" aria-current=${current === "new" ? "true" : undefined} onClick=${() => open("new")}>${add}</button>`}</nav>
    <div class="records-open">${record ? children(record, current) : html`<${Empty}>${empty}<//>`}</div></div>`;
}
