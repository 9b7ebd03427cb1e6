/** Links into Telegram: `t.me/<bot>?start=…` opens as one of the phones, `?startgroup=` in a group. */

import { api } from "./api.js";
import { choose } from "./dialogs.js";
import { attempt } from "./toasts.js";

const HOSTS = ["t.me", "telegram.me", "www.t.me"];

/** Read a deep link to the bot; null when the link leads elsewhere. */
export function deepLink(url, botName) {
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return null;
  }
  const query = parsed.searchParams;
  const inTelegram = parsed.protocol === "tg:";
  if (!inTelegram && !HOSTS.includes(parsed.hostname)) return null;
  const name = inTelegram ? query.get("domain") : parsed.pathname.split("/")[1];
  if ((name ?? "").toLowerCase() !== botName.toLowerCase()) return null;
  return query.has("startgroup")
    ? { kind: "group", payload: query.get("startgroup") }
    : { kind: "start", payload: query.get("start") ?? "" };
}

/** Follow a link found in the chat of `personId`; false when the browser should open it. */
export function openLink(store, url, personId, show) {
  const found = deepLink(url, store.bot.username ?? "");
  if (!found) return false;
  attempt("The link could not be opened", async () => {
    if (found.kind === "group") await openInGroup(store, found.payload, personId, show);
    else await openAs(store, found.payload, personId, show);
  });
  return true;
}

async function openAs(store, payload, personId, show) {
  const phones = store.shown().filter((chat) => chat.type === "private" && store.stateOf(chat) !== "deleted");
  const here = (chat) => (chat.id === personId ? "this phone" : { new: "not started yet" }[store.stateOf(chat)] ?? "");
  const options = phones.map((chat) => ({ value: chat.id, label: chat.title, note: here(chat), id: chat.id }));
  const who = await choose("Open as:", options, "Whose phone opens this link?");
  if (who === null) return;
  await api.act({ who, do: "start", payload });
  show(who);
}

async function openInGroup(store, payload, personId, show) {
  const groups = store.shown().filter((chat) => chat.type !== "private");
  const holds = (chat) => ["member", "administrator"].includes(chat.bot);
  const options = groups.map((chat) => ({
    value: chat.id, label: chat.title, note: holds(chat) ? "the bot is in it" : "", id: chat.id,
  }));
  const group = await choose("Add the bot to:", options, "Which group?");
  if (group === null) return;
  const chat = store.chats.get(group);
  const inside = store.members(chat).some((person) => person.id === personId);
  await api.changeGroup(group, "add_bot", { by: inside ? personId : store.identity(chat), payload });
  show(group);
}

/** Open a link that the bot gave as answer to a tap: Telegram opens it as who tapped. */
export async function openAnswer(store, url, personId, show) {
  const found = deepLink(url, store.bot.username ?? "");
  if (found) {
    await api.act({ who: personId, do: "start", payload: found.payload });
    show(personId);
  } else if (/^https?:/i.test(url)) {
    window.open(url, "_blank", "noopener,noreferrer");
  }
}
