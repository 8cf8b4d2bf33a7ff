// The frame of every screen: who is signed in, where they are, and what the console says.
import { signedOut } from "../core/api.js";
import { loadChain, loadMe, me } from "../core/clinic.js";
import { html, useEffect, useState } from "../core/html.js";
import { startLive } from "../core/live.js";
import { mayBeSignedIn, noteSession } from "../session/noted.js";
import { change, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { Empty, Failure, Loading } from "../core/ui.js";
import { OPEN_PAGES } from "../session/pages.js";
import { SignIn, SignInAgain } from "../session/sign-in.js";
import { Bar } from "./bar.js";
import { SCREENS } from "./screens.js";
import { Voice } from "./voice.js";

export function App() {
  const { screen } = useStore(route);
  const open = OPEN_PAGES[screen];
  return open ? html`<${open} />` : html`<${Signed} screen=${screen} />`;
}

// `state`: "asking", "in", "out" (nobody yet), "ended" (the session of who works here) or a Problem.
function Signed({ screen }) {
  const [state, setState] = useState("asking");
  const who = useStore(me);
  const enter = async () => {
    if (!mayBeSignedIn()) return setState("out");
    try {
      await loadMe();
      noteSession(true); // a provider's sign-in leads here too, by an address that says so
      if (route.value.query["signed-in"]) change({ "signed-in": null }, { replace: true });
      await loadChain();
      startLive();
      return setState("in");
    } catch (problem) {
      if (problem.status === 401) noteSession(false);
      return setState(problem.status === 401 ? "out" : problem);
    }
  };
  useEffect(() => {
    enter();
    // What is on the screen stays there, drafts too, until somebody signs in again.
    const end = () => setState((now) => (now === "in" ? "ended" : now));
    signedOut.addEventListener("signedout", end);
    return () => signedOut.removeEventListener("signedout", end);
  }, []);
  const again = async () => {
    const before = me.value?.id;
    await loadMe();
    if (before !== me.value.id) return location.reload(); // another's drafts are not theirs
    startLive();
    return setState("in");
  };
  if (state === "asking") return html`<${Loading} />`;
  if (state === "out") return html`<${SignIn} onSignedIn=${enter} />`;
  if (state instanceof Error) return html`<${Failure} problem=${state} onRetry=${enter} />`;
  return html`<a class="skip" href="#main">Skip to the screen</a>
    <${Bar} screen=${screen} who=${who} />
    <main id="main" tabindex="-1"><${Screen} screen=${screen} /></main>
    <${Voice} />
    ${state === "ended" && html`<${SignInAgain} email=${who?.email} onSignedIn=${again} />`}`;
}

function Screen({ screen }) {
  const found = SCREENS[screen];
  useEffect(() => {
    document.title = `${found?.title ?? "Not found"} · ClinicOps`;
  }, [screen]);
  if (!found) return html`<${Empty}>There is no screen at this address.<//>`;
  return html`<${found.show} />`;
}
