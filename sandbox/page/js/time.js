/** The sandbox's time and how people read it: "Tue 14:30". */

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const REMEMBERED = "sandbox-zone";

let offset = 0;
let zone = known(new URLSearchParams(location.search).get("zone"))
  ?? known(localStorage.getItem(REMEMBERED)) ?? OWN_ZONE;
let formats = formatsFor(zone);

function known(name) {
  if (!name) return null;
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

function formatsFor(timeZone) {
  const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...options });
  const clock = { hour: "2-digit", minute: "2-digit" };
  return {
    weekday: format({ weekday: "short" }),
    clock: format(clock),
    seconds: format({ ...clock, second: "2-digit" }),
    date: format({ day: "numeric", month: "short", year: "numeric" }),
    day: format({ weekday: "long", day: "numeric", month: "long" }),
  };
}

/** Learn the sandbox's time, an ISO-8601 text. */
export function synchronise(now) {
  offset = Date.parse(now) - Date.now();
}

/** The sandbox's time as a Date. */
export function now() {
  return new Date(Date.now() + offset);
}

/** The zones to choose from: the viewer's own, UTC, and the one in use. */
export function zones() {
  return [...new Set([OWN_ZONE, "UTC", zone])];
}

/** The zone in which times are shown. */
export function shownZone() {
  return zone;
}

/** Show times in another zone from now on. */
export function showZone(name) {
  zone = known(name) ?? zone;
  formats = formatsFor(zone);
  localStorage.setItem(REMEMBERED, zone);
}

/** "Tue 14:30" */
export function moment(date) {
  return `${formats.weekday.format(date)} ${formats.clock.format(date)}`;
}

/** "Tue 24 Nov 2026 14:30:05" */
export function fullMoment(date) {
  return `${formats.weekday.format(date)} ${formats.date.format(date)} ${formats.seconds.format(date)}`;
}

/** "Tuesday 24 November" */
export function day(date) {
  return formats.day.format(date).replace(",", "");
}
