// Fields of the settings' forms: each shows what stands in the draft and tells what is typed.
import { html, useState } from "../core/html.js";
import { minorOf, money } from "../core/money.js";
import { Field } from "../core/ui.js";

export function TextField({ label, value, onValue, error, hint, isEmptyNull, ...rest }) {
  const type = (event) => onValue(isEmptyNull && !event.target.value ? null : event.target.value);
  return html`<${Field} label=${label} error=${error} hint=${hint}>${(p) => html`<input value=${value ?? ""} onInput=${type} autocomplete="off" ...${rest} ...${p} />`}<//>`;
}

// What is no number is sent as it was typed: the API says what is wrong with it.
export function NumberField({ label, value, onValue, error, hint, ...rest }) {
  const type = ({ target: { value: text } }) => onValue(/^-?\d+$/.test(text.trim()) ? Number(text) : text);
  return html`<${Field} label=${label} error=${error} hint=${hint}>${(p) => html`<input inputmode="numeric" value=${value ?? ""} onInput=${type} autocomplete="off" ...${rest} ...${p} />`}<//>`;
}

export function SelectField({ label, value, onValue, error, hint, options, none }) {
  return html`<${Field} label=${label} error=${error} hint=${hint}>${(p) => html`<select value=${value ?? ""} onChange=${(e) => onValue(e.target.value || null)} ...${p}>
    ${none !== undefined && html`<option value="">${none}</option>`}
    ${options.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</select>`}<//>`;
}

export const Check = ({ label, value, onValue }) =>
  html`<label class="check"><input type="checkbox" checked=${value} onChange=${(e) => onValue(e.target.checked)} /> ${label}</label>`;

// Some of a list, in the list's order.
export function Choices({ label, options, value, onValue, error }) {
  const flip = (id) => onValue(options.map((each) => each.id).filter((each) => (each === id ? !value.includes(id) : value.includes(each))));
  return html`<fieldset class="choices"><legend>${label}</legend>
    ${options.map(({ id, name }) => html`<label class="check" key=${id}><input type="checkbox" checked=${value.includes(id)} onChange=${() => flip(id)} /> <span dir="auto">${name}</span></label>`)}
    ${error && html`<p class="wrong">${error}</p>`}</fieldset>`;
}

// Words with commas between them, as a list.
export function WordsField({ label, value, onValue, error, hint }) {
  const [text, setText] = useState(value.join(", "));
  const words = (typed) => typed.split(",").map((each) => each.trim()).filter(Boolean);
  const shown = JSON.stringify(words(text)) === JSON.stringify(value) ? text : value.join(", ");
  const type = (event) => {
    setText(event.target.value);
    onValue(words(event.target.value));
  };
  return html`<${Field} label=${label} error=${error} hint=${hint}>${(p) => html`<input value=${shown} onInput=${type} autocomplete="off" ...${p} />`}<//>`;
}

// An amount; what is typed stays as it is typed.
export function MoneyField({ label, value, onValue, error, hint }) {
  const [text, setText] = useState(value ? money(value).replace("$", "") : "");
  const type = (event) => {
    setText(event.target.value);
    onValue({ amount_minor: minorOf(event.target.value), currency: value?.currency ?? "CAD" });
  };
  const isWrong = text.trim() !== "" && minorOf(text) === null;
  return html`<${Field} label=${label} error=${isWrong ? "must be an amount such as 115.00" : error} hint=${hint}>${(p) => html`<input inputmode="decimal" value=${text} onInput=${type} autocomplete="off" ...${p} />`}<//>`;
}

// Rows that can be added and taken away; `row(item, set, at)` draws one, `errors` are by "name.at".
export function Rows({ legend, name, value, onValue, errors, fresh, add, row, what, hint }) {
  const set = (at) => (part) => onValue(value.map((each, n) => (n === at ? { ...each, ...part } : each)));
  const take = (at) => onValue(value.filter((_each, n) => n !== at));
  return html`<fieldset class="rows"><legend>${legend}</legend>${hint && html`<p class="hint">${hint}</p>`}
    ${errors.get(name) && html`<p class="wrong">${errors.get(name)}</p>`}
    ${value.map((each, at) => html`<div class="rows-one" key=${at} data-row=${`${name}.${at}`}>
      <div class="row">${row(each, set(at), at)}<button type="button" class="quiet icon" aria-label=${`Remove ${what} ${at + 1}`} onClick=${() => take(at)}>✕</button></div>
      ${errors.get(`${name}.${at}`) && html`<p class="wrong">${errors.get(`${name}.${at}`)}</p>`}</div>`)}
    <button type="button" onClick=${() => onValue([...value, fresh()])}>${add}</button></fieldset>`;
}
