/** The clock at the top: shows the sandbox's time, and jumps. */

import { api } from "./api.js";
import { el, setText } from "./dom.js";
import * as time from "./time.js";
import { attempt } from "./toasts.js";

const HOUR = 3600;
const JUMPS = {
  hour: { forward_seconds: HOUR },
  day: { forward_seconds: 24 * HOUR },
  event: { to_next_event: true },
};
const CHECKED_EVERY = 30_000;
const STATUS_FOR = 8000;
// The sandbox waits three seconds for followers before it answers a jump.
const GIVEN_UP_AFTER = 2900;

const shown = document.getElementById("clock-now");
const status = document.getElementById("status");
const buttons = [...document.querySelectorAll("[data-jump]")];
let clearing = 0;

/** Say what is going on; an empty text says nothing. */
export function say(text, { stays = false } = {}) {
  clearTimeout(clearing);
  setText(status, text);
  if (text && !stays) clearing = setTimeout(() => setText(status, ""), STATUS_FOR);
}

/** Read the sandbox's time anew. */
export async function resynchronise() {
  time.synchronise((await api.clock()).now);
  tick();
}

function tick() {
  const now = time.now();
  setText(shown, time.fullMoment(now));
  shown.setAttribute("datetime", now.toISOString());
}

async function jump(name) {
  for (const button of buttons) button.disabled = true;
  say("Time has jumped. The bot is catching up…", { stays: true });
  const started = performance.now();
  const failure = name === "event" ? "The clock stays where it is" : "The clock did not move";
  const moved = await attempt(failure, async () => {
    const answer = await api.moveClock(JUMPS[name]);
    time.synchronise(answer.now);
    tick();
  });
  const late = performance.now() - started > GIVEN_UP_AFTER;
  if (!moved) say("");
  else say(late ? `It is ${time.moment(time.now())} now. The bot has not said yet that it caught up.` : `It is ${time.moment(time.now())} now.`);
  for (const button of buttons) button.disabled = false;
}

/** Start the clock; `redraw` is called when times are to be shown in another zone. */
export function startClock(redraw) {
  for (const button of buttons) button.addEventListener("click", () => jump(button.dataset.jump));
  const choice = document.getElementById("clock-zone");
  choice.append(...time.zones().map((zone) => el("option", { value: zone }, zone.replaceAll("_", " "))));
  choice.value = time.shownZone();
  choice.addEventListener("change", () => {
    time.showZone(choice.value);
    tick();
    redraw();
  });
  setInterval(tick, 500);
  setInterval(() => resynchronise().catch(() => {}), CHECKED_EVERY);
}
