/** Formatted text: plain text plus entities (offsets in UTF-16 units, as JavaScript counts) to nodes. */

import { el } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const SAFE_SCHEME = /^(https?|tg|mailto|tel):/i;

/**
 * Return nodes for a text. `doors` says what clicking does: `link(url)` and `command(text)`.
 * An entity that reaches over the end of the one it starts in is cut there.
 */
export function richText(text, entities, doors) {
  const sorted = [...(entities ?? [])].sort(
    (one, other) => one.offset - other.offset || other.length - one.length,
  );
  return between(text, 0, text.length, sorted, doors);
}

function between(text, start, end, entities, doors) {
  const nodes = [];
  let position = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...later] = rest;
    const from = Math.max(entity.offset, position);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) {
      rest = later;
      continue;
    }
    if (from > position) nodes.push(text.slice(position, from));
    const inside = later.filter((other) => other.offset < to);
    nodes.push(wrap(entity, text.slice(from, to), between(text, from, to, inside, doors), doors));
    position = to;
    rest = later.filter((other) => other.offset + other.length > to);
  }
  if (position < end) nodes.push(text.slice(position, end));
  return nodes;
}

function wrap(entity, words, content, doors) {
  if (TAGS[entity.type]) return el(TAGS[entity.type], {}, content);
  switch (entity.type) {
    case "url":
      return link(/^[a-z]+:/i.test(words) ? words : `https://${words}`, content, doors);
    case "text_link":
      return link(entity.url, content, doors);
    case "email":
      return link(`mailto:${words}`, content, doors);
    case "phone_number":
      return link(`tel:${words.replace(/[^+\d]/g, "")}`, content, doors);
    case "bot_command":
      return el("button", { type: "button", class: "command", on: { click: () => doors.command(words) } }, content);
    case "spoiler":
      return spoiler(content);
    default:
      return el("span", { class: "mention" }, content);
  }
}

function link(url, content, doors) {
  if (!SAFE_SCHEME.test(url ?? "")) return el("span", {}, content);
  const click = (event) => {
    if (doors.link(url)) event.preventDefault();
  };
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", on: { click } }, content);
}

function spoiler(content) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, press to show" }, content);
  const show = () => {
    node.classList.add("spoiler-open");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") show();
  });
  return node;
}
