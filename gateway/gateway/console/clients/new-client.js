// Registering a client.
import { post } from "../core/api.js";
import { learn } from "../core/clinic.js";
import { html } from "../core/html.js";
import { say } from "../core/say.js";
import { bodyOf, ContactFields, NOBODY, tidied } from "./contact-fields.js";
import { FormDialog, useForm } from "./form.js";

// `name` is what was looked for in vain.
export function NewClient({ name = "", onClose, onMade }) {
  const form = useForm({ ...NOBODY, name }, async (draft, keyFor) => {
    form.set(tidied(draft));
    const body = bodyOf(draft);
    const made = await post("/clients", body, { key: keyFor(body) });
    learn([made]);
    say(`${made.name} is registered.`);
    onMade(made);
  });
  return html`<${FormDialog} title="New client" form=${form} submit="Register" onClose=${onClose}>
    <${ContactFields} form=${form} /><//>`;
}
