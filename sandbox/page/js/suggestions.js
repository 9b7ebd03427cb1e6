/** The bot's commands, offered while one writes "/". */

import { api } from "./api.js";
import { el } from "./dom.js";

let lists = 0;

export class Suggestions {
  /** `send(text)` sends a chosen command. */
  constructor(store, chat, input, send) {
    Object.assign(this, { store, chatOf: chat, input, send });
    this.id = `commands-${(lists += 1)}`;
    this.found = [];
    this.chosen = 0;
    this.asked = 0;
    this.node = el("div", { class: "suggestions", id: this.id, role: "listbox", "aria-label": "Commands", hidden: true });
    input.setAttribute("aria-controls", this.id);
  }

  get open() {
    return !this.node.hidden;
  }

  /** Open the list of all commands, or close it. */
  async toggle() {
    if (this.open) return this.close();
    this.input.focus();
    return this.offer("", true);
  }

  /** Offer what fits the text written so far. */
  async update() {
    const written = this.input.value;
    if (/^\/\w*$/.test(written)) await this.offer(written.slice(1), false);
    else this.close();
  }

  async offer(start, tell) {
    const chat = this.chatOf();
    const asked = (this.asked += 1);
    const commands = await api.commands(chat.id, this.store.identity(chat)).catch(() => []);
    // Closed, or asked for something else, while the list was on its way.
    if (asked !== this.asked) return;
    this.found = commands.filter((command) => command.command.startsWith(start.toLowerCase()));
    this.chosen = 0;
    this.node.hidden = !this.found.length && !tell;
    this.draw();
  }

  draw() {
    if (!this.found.length) {
      this.node.replaceChildren(el("p", { class: "empty" }, "The bot offers no commands here."));
      return;
    }
    const rows = this.found.map((command, place) => el(
      "button",
      { type: "button", class: "suggestion", role: "option", tabindex: "-1", "aria-selected": String(place === this.chosen), on: { click: () => this.take(place) } },
      el("span", { class: "suggestion-name" }, `/${command.command}`), el("span", { class: "suggestion-words" }, command.description),
    ));
    this.node.replaceChildren(...rows);
    rows[this.chosen].scrollIntoView({ block: "nearest" });
  }

  take(place) {
    const text = `/${this.found[place].command}`;
    this.close();
    this.send(text);
  }

  close() {
    this.asked += 1;
    this.node.hidden = true;
  }

  /** Use a key if the list is open; say whether it was used. */
  key(event) {
    if (!this.open || !this.found.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const written = this.input.value.slice(1).toLowerCase();
    const complete = this.found[this.chosen].command === written;
    if (step) {
      this.chosen = (this.chosen + step + this.found.length) % this.found.length;
      this.draw();
    } else if (event.key === "Tab" || (event.key === "Enter" && !complete)) this.take(this.chosen);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }
}
