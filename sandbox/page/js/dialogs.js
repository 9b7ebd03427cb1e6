/** Windows over the page: choosing one of several, a form, a picture at full size. */

import { avatar, el } from "./dom.js";

function open(dialog, whenClosed) {
  dialog.addEventListener("close", () => {
    dialog.remove();
    whenClosed?.(dialog.returnValue);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  document.body.append(dialog);
  dialog.showModal();
}

function heading(text) {
  return el("h2", { class: "dialog-title" }, text);
}

/**
 * Let the viewer choose. Options: `{value, label, note?, id?}` (an id gives a picture with initials).
 * Resolves to the value, null when the window was closed.
 */
export function choose(title, options, question = title) {
  return new Promise((resolve) => {
    let chosen = null;
    const dialog = el("dialog", { class: "dialog", "aria-label": question }, heading(title));
    const rows = options.map((option) => {
      const pick = () => {
        chosen = option.value;
        dialog.close();
      };
      return el(
        "button", { type: "button", class: "choice", on: { click: pick } },
        option.id === undefined ? null : avatar(option.label, option.id),
        el("span", { class: "choice-label" }, option.label),
        option.note ? el("span", { class: "choice-note" }, option.note) : null,
      );
    });
    const none = options.length ? null : el("p", { class: "dialog-text" }, "There is nothing to choose from yet.");
    const cancel = el("button", { type: "button", class: "pill", on: { click: () => dialog.close() } }, "Cancel");
    dialog.append(el("div", { class: "choices" }, rows, none), el("div", { class: "dialog-foot" }, cancel));
    open(dialog, () => resolve(chosen));
  });
}

/**
 * Ask for several values. Fields: `{name, label, value?, options?, required?, type?}`.
 * Resolves to `{name: text}`, null when the window was closed.
 */
export function ask(title, fields, confirm) {
  return new Promise((resolve) => {
    const inputs = fields.map((field) => [field, control(field)]);
    const rows = inputs.map(([field, input]) => el("label", { class: "field" }, el("span", {}, field.label), input));
    const dialog = el("dialog", { class: "dialog", "aria-label": title }, heading(title));
    const cancel = el("button", { type: "button", class: "pill", on: { click: () => dialog.close("") } }, "Cancel");
    const foot = el("div", { class: "dialog-foot" }, cancel, el("button", { class: "pill pill-main", value: "ok" }, confirm));
    dialog.append(el("form", { method: "dialog" }, rows, foot));
    open(dialog, (answer) => {
      const values = inputs.map(([field, input]) => [field.name, input.value.trim()]);
      resolve(answer === "ok" ? Object.fromEntries(values) : null);
    });
  });
}

function control(field) {
  const common = { class: "field-input", required: field.required };
  if (!field.options) return el("input", { ...common, type: field.type ?? "text", value: field.value, autocomplete: "off" });
  return el("select", common, field.options.map(([value, label]) => el("option", { value }, label)));
}

/** Show a picture as large as the window. */
export function enlarge(url, description) {
  const dialog = el("dialog", { class: "picture", "aria-label": description });
  const close = () => dialog.close();
  dialog.append(
    el("img", { src: url, alt: description, on: { click: close } }),
    el("button", { type: "button", class: "picture-close", "aria-label": "Close", on: { click: close } }, "×"),
  );
  open(dialog);
}
