/** What the viewer has not looked at yet. */

const KEPT = "sandbox-read";

/** Per chat the number of the newest event that was looked at; kept for this browser tab. */
export class ReadMarks {
  constructor() {
    this.marks = new Map();
    this.run = "";
  }

  /** Remember earlier looks at this run of the sandbox. */
  recall(run) {
    this.run = run;
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    if (kept.run === run) this.marks = new Map(kept.marks);
  }

  of(chatId) {
    return this.marks.get(chatId) ?? 0;
  }

  /** Take `seq` as read unless an earlier look is remembered. */
  begin(chatId, seq) {
    if (!this.marks.has(chatId)) this.read(chatId, seq);
  }

  /** Take everything up to `seq` as read; say whether that was news. */
  read(chatId, seq) {
    if (this.of(chatId) >= seq) return false;
    this.marks.set(chatId, seq);
    sessionStorage.setItem(KEPT, JSON.stringify({ run: this.run, marks: [...this.marks] }));
    return true;
  }
}

/** Count what is new in a history since a mark, from one person's point of view. */
export function attentionOf(history, mark, identity) {
  const others = history.filter((message) => message.seq > mark && message.from.id !== identity);
  const unread = others.filter((message) => message.born > mark);
  return { count: unread.length, edited: others.length > unread.length, first: unread[0] ?? null };
}
