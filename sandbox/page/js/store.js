/** What the page knows: people, chats and messages, kept up to date by snapshots and events. */

import { api } from "./api.js";
import { attentionOf, ReadMarks } from "./unread.js";

const ORDER = ["patient", "group", "clinician", "admin", "other"];
const PRESENT = ["creator", "administrator", "member"];

/** Another sandbox has taken the address: nothing that is known here counts there. */
export class OtherSandboxError extends Error {}

export class Store extends EventTarget {
  constructor() {
    super();
    this.bot = { id: 0, first_name: "Bot", username: "" };
    this.people = new Map();
    this.chats = new Map();
    this.callbacks = new Map();
    this.lastSeq = null;
    this.run = null;
    this.loaded = false;
    this.marks = new ReadMarks();
    this.messages = new Map();
    this.identities = new Map();
    this.dirty = new Set();
    this.waiting = { people: false, chats: false };
  }

  /** Read everything as it is now; what was there before the first look counts as read. */
  async load() {
    const [settings, people, chats] = await Promise.all([api.settings(), api.people(), api.chats()]);
    if (this.run !== null && this.run !== settings.run) throw new OtherSandboxError();
    if (this.run === null) this.marks.recall(settings.run);
    this.run = settings.run;
    this.bot = settings.bot;
    this.takePeople(people);
    for (const chat of chats) this.takeChat(chat);
    const histories = await Promise.all(chats.map((chat) => api.messages(chat.id)));
    for (const message of histories.flat()) this.takeMessage(message);
    this.saw(settings.last_event);
    if (!this.loaded) for (const chat of this.chats.values()) this.marks.begin(chat.id, this.newest(chat));
    this.loaded = true;
    for (const chat of chats) this.touch(chat.id);
  }

  /** Take one event of the stream. */
  take(kind, data) {
    this.saw(data.seq);
    if (data.message) {
      if (this.takeMessage(data.message)) this.afterMessage(kind, data.message);
    } else if (kind === "chat") {
      const fresh = !this.chats.has(data.chat.id);
      this.takeChat(data.chat);
      if (fresh && this.loaded) this.marks.begin(data.chat.id, data.seq);
      this.refresh("people");
    } else if (kind === "callback") {
      this.callbacks.set(data.callback_id, data);
      this.dispatchEvent(new CustomEvent("callback", { detail: data }));
    } else if (kind === "action") {
      this.dispatchEvent(new CustomEvent("action", { detail: data }));
    }
  }

  saw(seq) {
    this.lastSeq = Math.max(this.lastSeq ?? 0, seq);
  }

  takePeople(people) {
    for (const person of people) this.people.set(person.id, person);
  }

  takeChat(chat) {
    this.chats.set(chat.id, chat);
    this.touch(chat.id);
  }

  /** Keep a message unless a newer state of it is known; say whether it was news. */
  takeMessage(message) {
    this.saw(message.seq);
    if (!this.messages.has(message.chat)) this.messages.set(message.chat, new Map());
    const known = this.messages.get(message.chat);
    const before = known.get(message.message_id);
    if (before && before.seq >= message.seq) return false;
    known.set(message.message_id, { ...message, born: before?.born ?? message.seq });
    this.touch(message.chat);
    return true;
  }

  afterMessage(kind, message) {
    const chat = this.chats.get(message.chat);
    if (!chat || kind !== "message" || !message.from.is_bot) return;
    if (message.keyboard || chat.keyboard) this.refresh("chats");
  }

  /** Read people or chats again soon; the events do not carry everything about them. */
  refresh(what) {
    if (this.waiting[what]) return;
    this.waiting[what] = true;
    setTimeout(async () => {
      this.waiting[what] = false;
      try {
        const found = await api[what]();
        if (what === "people") this.takePeople(found);
        else for (const chat of found) this.takeChat(chat);
        for (const chat of this.chats.keys()) this.touch(chat);
      } catch {
        // The stream breaks too when the sandbox is gone; what is missed here is read again then.
      }
    }, 50);
  }

  /** Have a chat drawn again. */
  touch(chatId) {
    const chat = this.chats.get(chatId);
    this.dirty.add(chat?.migrated_to ?? chatId);
    if (this.dirty.size === 1) setTimeout(() => this.flush(), 0);
  }

  flush() {
    const dirty = new Set(this.dirty);
    this.dirty.clear();
    this.dispatchEvent(new CustomEvent("change", { detail: dirty }));
  }

  /** The chats to show, patients first; a group that became a supergroup shows as the new one. */
  shown() {
    const found = [...this.chats.values()].filter((chat) => !chat.migrated_to);
    const place = (chat) => ORDER.indexOf(this.role(chat));
    return found.sort((one, other) => place(one) - place(other) || this.age(one) - this.age(other));
  }

  age(chat) {
    return Math.abs(chat.id);
  }

  /** "patient", "clinician", "admin", "group" or "other". */
  role(chat) {
    if (chat.type !== "private") return "group";
    const role = this.people.get(chat.id)?.role;
    return ORDER.includes(role) ? role : "other";
  }

  /** The people in a chat now. */
  members(chat) {
    const present = chat.members.filter((member) => PRESENT.includes(member.status));
    return present.map((member) => this.people.get(member.id)).filter(Boolean);
  }

  /** The id of the person through whose eyes a chat is shown. */
  identity(chat) {
    if (chat.type === "private") return chat.id;
    const members = this.members(chat);
    const chosen = members.find((person) => person.id === this.identities.get(chat.id));
    return (chosen ?? members.find((person) => person.role === "clinician") ?? members[0])?.id ?? null;
  }

  /** Look at a group through somebody else's eyes. */
  identify(chat, personId) {
    this.identities.set(chat.id, personId);
    this.touch(chat.id);
  }

  /** A chat's messages in order, without deleted ones, a supergroup's with those before its upgrade. */
  history(chat) {
    const places = [chat.migrated_from, chat.id].filter(Boolean);
    const found = places.flatMap((id) => [...(this.messages.get(id)?.values() ?? [])]);
    return found.filter((message) => !message.deleted);
  }

  message(chat, id) {
    return this.history(chat).findLast((message) => message.message_id === id) ?? null;
  }

  newest(chat) {
    return Math.max(0, ...this.history(chat).map((message) => message.seq));
  }

  /** `{count, edited, first}`: unread messages, whether read ones have changed, the first unread one. */
  attention(chat) {
    return attentionOf(this.history(chat), this.marks.of(chat.id), this.identity(chat));
  }

  /** The viewer has looked at this chat. */
  look(chat) {
    if (this.marks.read(chat.id, this.newest(chat))) this.touch(chat.id);
  }

  /** Whether the bot may be written to, and whether it answers. */
  stateOf(chat) {
    if (chat.type !== "private") return "open";
    const person = this.people.get(chat.id);
    if (!person) return "open";
    if (person.deleted) return "deleted";
    if (person.blocked) return "blocked";
    return person.started ? "open" : "new";
  }
}
