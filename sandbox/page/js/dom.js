/** Building elements. Text from outside only ever becomes text nodes, never markup. */

/**
 * Make an element.
 * Attributes: `class`, `on` ({event: listener}), `data` ({name: value}); true means present, and
 * null, undefined and false mean absent. Children: nodes, strings, nested lists; null is skipped.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      for (const [key, content] of Object.entries(value)) node.dataset[key] = content;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** Make `parent` hold exactly these nodes in this order, moving as few as possible. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let cursor = parent.firstChild;
  for (const node of nodes) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** Set the text of a node only when it differs, so that screen readers are not told twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const COLOURS = 6;

/** A round picture with the initials of a name; the colour follows the id. */
export function avatar(name, id) {
  const words = name.split(/\s+/).filter(Boolean);
  const initials = words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("");
  const colour = `avatar avatar-${Math.abs(Number(id)) % COLOURS}`;
  return el("span", { class: colour, "aria-hidden": "true" }, initials);
}
