/** What a message can hold besides text: pictures, files, voice, contacts, quotes, service notes. */

import { el } from "./dom.js";
import { enlarge } from "./dialogs.js";

const KILOBYTE = 1024;

/** A picture that opens at full size. */
export function picture(photo, caption) {
  const description = caption ? `Photo: ${caption}` : "Photo";
  const image = el("img", { src: photo.url, alt: description, width: photo.width, height: photo.height });
  const open = () => enlarge(photo.url, description);
  return el("button", { type: "button", class: "photo", "aria-label": `${description}. Open`, on: { click: open } }, image);
}

/** A file to download. */
export function file(found) {
  const name = found.file_name ?? "File";
  return el(
    "a", { class: "file", href: found.url, download: name },
    el("span", { class: "file-sign", "aria-hidden": "true" }, "↓"),
    el("span", { class: "file-words" }, el("span", { class: "file-name" }, name), el("span", { class: "file-size" }, size(found.file_size))),
  );
}

function size(bytes) {
  if (bytes < KILOBYTE) return `${bytes} B`;
  if (bytes < KILOBYTE ** 2) return `${Math.round(bytes / KILOBYTE)} KB`;
  return `${(bytes / KILOBYTE ** 2).toFixed(1)} MB`;
}

/** A voice message: simulated ones have a length but no sound. */
export function voice(found) {
  const seconds = String(found.duration % 60).padStart(2, "0");
  const sign = el("span", { class: "file-sign", "aria-hidden": "true" }, "▶");
  return el("div", { class: "voice" }, sign, el("span", {}, `Voice message ${Math.floor(found.duration / 60)}:${seconds}`));
}

/** A contact card. */
export function contact(found) {
  const name = [found.first_name, found.last_name].filter(Boolean).join(" ");
  return el("div", { class: "contact" }, el("strong", {}, name), el("span", {}, found.phone_number));
}

/** The message that is answered, in short. */
export function quote(original, onOpen) {
  const name = original ? original.from.first_name : "Deleted message";
  return el(
    "button", { type: "button", class: "quote", on: { click: onOpen } },
    el("span", { class: "quote-name" }, name),
    el("span", { class: "quote-text" }, original ? summary(original) : ""),
  );
}

/** One line that stands for a message. */
export function summary(message) {
  const words = message.text ?? message.caption ?? "";
  const kind = message.photo ? "Photo" : message.document ? "File" : message.voice ? "Voice message" : message.contact ? "Contact" : "";
  return [kind, words].filter(Boolean).join(": ").replace(/\s+/g, " ").slice(0, 120) || "Message";
}

/** What a service message says, null when the message is an ordinary one. */
export function serviceNote(message) {
  const who = message.from.first_name;
  const names = (people) => people.map((person) => person.first_name).join(", ");
  if (message.new_chat_members) {
    const joined = names(message.new_chat_members);
    return joined === who ? `${who} joined the group` : `${who} added ${joined}`;
  }
  if (message.left_chat_member) {
    const left = message.left_chat_member.first_name;
    return left === who ? `${who} left the group` : `${who} removed ${left}`;
  }
  if (message.forum_topic_created) return `${who} opened the topic “${message.forum_topic_created.name}”`;
  if (message.forum_topic_closed) return `${who} closed the topic`;
  if (message.forum_topic_reopened) return `${who} opened the topic again`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "The group became a supergroup";
  if (message.pinned_message) return `${who} pinned a message`;
  return null;
}
