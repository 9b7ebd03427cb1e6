/** Short messages at the foot of the page that say what happened. */

import { el } from "./dom.js";
import { RefusedError } from "./api.js";

const SHOWN_FOR = 7000;
const place = document.getElementById("toasts");

/** Show a message; `problem` has screen readers say it at once. */
export function toast(text, { problem = false } = {}) {
  const close = () => node.remove();
  const node = el(
    "div", { class: problem ? "toast toast-problem" : "toast", role: problem ? "alert" : "status" },
    el("span", {}, text),
    el("button", { type: "button", class: "toast-close", "aria-label": "Dismiss", on: { click: close } }, "×"),
  );
  for (const old of [...place.children].slice(0, -2)) old.remove();
  place.append(node);
  setTimeout(close, SHOWN_FOR);
}

/** Do something; when the sandbox refuses, say what could not be done and why. True on success. */
export async function attempt(failure, action) {
  try {
    await action();
    return true;
  } catch (error) {
    const reason = error instanceof RefusedError ? error.message : `The page has a fault: ${error.message}`;
    toast(`${failure}. ${reason}`, { problem: true });
    return false;
  }
}
