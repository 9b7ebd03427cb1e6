/** What the viewer has not looked at yet. */

const KEPT = "sandbox-read";

/** Per chat the number of the newest event that was looked at; kept for this browser tab. */
export class ReadMarks {
  constructor() {
    try {
      this.marks = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
    } catch {
      this.marks = new Map();
    }
  }

  of(chatId) {
    return this.marks.get(chatId) ?? 0;
  }

  /** Take `seq` as read unless an earlier look is remembered; one from another sandbox is not. */
  begin(chatId, seq) {
    const remembered = this.marks.get(chatId);
    if (remembered === undefined || remembered > seq) this.read(chatId, seq, true);
  }

  /** Take everything up to `seq` as read; say whether that was news. */
  read(chatId, seq, force = false) {
    if (!force && this.of(chatId) >= seq) return false;
    this.marks.set(chatId, seq);
    sessionStorage.setItem(KEPT, JSON.stringify([...this.marks]));
    return true;
  }
}

/** Count what is new in a history since a mark, from one person's point of view. */
export function attentionOf(history, mark, identity) {
  const others = history.filter((message) => message.seq > mark && message.from.id !== identity);
  const unread = others.filter((message) => message.born > mark);
  return { count: unread.length, edited: others.length > unread.length, first: unread[0] ?? null };
}
