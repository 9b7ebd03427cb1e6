/** Adding phones, and the usual cast when there is nobody yet. */

import { api } from "./api.js";
import { ask } from "./dialogs.js";
import { el } from "./dom.js";
import { attempt } from "./toasts.js";

const ROLES = [["patient", "Patient"], ["clinician", "Clinician"], ["admin", "Admin"], ["other", "Somebody else"]];
const LANGUAGES = [["en", "English"], ["de", "German"], ["fr", "French"], ["es", "Spanish"], ["it", "Italian"]];

/** Ask for name, role, language and number, and add the phone; `show(chatId)` then brings it into view. */
export async function addPhone(show) {
  const fields = [
    { name: "first_name", label: "First name", required: true },
    { name: "role", label: "Who is it?", options: ROLES },
    { name: "language_code", label: "Language of the phone", options: LANGUAGES },
    { name: "phone", label: "Phone number", type: "tel", value: `+44 7700 900${Math.floor(100 + Math.random() * 900)}` },
  ];
  const answers = await ask("Add a phone", fields, "Add");
  if (answers === null) return;
  const person = Object.fromEntries(Object.entries(answers).filter(([, value]) => value));
  await attempt("The phone could not be added", async () => show((await api.addPerson(person)).id));
}

async function usualCast() {
  await attempt("The phones could not be added", async () => {
    const add = (name, role, phone) => api.addPerson({ first_name: name, role, phone, language_code: "en" });
    await add("Anna", "patient", "+44 7700 900101");
    await add("Ben", "patient", "+44 7700 900102");
    const clinician = await add("Dana", "clinician", "+44 7700 900103");
    const admin = await add("Alex", "admin", "+44 7700 900104");
    await api.addGroup({ title: "Clinic alerts", members: [clinician.id, admin.id] });
  });
}

/** What the page shows while there is nobody. */
export function nobody() {
  return el(
    "div", { class: "nobody" },
    el("h2", {}, "No phones yet"),
    el("p", {}, "Add phones one by one, or start with two patients, a clinician, an admin and the clinic's group."),
    el("button", { type: "button", class: "start", on: { click: usualCast } }, "Add the usual five"),
  );
}
