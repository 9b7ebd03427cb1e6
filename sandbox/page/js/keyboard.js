/** The buttons under a message, and what a tap on one does. */

import { api } from "./api.js";
import { el } from "./dom.js";
import { attempt } from "./toasts.js";

const PATIENCE = 15000;

/** The inline keyboard of a message, null when it has none. */
export function inlineKeyboard(message, doors) {
  if (!message.buttons?.length) return null;
  const rows = message.buttons.map((row) => el("div", { class: "keys-row" }, row.map((button) => key(message, button, doors))));
  return el("div", { class: "keys" }, rows);
}

function key(message, button, doors) {
  const label = button.text;
  if (button.data !== undefined) {
    const node = el("button", { type: "button", class: "key" }, label);
    node.addEventListener("click", () => doors.tap(message, button, node));
    return node;
  }
  if (button.url !== undefined) {
    const open = () => {
      if (!doors.link(button.url) && /^https?:/i.test(button.url)) window.open(button.url, "_blank", "noopener,noreferrer");
    };
    return el("button", { type: "button", class: "key key-link", on: { click: open } }, label);
  }
  return el("button", { type: "button", class: "key", on: { click: () => doors.unplayable(label) } }, label);
}

/**
 * Tap a button: it shows that it waits until the bot answers. `answered(callback)` gets the answer,
 * `unanswered()` is called when none comes in time.
 */
export async function tap({ store, wish, node, answered, unanswered }) {
  node.setAttribute("aria-busy", "true");
  const done = () => node.removeAttribute("aria-busy");
  const ok = await attempt("The tap did not work", async () => {
    const { callback_id: id } = await api.act(wish);
    const answer = await answerTo(store, id);
    if (answer) answered(answer);
    else unanswered();
  });
  done();
  return ok;
}

function answerTo(store, id) {
  const known = store.callbacks.get(id);
  if (known?.answered) return known;
  return new Promise((resolve) => {
    const finish = (answer) => {
      clearTimeout(timer);
      store.removeEventListener("callback", hear);
      resolve(answer);
    };
    const hear = ({ detail }) => {
      if (detail.callback_id === id && detail.answered) finish(detail);
    };
    const timer = setTimeout(() => finish(null), PATIENCE);
    store.addEventListener("callback", hear);
  });
}
