// Who a client is and how they are reached; changed in place.
import { learn, locationOf, may } from "../core/clinic.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { say } from "../core/say.js";
import { bodyOf, ContactFields, draftOf, LABELS, tidied } from "./contact-fields.js";
import { Form, Theirs, useEdit } from "./form.js";
import { CHANNELS } from "./words.js";

export function Contact({ client, onSaved }) {
  const [isEditing, setEditing] = useState(false);
  const button = useRef(null);
  const wasEditing = useRef(false);
  const canEdit = may("book");
  const edit = () => setEditing(true);
  useKeys(canEdit ? { e: { does: "Edit the client", run: edit } } : {});
  useEffect(() => {
    if (wasEditing.current && !isEditing) button.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  const saved = (record) => {
    setEditing(false);
    onSaved(record);
  };
  return html`<section class="box part" aria-labelledby="contact"><header class="bar"><h2 id="contact">Contact</h2>
      ${canEdit && !isEditing && html`<button ref=${button} type="button" class="push" onClick=${edit}>Edit</button>`}</header>
    ${isEditing ? html`<${Editor} client=${client} onSaved=${saved} onCancel=${() => setEditing(false)} />` : html`<${Facts} client=${client} />`}
  </section>`;
}

function Facts({ client }) {
  return html`<dl class="facts">
    <dt>${client.phones.length > 1 ? "Phones" : "Phone"}</dt><dd>${client.phones.length ? html`<${Links} values=${client.phones} scheme="tel:" />` : none}</dd>
    <dt>E-mail</dt><dd>${client.emails.length ? html`<${Links} values=${client.emails} scheme="mailto:" />` : none}</dd>
    <dt>Preferred channel</dt><dd>${CHANNELS[client.preferred_channel] ?? client.preferred_channel}</dd>
    <dt>Language</dt><dd>${client.language}</dd>
    <dt>Health number</dt><dd>${client.health_number || none}</dd>
    <dt>Address</dt><dd dir="auto">${client.address || none}</dd>
    <dt>Known at</dt><dd dir="auto">${client.location_ids.map((id) => locationOf(id)?.name).filter(Boolean).join(", ") || "every location"}</dd></dl>`;
}

const none = html`<span class="soft">none</span>`;

export const Links = ({ values, scheme }) =>
  values.map((value) => html`<a key=${value} class="line" href=${scheme + encodeURIComponent(value).replace("%40", "@").replace("%2B", "+")}>${value}</a>`);

function Editor({ client, onSaved, onCancel }) {
  const place = useRef(null);
  const form = useEdit({
    record: client,
    path: `/clients/${client.id}`,
    draftOf,
    bodyOf,
    onSaved: (record) => {
      learn([record]);
      say("The client is saved.");
      onSaved(record);
    },
  });
  useEffect(() => place.current.querySelector("[data-first]").focus(), []);
  // An empty field between others would shift the API's errors to a wrong one.
  const submit = (event) => {
    form.set(tidied(form.draft));
    return form.submit(event);
  };
  return html`<div ref=${place}><${Form} form=${{ ...form, submit }} onCancel=${onCancel}>
    <${Theirs} changes=${form.theirs} labels=${LABELS} /><${ContactFields} form=${form} /><//></div>`;
}
