/** Puts the page together: the store, the stream of events, chats, tabs and the clock. */

import { follow } from "./api.js";
import { ChatView } from "./chat.js";
import { resynchronise, say, startClock } from "./clock.js";
import { arrange } from "./dom.js";
import { addPhone, nobody } from "./people.js";
import { OtherSandboxError, Store } from "./store.js";
import { Tabs } from "./tabs.js";
import { attempt } from "./toasts.js";

const TITLE = document.title;
const RETRY_AFTER = 2000;
const place = document.getElementById("chats");
const store = new Store();
const views = new Map();
const tabs = new Tabs(store, show);
const empty = nobody();
let selected = null;
let expected = null;
let loaded = false;

function viewOf(chat) {
  if (!views.has(chat.id)) views.set(chat.id, new ChatView(store, chat.id, show));
  return views.get(chat.id);
}

/** Bring a chat into view, as soon as it is known, and take it as looked at. */
function show(chatId) {
  expected = store.chats.has(chatId) ? null : chatId;
  if (expected !== null) return;
  selected = chatId;
  draw(new Set([chatId]));
  views.get(chatId).reveal();
  tabs.reveal(chatId);
}

function draw(dirty) {
  if (!loaded) return;
  const chats = store.shown();
  const known = new Set(views.keys());
  const shown = chats.map(viewOf);
  if (!chats.some((chat) => chat.id === selected)) selected = chats[0]?.id ?? null;
  for (const view of shown) view.node.classList.toggle("chat-selected", view.chatId === selected);
  arrange(place, shown.length ? shown.map((view) => view.node) : [empty]);
  for (const view of shown) if (dirty.has(view.chatId) || !known.has(view.chatId)) view.render();
  tabs.render(chats, selected);
  const unread = chats.reduce((sum, chat) => sum + store.attention(chat).count, 0);
  document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
}

async function opened() {
  try {
    await Promise.all([store.load(), resynchronise()]);
  } catch (error) {
    if (error instanceof OtherSandboxError) return location.reload();
    say("The sandbox does not answer. Trying again…", { stays: true });
    setTimeout(opened, RETRY_AFTER);
    return;
  }
  loaded = true;
  document.body.dataset.live = "yes";
  say("");
  draw(new Set(views.keys()));
}

function happened(kind, data) {
  store.take(kind, data);
  if (kind === "clock") attempt("The clock could not be read", resynchronise);
}

function lost() {
  delete document.body.dataset.live;
  say("The connection to the sandbox is lost. Trying again…", { stays: true });
}

store.addEventListener("change", ({ detail }) => {
  draw(detail);
  if (store.chats.has(expected)) show(expected);
});
store.addEventListener("action", ({ detail }) => views.get(detail.chat)?.types());
document.addEventListener("visibilitychange", () => draw(new Set(views.keys())));
document.getElementById("add-phone").addEventListener("click", () => addPhone(show));
startClock(() => draw(new Set(views.keys())));
follow({ lastSeq: () => store.lastSeq, onOpen: opened, onEvent: happened, onLost: lost });
