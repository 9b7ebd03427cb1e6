/** The scrolling list of messages of one chat: day lines, the line above what is new, edits in place. */

import { arrange, el, setText } from "./dom.js";
import { messageArticle } from "./message.js";
import { day, shownZone } from "./time.js";

const NEAR_THE_END = 60;
const FOLLOWS_WITHIN = 10 * 60 * 1000;
const FLASH = 1600;

export class MessageList {
  constructor(store, chat, doors) {
    Object.assign(this, { store, doors, chatOf: chat });
    this.drawn = new Map();
    this.days = new Map();
    this.stick = true;
    this.list = el("div", { class: "messages", role: "log", "aria-label": "Messages", tabindex: "0" });
    this.inner = el("div", { class: "messages-inner" });
    this.list.append(this.inner);
    this.fresh = el("div", { class: "fresh-line" }, el("span", {}, "New"));
    this.jump = el("button", { type: "button", class: "to-end", "aria-label": "To the newest message", hidden: true, on: { click: () => this.toEnd() } }, "↓");
    this.node = el("div", { class: "messages-frame" }, this.list, this.jump);
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const follow = new ResizeObserver(() => this.stick && this.toEnd());
    follow.observe(this.inner);
    follow.observe(this.list);
  }

  scrolled() {
    const left = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    this.stick = left < NEAR_THE_END;
    this.jump.hidden = this.stick;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  render() {
    const chat = this.chatOf();
    const history = this.store.history(chat);
    const identity = this.store.identity(chat);
    const { first } = this.store.attention(chat);
    const nodes = history.length ? [] : [this.empty(chat)];
    let today = "";
    let before = null;
    for (const message of history) {
      const date = day(new Date(message.date));
      if (date !== today) nodes.push(this.dayLine(date));
      if (message === first) nodes.push(this.fresh);
      const broken = date !== today || message === first || !before || !continues(before, message);
      nodes.push(this.article(chat, message, identity, !broken));
      [today, before] = [date, message];
    }
    arrange(this.inner, nodes);
    if (this.stick) this.toEnd();
  }

  dayLine(date) {
    if (!this.days.has(date)) this.days.set(date, el("div", { class: "day" }, el("span", {}, date)));
    return this.days.get(date);
  }

  article(chat, message, identity, follows) {
    const key = `${message.chat}/${message.message_id}`;
    const reply = message.reply_to === undefined ? null : this.store.message(chat, message.reply_to);
    const signature = [message.seq, identity, follows, shownZone(), reply?.seq, chat.topics?.length].join();
    const old = this.drawn.get(key);
    if (old?.signature === signature) return old.node;
    const view = {
      own: message.from.id === identity,
      group: chat.type !== "private",
      topic: chat.topics?.find((topic) => topic.message_thread_id === message.message_thread_id)?.name,
      follows, reply,
    };
    const node = messageArticle(message, view, this.doors);
    this.drawn.set(key, { signature, node, edits: message.edit_count });
    if (old) replace(old, node, message.edit_count);
    return node;
  }

  empty(chat) {
    const words = chat.type === "private"
      ? "Nothing here yet. Press Start, or open an invitation link as this phone."
      : "Nothing here yet.";
    if (!this.nothing) this.nothing = el("p", { class: "empty" });
    setText(this.nothing, words);
    return this.nothing;
  }

  /** Scroll to a message and light it up. */
  find(messageId) {
    const node = this.inner.querySelector(`[data-message-id="${Number(messageId)}"]`);
    node?.scrollIntoView({ behavior: "smooth", block: "center" });
    if (node) flash(node);
  }
}

/** Whether a message stands so close to the one above that it needs no name of its own. */
function continues(one, other) {
  const apart = Date.parse(other.date) - Date.parse(one.date);
  const plain = !one.new_chat_members && !one.left_chat_member && !one.buttons.length;
  return plain && one.from.id === other.from.id && apart < FOLLOWS_WITHIN;
}

function replace(old, node, edits) {
  const focused = old.node.contains(document.activeElement) ? document.activeElement.textContent : null;
  old.node.replaceWith(node);
  if (edits > old.edits) flash(node);
  if (focused === null) return;
  const buttons = [...node.querySelectorAll("button")];
  const same = buttons.find((button) => button.textContent === focused);
  (same ?? node.querySelector(".key") ?? buttons[0])?.focus({ preventScroll: true });
}

function flash(node) {
  node.classList.add("flash");
  setTimeout(() => node.classList.remove("flash"), FLASH);
}
