// The fields of a client, for who is new and for who is known.
import { html } from "../core/html.js";
import { errorOf, Field } from "../core/ui.js";
import { Choice, Input } from "./form.js";
import { CHANNELS } from "./words.js";

export const LABELS = {
  name: "Name",
  birth_date: "Birth date",
  phones: "Phones",
  emails: "E-mail addresses",
  health_number: "Health number (PHN)",
  preferred_channel: "Preferred channel",
  language: "Language",
  address: "Address",
};
export const NOBODY = {
  name: "",
  birth_date: "",
  phones: [""],
  emails: [""],
  health_number: "",
  preferred_channel: "email",
  language: "en",
  address: "",
};

// A record as fields hold it, and what fields hold as the API takes it.
export const draftOf = (client) => ({
  ...Object.fromEntries(Object.keys(LABELS).map((name) => [name, client[name] ?? ""])),
  phones: client.phones.length ? client.phones : [""],
  emails: client.emails.length ? client.emails : [""],
});
export const bodyOf = (draft) => ({
  ...draft,
  name: draft.name.trim(),
  birth_date: draft.birth_date || null,
  phones: filled(draft.phones),
  emails: filled(draft.emails),
  health_number: draft.health_number.trim() || null,
  language: draft.language.trim(),
  address: draft.address.trim(),
});

// Without the empty ones, so that the API's errors, which go by number, stand at the right field.
export const filled = (texts) => texts.map((text) => text.trim()).filter(Boolean);
export const tidied = (draft) => ({
  phones: [...filled(draft.phones), ""].slice(0, Math.max(1, filled(draft.phones).length)),
  emails: [...filled(draft.emails), ""].slice(0, Math.max(1, filled(draft.emails).length)),
});

export function ContactFields({ form }) {
  return html`<${Input} form=${form} name="name" label=${LABELS.name} data-first maxlength="120" required />
    <div class="row"><${Input} form=${form} name="birth_date" label=${LABELS.birth_date} type="date" />
      <${Input} form=${form} name="health_number" label=${LABELS.health_number} hint="Ten digits, the first a 9" inputmode="numeric" dir="ltr" /></div>
    <${Many} form=${form} name="phones" one="Phone" type="tel" />
    <${Many} form=${form} name="emails" one="E-mail address" type="email" />
    <div class="row"><${Choice} form=${form} name="preferred_channel" label=${LABELS.preferred_channel} options=${CHANNELS} />
      <${Input} form=${form} name="language" label=${LABELS.language} hint="Such as en or fr-CA" dir="ltr" /></div>
    <${Input} form=${form} name="address" label=${LABELS.address} maxlength="300" />`;
}

const MOST = 10;

// As many fields as there are values; the API's errors of the list stand at its first.
function Many({ form, name, one, type }) {
  const values = form.draft[name];
  const errors = form.problem?.errors?.[name];
  const errorAt = (at) => (Array.isArray(errors) || typeof errors === "string" ? at === 0 && errorOf({ errors: { all: errors } }, "all") : errorOf({ errors }, at));
  const put = (at, value) => form.set({ [name]: values.map((old, n) => (n === at ? value : old)) });
  const isFull = values.length >= MOST || !values.at(-1).trim();
  return html`<div class="many">${values.map((value, at) => html`
    <${Field} key=${at} label=${at ? `${one} ${at + 1}` : one} error=${errorAt(at)}>${(p) =>
      html`<input type=${type} name=${`${name}${at}`} value=${value} onInput=${(e) => put(at, e.target.value)} autocomplete="off" ...${p} />`}<//>`)}
    ${!isFull && html`<button type="button" class="quiet" onClick=${() => form.set({ [name]: [...values, ""] })}>Another ${one.toLowerCase()}</button>`}</div>`;
}
