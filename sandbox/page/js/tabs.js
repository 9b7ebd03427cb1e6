/** At phone width one chat shows at a time; the tabs choose it and carry the marks of the others. */

import { arrange, el, setText } from "./dom.js";

export class Tabs {
  /** `show(chatId)` is called when a tab is chosen. */
  constructor(store, show) {
    Object.assign(this, { store, show });
    this.node = document.getElementById("tabs");
    this.tabs = new Map();
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  render(chats, selected) {
    const nodes = chats.map((chat) => {
      const tab = this.tab(chat.id);
      const { count, edited } = this.store.attention(chat);
      setText(tab.name, chat.title);
      setText(tab.badge, count ? String(count) : "");
      tab.badge.hidden = !count && !edited;
      tab.badge.setAttribute("aria-label", count ? `${count} unread` : "Changed");
      tab.node.setAttribute("aria-selected", String(chat.id === selected));
      tab.node.tabIndex = chat.id === selected ? 0 : -1;
      return tab.node;
    });
    arrange(this.node, nodes);
  }

  tab(chatId) {
    if (!this.tabs.has(chatId)) {
      const name = el("span", {});
      const badge = el("span", { class: "badge", role: "img" });
      const attributes = { type: "button", class: "tab", role: "tab", "aria-controls": `chat${chatId}`, data: { tab: chatId } };
      const node = el("button", { ...attributes, on: { click: () => this.show(chatId) } }, name, badge);
      this.tabs.set(chatId, { node, name, badge });
    }
    return this.tabs.get(chatId);
  }

  /** Bring the tab of a chat into sight. */
  reveal(chatId) {
    this.tabs.get(chatId)?.node.scrollIntoView({ block: "nearest", inline: "center" });
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const nodes = [...this.node.children];
    const next = nodes[(nodes.indexOf(document.activeElement) + step + nodes.length) % nodes.length];
    next?.focus();
    next?.click();
  }
}
