/** One chat on the page: header, messages, what lies over them, composer. */

import { api } from "./api.js";
import { avatar, el, setText } from "./dom.js";
import { Composer } from "./composer.js";
import { tap } from "./keyboard.js";
import { openAnswer, openLink } from "./links.js";
import { chatMenu, messageMenu } from "./menus.js";
import { MessageList } from "./messages.js";
import { attempt, toast } from "./toasts.js";
import { Over } from "./over.js";

const ROLES = { patient: "Patient", clinician: "Clinician", admin: "Admin", group: "Group", other: "Phone" };
const TYPING_FOR = 5000;
const ONE_AT_A_TIME = matchMedia("(max-width: 760px)");

export class ChatView {
  /** `show(chatId)` brings another chat into view. */
  constructor(store, chatId, show) {
    Object.assign(this, { store, chatId, show });
    this.over = new Over();
    this.list = new MessageList(store, () => this.chat, this.doors());
    this.composer = new Composer(store, () => this.chat, { send: (wish, failure) => this.act(wish, failure), menu: (anchor) => this.menu(anchor) });
    this.node = this.build();
    const look = () => this.look();
    for (const event of ["pointerdown", "focusin", "wheel", "keydown"]) {
      this.node.addEventListener(event, look, { passive: true });
    }
  }

  get chat() {
    return this.store.chats.get(this.chatId);
  }

  get identity() {
    return this.store.identity(this.chat);
  }

  build() {
    this.title = el("h2", { class: "chat-title" });
    this.subtitle = el("p", { class: "chat-subtitle" });
    this.badge = el("span", { class: "badge" });
    this.viewer = el("select", { class: "viewer", "aria-label": "Seen by" });
    this.viewer.addEventListener("change", () => this.store.identify(this.chat, Number(this.viewer.value)));
    this.seenBy = el("label", { class: "seen-by" }, "seen by ", this.viewer);
    this.picture = el("span", {});
    const more = el("button", { type: "button", class: "icon", title: "More", "aria-label": "More", on: { click: () => this.menu() } }, "⋮");
    const words = el("div", { class: "chat-words" }, this.title, el("div", { class: "chat-under" }, this.subtitle, this.seenBy));
    const head = el("header", { class: "chat-head" }, this.picture, words, this.badge, more);
    return el(
      "section", { class: "chat", id: `chat${this.chatId}`, data: { chatId: this.chatId } },
      head, el("div", { class: "chat-middle" }, this.list.node, this.over.node), this.composer.node,
    );
  }

  render() {
    const { chat, store } = this;
    const role = store.role(chat);
    this.node.dataset.personId = this.identity ?? "";
    this.node.dataset.role = role;
    this.node.setAttribute("aria-label", chat.title);
    setText(this.title, chat.title);
    setText(this.subtitle, this.typing ? "typing…" : this.describe(role));
    if (this.picture.dataset.name !== chat.title) {
      this.picture.dataset.name = chat.title;
      this.picture.replaceChildren(avatar(chat.title, chat.id));
    }
    this.renderViewer(chat, role);
    this.renderBadge(store.attention(chat));
    this.list.render();
    this.composer.render();
    if (this.isLookedAt()) store.look(chat);
  }

  describe(role) {
    if (role === "group") {
      return ["member", "administrator"].includes(this.chat.bot) ? "Group," : "Without the bot,";
    }
    const state = { blocked: ", has blocked the bot", deleted: ", account deleted", new: ", not started yet" };
    return `${ROLES[role]}${state[this.store.stateOf(this.chat)] ?? ""}`;
  }

  renderViewer(chat, role) {
    this.seenBy.hidden = role !== "group";
    const people = this.store.members(chat);
    const key = people.map((person) => `${person.id}${person.first_name}`).join();
    if (this.viewer.dataset.key !== key) {
      this.viewer.dataset.key = key;
      this.viewer.replaceChildren(...people.map((person) => el("option", { value: person.id }, person.first_name)));
    }
    this.viewer.value = String(this.identity ?? "");
  }

  renderBadge({ count, edited }) {
    const news = count > 0 || edited;
    this.node.classList.toggle("chat-unread", news);
    this.badge.hidden = !news;
    setText(this.badge, count ? String(count) : "");
    this.badge.setAttribute("aria-label", count ? `${count} unread` : "Changed");
    this.badge.setAttribute("role", "img");
  }

  /** Say whether new messages here count as seen: the page is open, and the viewer was here last or sees no other. */
  isLookedAt() {
    const inUse = this.node.classList.contains("chat-active") || ONE_AT_A_TIME.matches;
    return inUse && document.visibilityState === "visible" && this.node.offsetParent !== null;
  }

  look() {
    if (!this.node.classList.contains("chat-active")) {
      for (const other of document.querySelectorAll(".chat-active")) other.classList.remove("chat-active");
      this.node.classList.add("chat-active");
    }
    this.store.look(this.chat);
  }

  /** Do something as the person whose chat this is. */
  async act(wish, failure = "This could not be sent") {
    this.list.stick = true;
    this.look();
    return attempt(failure, () => api.act({ who: this.identity, chat: this.chatId, ...wish }));
  }

  doors() {
    return {
      link: (url) => openLink(this.store, url, this.identity, this.show),
      command: (text) => this.act({ do: "send", text }),
      unplayable: (label) => toast(`The sandbox cannot play the button “${label}”.`),
      open: (messageId) => this.list.find(messageId),
      actions: (message, own) => this.messageActions(message, own),
      tap: (message, button, node) => this.tap(message, button, node),
    };
  }

  tap(message, button, node) {
    this.look();
    const identity = this.identity;
    const wish = { who: identity, chat: this.chatId, do: "tap", message_id: message.message_id, data: button.data };
    return tap({
      store: this.store, wish, node,
      answered: (answer) => this.showAnswer(answer, identity),
      unanswered: () => this.over.note("The bot has not answered this tap. Is it running?"),
    });
  }

  showAnswer(answer, identity) {
    if (answer.text && answer.show_alert) this.over.alert(answer.text, this.store.bot.first_name);
    else if (answer.text) this.over.note(answer.text);
    if (answer.url) attempt("The link could not be opened", () => openAnswer(this.store, answer.url, identity, this.show));
  }

  /** Show that the bot is writing. */
  types() {
    clearTimeout(this.typing);
    const stop = () => {
      this.typing = null;
      this.render();
    };
    this.typing = setTimeout(stop, TYPING_FOR);
    this.render();
  }

  async menu() {
    await chatMenu(this.store, this.chat, (wish, failure) => this.act(wish, failure));
  }

  async messageActions(message, own) {
    const picked = await messageMenu(message, own);
    if (picked === "reply") this.composer.replyTo(message);
    if (picked === "edit") this.composer.edit(message);
    if (picked === "delete") await this.act({ do: "delete", message_id: message.message_id }, "This could not be deleted");
  }

  /** Bring this chat into view. */
  reveal() {
    this.node.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "nearest" });
    this.look();
  }
}
