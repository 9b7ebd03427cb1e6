/** Pictures, files and voice messages to send. */

import { choose } from "./dialogs.js";
import { el } from "./dom.js";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** Ask what to send; resolves to the action for the sandbox, null when nothing was chosen. */
export async function pickAttachment() {
  const kind = await choose("Attach", [
    { value: "photo", label: "Photo or picture…" },
    { value: "sample", label: "A sample photo", note: "red skin, made up" },
    { value: "file", label: "File…" },
    { value: "voice", label: "A voice message", note: "3 s, without sound" },
  ]);
  if (kind === "sample") return { do: "photo" };
  if (kind === "voice") return { do: "voice" };
  if (kind === null) return null;
  const file = await pickFile(kind === "photo" ? PICTURES.join() : "");
  return file && attachment(file, kind);
}

/** The action that sends this file: as a photo when it is a picture and nobody said "file". */
export async function attachment(file, kind = "photo") {
  const content = await base64(file);
  if (kind === "photo" && PICTURES.includes(file.type)) return { do: "photo", file: content };
  return { do: "document", name: file.name || "file", mime_type: file.type, file: content };
}

function pickFile(accept) {
  return new Promise((resolve) => {
    const input = el("input", { type: "file", accept, class: "hidden" });
    const finish = (file) => {
      input.remove();
      resolve(file);
    };
    input.addEventListener("change", () => finish(input.files[0] ?? null));
    input.addEventListener("cancel", () => finish(null));
    document.body.append(input);
    input.click();
  });
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
