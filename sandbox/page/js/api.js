/** The control side of the sandbox, `/_/...`. */

/** The sandbox said no; the message is a sentence for people. */
export class RefusedError extends Error {}

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(`/_/${path}`, { cache: "no-store", ...options });
  } catch {
    throw new RefusedError("The sandbox cannot be reached. Is it still running?");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new RefusedError(answer?.error ?? `The sandbox answered with error ${response.status}.`);
}

export const api = {
  settings: () => call("settings"),
  people: () => call("people"),
  chats: () => call("chats"),
  messages: (chat) => call(`chats/${chat}/messages`),
  commands: (chat, person) => call(`chats/${chat}/commands?person=${person}`),
  clock: () => call("clock"),
  moveClock: (how) => call("clock", how),
  act: (wish) => call("act", wish),
  addPerson: (person) => call("people", person),
  addGroup: (group) => call("groups", group),
  changeGroup: (chat, what, body = {}) => call(`groups/${chat}/${what}`, body),
};

const KINDS = ["message", "edit", "delete", "callback", "clock", "chat", "action"];
const SLOWEST_RETRY = 5000;

/**
 * Follow what happens. `onOpen` runs each time the stream is up, `onEvent(kind, data)` for each event,
 * `onLost` when it breaks. It comes back by itself and asks for what it missed: `lastSeq()` says since when.
 */
export function follow({ lastSeq, onOpen, onEvent, onLost }) {
  let wait = 300;
  const connect = () => {
    const after = lastSeq();
    const source = new EventSource(`/_/events${after === null ? "" : `?after=${after}`}`);
    source.addEventListener("open", () => {
      wait = 300;
      onOpen();
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      source.close();
      onLost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, SLOWEST_RETRY);
    });
  };
  connect();
}
