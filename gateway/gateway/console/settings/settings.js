// Settings: what the chain consists of. Each tab is a kind of record; the address says which is open.
import { chain, loadChain, may } from "../core/clinic.js";
import { html } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { change, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { Empty } from "../core/ui.js";
import { ApiKeys } from "./api-keys.js";
import { Audit } from "./audit.js";
import { Closures } from "./closures.js";
import { hasDraft } from "./draft.js";
import { Records } from "./editor.js";
import { LocationForm, NEW_LOCATION } from "./location.js";
import { Staff } from "./staff.js";
import { Tabs } from "./tabs.js";
import { newTherapist, TherapistForm } from "./therapist.js";
import { NEW_TREATMENT, TreatmentForm } from "./treatment.js";
import { Webhooks } from "./webhooks.js";

const SETTINGS = /^booking\.(location|practitioner|treatment)_changed\./;
const KINDS = [
  { name: "locations", title: "Locations", add: "Add a location", list: "locations", form: LocationForm, fresh: () => NEW_LOCATION, empty: "There is no location yet." },
  { name: "therapists", title: "Therapists", add: "Add a therapist", list: "practitioners", form: TherapistForm, fresh: newTherapist, empty: "There is no therapist yet." },
  { name: "treatments", title: "Treatments", add: "Add a treatment", list: "treatments", form: TreatmentForm, fresh: () => NEW_TREATMENT, empty: "There is no treatment yet." },
];
const OTHERS = [
  { name: "closures", title: "Closures", show: Closures },
  { name: "staff", title: "Staff", show: Staff },
  { name: "webhooks", title: "Webhooks", show: Webhooks },
  { name: "api-keys", title: "API keys", show: ApiKeys, action: "own" },
  { name: "audit", title: "Audit", show: Audit, action: "audit" },
];

export function Settings() {
  const { query } = useStore(route);
  const tabs = [...KINDS, ...OTHERS].filter((each) => may(each.action ?? "manage"));
  const tab = tabs.find((each) => each.name === query.tab) ?? tabs[0];
  useEvents((event) => (event === null || SETTINGS.test(event.type)) && loadChain().catch(() => {}));
  if (!tab) return html`<${Empty}>You may not change the settings: it takes the role owner or manager. Ask one of them.<//>`;
  return html`<div class="screen settings"><h1>Settings</h1>
    <${Tabs} label="Settings" tabs=${tabs} chosen=${tab.name} onChoose=${(name) => change({ tab: name, id: null })}>
      ${tab.show ? html`<${tab.show} query=${query} />` : html`<${Kind} key=${tab.name} kind=${tab} chosen=${query.id} />`}<//></div>`;
}

function Kind({ kind, chosen }) {
  const items = useStore(chain)[kind.list];
  const path = `/${kind.list}`;
  const saved = async (record) => {
    await loadChain();
    change({ id: record.id }, { replace: true });
  };
  return html`<${Records} items=${items} chosen=${chosen} what=${kind.title} add=${kind.add} empty=${kind.empty} mayAdd=${true} isDrafted=${(each) => hasDraft(`${path}/${each.id}`, each)}>
    ${(record, key) => html`<${kind.form} key=${key} record=${record.id ? record : kind.fresh()} onSaved=${saved} />`}<//>`;
}
