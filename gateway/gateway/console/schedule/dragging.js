// Moving a visit by mouse or pen. A finger scrolls; it has the form. While the visit is dragged only
// its own element changes, so the pace does not depend on how many visits there are.
import { clockText } from "../core/time.js";

const SLACK = 5;
export const STEP = 15;
export const FINE_STEP = 5;

// Returns `grab(event, place)`. `geometry()` tells {body, columns, hours, hourHeight}; `drop(visit,
// column, minutes)` is called once it is let go elsewhere; `titleOf(column)` names a column.
export function dragger({ geometry, drop, titleOf }) {
  return (down, place) => {
    if (down.button !== 0 || down.pointerType === "touch") return;
    const element = down.currentTarget;
    const { body, columns, hours, hourHeight } = geometry();
    const frame = body.getBoundingClientRect();
    const grabbed = down.clientY - element.getBoundingClientRect().top;
    const length = place.to - place.from;
    let target = null;

    const aim = (event) => {
      const step = event.shiftKey ? FINE_STEP : STEP;
      const now = body.getBoundingClientRect();
      const across = Math.floor(((event.clientX - now.left) / now.width) * columns);
      const column = Math.max(0, Math.min(columns - 1, across));
      const raw = hours.from + ((event.clientY - grabbed - now.top) / hourHeight) * 60;
      const minutes = Math.round(raw / step) * step;
      return { column, minutes: Math.max(hours.from, Math.min(hours.to - length, minutes)) };
    };
    const move = (event) => {
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
      if (!target && far < SLACK) return;
      if (!target) element.classList.add("dragged");
      target = aim(event);
      const x = ((target.column - place.column) * frame.width) / columns;
      const y = ((target.minutes - place.from) / 60) * hourHeight;
      element.style.transform = `translate(${x}px, ${y}px)`;
      element.dataset.aim = `${clockText(target.minutes)} ${titleOf(target.column)}`;
    };
    const end = () => {
      element.classList.remove("dragged");
      element.style.transform = "";
      delete element.dataset.aim;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", escape, true);
    };
    const up = () => {
      end();
      if (!target) return;
      // The click that follows a drag is not a press.
      const swallow = (event) => event.stopImmediatePropagation();
      element.addEventListener("click", swallow, { capture: true });
      setTimeout(() => element.removeEventListener("click", swallow, { capture: true }), 0);
      if (target.column !== place.column || target.minutes !== place.from) drop(place.visit, target.column, target.minutes);
    };
    const escape = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      target = null;
      end();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", end);
    addEventListener("keydown", escape, true);
  };
}
