/** What the dots beside a message and at the top of a chat offer. */

import { api } from "./api.js";
import { choose } from "./dialogs.js";
import { attempt } from "./toasts.js";

/** What to do with a message: "reply", "edit", "delete" or null. */
export function messageMenu(message, own) {
  const options = [{ value: "reply", label: "Reply" }];
  if (own && message.text !== undefined) options.push({ value: "edit", label: "Edit" });
  if (own) options.push({ value: "delete", label: "Delete", note: "for everybody" });
  return choose("Message", options);
}

/** Offer what can be done with a chat, and do it. */
export async function chatMenu(store, chat, act) {
  const items = chat.type === "private" ? privateItems(store, chat, act) : groupItems(store, chat);
  const picked = await choose(chat.title, items.map(([label, , note], value) => ({ value, label, note })));
  if (picked !== null) await items[picked][1]();
}

function privateItems(store, chat, act) {
  const state = store.stateOf(chat);
  if (state === "deleted") return [];
  const items = [["Press Start", () => act({ do: "start" })]];
  if (state === "blocked") items.push(["Unblock the bot", () => act({ do: "unblock" })]);
  else items.push(["Block the bot", () => act({ do: "block" })]);
  items.push(["Delete the account", () => act({ do: "delete_account" }), "cannot be undone"]);
  return items;
}

function groupItems(store, chat) {
  const change = (failure, what, body) => () => attempt(failure, () => api.changeGroup(chat.id, what, body));
  const by = store.identity(chat);
  const inside = ["member", "administrator"].includes(chat.bot);
  const present = new Set(store.members(chat).map((person) => person.id));
  const outside = [...store.people.values()].filter((person) => !present.has(person.id) && !person.deleted);
  const items = [
    inside
      ? ["Remove the bot", change("The bot could not be removed", "remove_bot", { by })]
      : ["Add the bot", change("The bot could not be added", "add_bot", { by })],
    ["Add a person…", () => addMember(chat, outside)],
  ];
  if (inside && chat.bot !== "administrator") {
    items.push(["Make the bot an administrator", change("The bot could not be promoted", "promote", { person: store.bot.id })]);
  }
  if (chat.type === "group") {
    items.push(["Make it a supergroup", change("The group could not be upgraded", "upgrade"), "gets a new id"]);
  }
  return items;
}

async function addMember(chat, people) {
  const options = people.map((person) => ({ value: person.id, label: person.first_name, id: person.id }));
  const add = await choose(`Add to ${chat.title}`, options);
  if (add !== null) await attempt("Nobody was added", () => api.changeGroup(chat.id, "members", { add }));
}
