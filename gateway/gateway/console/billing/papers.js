// Papers to open: a page, and where there is one a PDF, each in a tab of its own.
import { html } from "../core/html.js";

// Under a `path` of the API: a receipt, an invoice (`hasPdf` false), a closed day.
export function Papers({ path, name, hasPdf = true }) {
  const link = (ending, kind) => html`<a href=${`/v1${path}.${ending}`} target="_blank" rel="noopener">${name}, ${kind}<span class="unseen"> (opens a tab)</span></a>`;
  return html`<span class="papers">${link("html", "page")}${hasPdf && html` · ${link("pdf", "PDF")}`}</span>`;
}
