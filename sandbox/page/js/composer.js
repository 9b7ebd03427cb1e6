/** Where one writes: text, attachments, a reply or an edit, the reply keyboard, Start and Unblock. */

import { el } from "./dom.js";
import { Suggestions } from "./suggestions.js";
import { attachment, pickAttachment } from "./attachments.js";
import { summary } from "./parts.js";

const TALLEST = 132;

export class Composer {
  /** `doors.send(wish, failure)` acts as the person whose chat this is. */
  constructor(store, chat, doors) {
    Object.assign(this, { store, chatOf: chat, doors });
    this.about = null;
    this.node = el("footer", { class: "composer" });
    this.build();
  }

  build() {
    const button = (label, text, click) => el("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click } }, text);
    this.input = el("textarea", { class: "write", rows: "1", placeholder: "Message", "aria-label": "Message", autocomplete: "off" });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.suggestions = new Suggestions(this.store, this.chatOf, this.input, (text) => this.sendText(text));
    this.slash = button("Commands", "/", () => this.suggestions.toggle());
    this.attach = button("Attach", "📎", () => this.attachSomething());
    this.sender = button("Send", "➤", () => this.sendText());
    this.sender.classList.add("send");
    this.topic = el("select", { class: "topic-choice", "aria-label": "Topic" });
    this.aboutLine = el("div", { class: "about-line" });
    this.row = el("div", { class: "composer-row" }, this.attach, this.input, this.slash, this.sender);
    this.keys = el("div", { class: "reply-keys" });
    this.instead = el("div", { class: "instead" });
    this.node.append(this.suggestions.node, this.aboutLine, this.topic, this.row, this.keys, this.instead);
  }

  render() {
    const chat = this.chatOf();
    const state = this.store.stateOf(chat);
    const closed = state !== "open" || this.store.identity(chat) === null;
    for (const node of [this.row, this.keys]) node.hidden = closed;
    this.renderInstead(chat, state, closed);
    this.renderTopics(chat);
    this.renderKeys(chat);
    this.renderAbout();
  }

  renderInstead(chat, state, closed) {
    this.instead.hidden = !closed;
    if (!closed || this.instead.dataset.state === state) return;
    this.instead.dataset.state = state;
    const act = (label, wish) => el("button", { type: "button", class: "start", on: { click: () => this.doors.send(wish, `${label} did not work`) } }, label);
    const content = {
      new: act("Start", { do: "start" }),
      blocked: act("Unblock the bot", { do: "unblock" }),
      deleted: el("p", {}, "This account was deleted."),
    };
    this.instead.replaceChildren(content[state] ?? el("p", {}, "Nobody is in this group."));
  }

  renderTopics(chat) {
    const open = (chat.topics ?? []).filter((topic) => !topic.closed);
    this.topic.hidden = !chat.is_forum || !open.length;
    const key = open.map((topic) => topic.message_thread_id).join();
    if (this.topic.dataset.key === key) return;
    this.topic.dataset.key = key;
    const choices = open.map((topic) => el("option", { value: topic.message_thread_id }, `# ${topic.name}`));
    this.topic.replaceChildren(el("option", { value: "" }, "# General"), ...choices);
  }

  renderKeys(chat) {
    const rows = chat.keyboard ?? [];
    const key = JSON.stringify(rows);
    if (this.keys.dataset.key === key) return;
    this.keys.dataset.key = key;
    const press = (button) => {
      if (button.request_contact) return this.doors.send({ do: "contact" }, "The number could not be shared");
      return this.doors.send({ do: "send", text: button.text });
    };
    const draw = (button) => el("button", { type: "button", class: "reply-key", on: { click: () => press(button) } }, button.text);
    this.keys.replaceChildren(...rows.map((row) => el("div", { class: "reply-keys-row" }, row.map(draw))));
  }

  renderAbout() {
    this.aboutLine.hidden = !this.about;
    if (!this.about) return;
    const { kind, message } = this.about;
    const cancel = el("button", { type: "button", class: "icon", "aria-label": "Cancel", on: { click: () => this.forget(kind === "edit") } }, "×");
    const name = kind === "edit" ? "Edit message" : `Reply to ${message.from.first_name}`;
    const words = el("span", { class: "about-words" }, el("strong", {}, name), el("span", {}, summary(message)));
    this.aboutLine.replaceChildren(words, cancel);
  }

  replyTo(message) {
    this.about = { kind: "reply", message };
    this.renderAbout();
    this.input.focus();
  }

  edit(message) {
    this.about = { kind: "edit", message };
    this.input.value = message.text ?? "";
    this.grow();
    this.renderAbout();
    this.input.focus();
  }

  forget(empty) {
    this.about = null;
    if (empty) this.clear();
    this.renderAbout();
  }

  clear() {
    this.input.value = "";
    this.grow();
    this.suggestions.close();
  }

  typed() {
    this.grow();
    this.suggestions.update();
  }

  grow() {
    this.input.rows = 1;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.row.classList.toggle("composer-filled", this.input.value.trim() !== "");
  }

  key(event) {
    if (this.suggestions.key(event)) return;
    if (event.key === "Escape" && this.about) this.forget(this.about.kind === "edit");
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.sendText();
  }

  details() {
    const details = {};
    if (this.about?.kind === "reply") details.reply_to = this.about.message.message_id;
    if (!this.topic.hidden && this.topic.value) details.thread = Number(this.topic.value);
    return details;
  }

  async sendText(text = this.input.value.trim()) {
    if (!text) return;
    const wish = this.about?.kind === "edit"
      ? { do: "edit", message_id: this.about.message.message_id, text }
      : { do: "send", text, ...this.details() };
    const before = this.input.value;
    const about = this.about;
    this.clear();
    this.forget(false);
    if (await this.doors.send(wish, "The message could not be sent")) return;
    this.about = about;
    this.input.value = before;
    this.typed();
    this.renderAbout();
  }

  async attachSomething() {
    const wish = await pickAttachment();
    if (wish) await this.sendAttachment(wish);
  }

  async sendAttachment(wish) {
    const caption = this.input.value.trim();
    const captioned = caption && wish.do !== "voice" ? { caption } : {};
    const sent = await this.doors.send({ ...wish, ...captioned, ...this.details() }, "The attachment could not be sent");
    if (!sent) return;
    if (captioned.caption) this.clear();
    this.forget(false);
  }

  async paste(event) {
    const [picture] = [...event.clipboardData.files];
    if (!picture) return;
    event.preventDefault();
    await this.sendAttachment(await attachment(picture));
  }
}
