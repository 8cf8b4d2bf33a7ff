// How much of something is used: a bar with its numbers in words beside it.
import { html } from "../core/html.js";

const WIDTH = 240;
const HEIGHT = 12;
const MOST_STEPS = 30;

// `value` of `of` are used; what is counted, such as visits, is drawn one by one as long as it is
// few. `text` says the same in words and is shown, so the drawing itself is for the eye alone.
export function Progress({ value, of, text, tone = "", isCounted = false }) {
  const used = of > 0 ? Math.min(Math.max(value / of, 0), 1) : 1;
  const steps = isCounted && of <= MOST_STEPS ? of : 1;
  return html`<figure class=${`progress ${tone}`}>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      ${steps > 1 ? html`<${Steps} count=${steps} used=${value} />` : html`
        <rect class="track" width=${WIDTH} height=${HEIGHT} rx="2" /><rect class="used" width=${used * WIDTH} height=${HEIGHT} rx="2" />`}
    </svg><figcaption>${text}</figcaption></figure>`;
}

function Steps({ count, used }) {
  const width = WIDTH / count;
  return Array.from({ length: count }, (_, at) => html`<rect key=${at} class=${at < used ? "used" : "track"}
    x=${at * width + 0.75} width=${width - 1.5} height=${HEIGHT} rx="2" />`);
}
