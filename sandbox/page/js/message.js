/** One message as people see it: an `article` with a bubble and the buttons under it. */

import { avatar, el } from "./dom.js";
import { richText } from "./entities.js";
import { inlineKeyboard } from "./keyboard.js";
import { contact, file, picture, quote, serviceNote, voice } from "./parts.js";
import { fullMoment, moment } from "./time.js";

/**
 * Draw a message.
 * `view` says how: `own` (the viewer's side), `group` (names are shown), `follows` (the one above has the
 * same sender), `reply` (the message answered or null), `topic`; and what clicking does: `doors`.
 */
export function messageArticle(message, view, doors) {
  const note = serviceNote(message);
  const data = { messageId: message.message_id };
  if (note) return el("article", { class: "service", data }, el("span", {}, note));
  const side = view.own ? "message message-own" : "message";
  const article = el(
    "article", { class: view.follows ? `${side} message-follows` : side, data, "aria-label": `From ${message.from.first_name}` },
    view.group && !view.own ? avatar(message.from.first_name, message.from.id) : null,
    el("div", { class: "message-body" }, bubble(message, view, doors), inlineKeyboard(message, doors)),
  );
  return article;
}

function bubble(message, view, doors) {
  const words = message.text ?? message.caption;
  const named = view.group && !view.own && !view.follows;
  const content = [
    named ? el("div", { class: `sender sender-${Math.abs(message.from.id) % 6}` }, message.from.first_name) : null,
    view.topic ? el("div", { class: "topic" }, `# ${view.topic}`) : null,
    message.forward_origin ? el("div", { class: "forwarded" }, forwarded(message.forward_origin)) : null,
    message.reply_to === undefined ? null : quote(view.reply, () => doors.open(message.reply_to)),
    message.photo ? picture(message.photo, message.caption) : null,
    message.document ? file(message.document) : null,
    message.voice ? voice(message.voice) : null,
    message.contact ? contact(message.contact) : null,
    words === undefined ? null : el("div", { class: "words" }, richText(words, message.entities, doors)),
    foot(message, view, doors),
  ];
  return el("div", { class: message.photo ? "bubble bubble-photo" : "bubble" }, content);
}

function forwarded(origin) {
  return `Forwarded from ${origin.sender_user?.first_name ?? origin.sender_user_name ?? "somebody"}`;
}

function foot(message, view, doors) {
  const sent = new Date(message.date);
  return el(
    "div", { class: "foot" },
    actions(message, view, doors),
    message.edited ? el("span", { class: "edited" }, "edited") : null,
    el("time", { datetime: message.date, title: fullMoment(sent) }, moment(sent)),
  );
}

function actions(message, view, doors) {
  const open = () => doors.actions(message, view.own);
  const label = `Reply or more: ${message.from.first_name}`;
  return el("button", { type: "button", class: "message-more", "aria-label": label, title: "Reply or more", on: { click: open } }, "⋯");
}
