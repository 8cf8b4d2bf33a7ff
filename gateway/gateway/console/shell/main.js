// Where the console begins.
import { html, render } from "../core/html.js";
import { App } from "./app.js";

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
