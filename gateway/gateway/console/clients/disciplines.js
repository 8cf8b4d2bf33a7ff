// Which disciplines something holds for: those of the chain's treatments; none ticked means all.
import { chain } from "../core/clinic.js";
import { html } from "../core/html.js";
import { useStore } from "../core/store.js";
import { plain } from "./words.js";

export function Disciplines({ form }) {
  const { treatments } = useStore(chain);
  const known = [...new Set(treatments.map((each) => each.discipline).filter(Boolean))].sort();
  const chosen = form.draft.disciplines;
  const tick = (name) => (event) =>
    form.set({ disciplines: event.target.checked ? [...chosen, name] : chosen.filter((each) => each !== name) });
  if (!known.length) return null;
  return html`<fieldset><legend>Disciplines <span class="hint">None ticked: all</span></legend>${known.map((name) => html`
    <label key=${name} class="check"><input type="checkbox" checked=${chosen.includes(name)} onChange=${tick(name)} /> ${plain(name)}</label>`)}</fieldset>`;
}
