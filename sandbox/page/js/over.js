/** What Telegram lays over a chat when the bot answers a tap: a short note, or an alert to confirm. */

import { el } from "./dom.js";

const NOTE_FOR = 5000;

export class Over {
  constructor() {
    this.node = el("div", { class: "over" });
  }

  /** Show a note for a few seconds. */
  note(text) {
    const note = el("div", { class: "note", role: "status" }, text);
    this.node.querySelector(".note")?.remove();
    this.node.append(note);
    setTimeout(() => note.remove(), NOTE_FOR);
  }

  /** Show an alert until it is confirmed. */
  alert(text, title) {
    const before = document.activeElement;
    const close = () => {
      box.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
    const ok = el("button", { type: "button", class: "pill pill-main", on: { click: close } }, "OK");
    const inner = el("div", { class: "alert-box" }, el("h3", {}, title), el("p", {}, text), ok);
    const box = el("div", { class: "alert", role: "alertdialog", "aria-modal": "false", "aria-label": text }, inner);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    this.node.append(box);
    ok.focus({ preventScroll: true });
  }
}
