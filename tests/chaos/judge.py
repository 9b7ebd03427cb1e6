"""Judges an episode: pure, from records alone. Every finding is a broken promise."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from tests.chaos.evidence import ALWAYS_EMERGENCY, Check, Evidence, Paged, Seen, Tap

IN_CASE, REMINDER, AWAY = "In case you missed it", "A reminder", "I was away"
REPEAT = "Possible repeat"
# Telegram shows whole seconds.
COARSE = timedelta(seconds=2)
# How long after its time a row may still be due when all is said to be settled.
GRACE = timedelta(seconds=5)


@dataclass(frozen=True)
class Finding:
    """A broken promise, by name and in words."""

    what: str
    words: str


@dataclass
class Judgement:
    """What was found, and the numbers for the report."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def of(self, what: str) -> list[Finding]:
        return [found for found in self.findings if found.what == what]


def judge(evidence: Evidence) -> Judgement:
    """Check every promise; an empty list of findings means that nothing was lost."""
    found = Judgement()
    for rule in (_answers, _outbox, _check_ins, _alerts, _books):
        found.findings += rule(evidence, found.counts)
    return found


def _answers(evidence: Evidence, counts: Counter[str]) -> Iterator[Finding]:
    """1. Every answer tapped is stored, or was forgotten by Telegram and asked again."""
    for tap in evidence.taps:
        counts["taps"] += 1
        if tap.handled and (not tap.is_answer or tap.stored or tap.told):
            counts["stored"] += tap.stored
        elif tap.handled:
            counts["lost answers"] += 1
            yield Finding("lost answer", f"{_name(tap)} was handled, but is not on record")
        elif not tap.forgotten:
            counts["lost answers"] += 1
            yield Finding("lost answer", f"{_name(tap)} never became part of the record")
        elif tap.is_answer and not _asked_again(evidence, tap):
            counts["lost answers"] += 1
            yield Finding("lost answer", f"{_name(tap)} was forgotten and not asked again")
        else:
            counts["asked again"] += tap.is_answer


def _name(tap: Tap) -> str:
    return f"tap {tap.data} by {tap.chat} at {tap.at:%a %H:%M:%S} (update {tap.update_id})"


def _asked_again(evidence: Evidence, tap: Tap) -> bool:
    """By "I was away", or by the words that end a check whose time was over meanwhile.

    Nobody needs to ask who has answered that question since.
    """
    if tap.stored or tap.replaced:
        return True
    if any(m.chat == tap.chat and m.at >= tap.at - COARSE and m.text.startswith(AWAY)
           for m in evidence.seen):  # fmt: skip
        return True
    check = next((found for found in evidence.checks if found.id == tap.check_in), None)
    return check is not None and check.ended_at is not None and any(
        row.kind == "closed_note" and row.check_in == check.asked_in and row.state != "missed"
        for row in evidence.rows
    )  # fmt: skip


def _outbox(evidence: Evidence, counts: Counter[str]) -> Iterator[Finding]:
    """2. Whatever is due was sent or recorded as missed; nothing is held for ever."""
    for row in evidence.rows:
        name = f"row {row.id} ({row.kind})"
        if row.state == "due" and row.due_at <= evidence.now - GRACE and not row.paced:
            yield Finding("overdue", f"{name} is still due since {row.due_at:%a %H:%M:%S}")
        if row.state == "failed":
            yield Finding("overdue", f"{name} failed")
        if row.held and row.state == "due":
            yield Finding("held", f"{name} is held, and nobody works on it")
        counts["missed"] += row.state == "missed"
        shown = row.message_id is None or (row.chat, row.message_id) in evidence.here
        if row.state == "sent" and row.sends and not shown:
            yield Finding("not delivered", f"{name} counts as sent, but Telegram shows nothing")


def _check_ins(evidence: Evidence, counts: Counter[str]) -> Iterator[Finding]:
    """2. and 3. Each check-in reached its patient, and a second time only in marked words."""
    for check in evidence.checks:
        if check.step == "report" or check.due_at > evidence.now - GRACE:
            continue
        invited = [m for m in evidence.seen if m.carries(f"rm:{check.asked_in}")]
        first = [m for m in invited if not m.text.startswith((REMINDER, AWAY))]
        plain = [m for m in first if not m.text.startswith(IN_CASE)]
        if not first and check.state not in ("missed", "cancelled"):
            yield Finding("lost check-in", f"check-in {check.id} ({check.state}) never came")
        if check.merged_into is not None:
            continue
        counts["check-ins"] += bool(first)
        counts["marked repeats"] += len(first) - len(plain) if plain else max(len(first) - 1, 0)
        if len(plain) > 1:
            counts["unmarked repeats"] += len(plain) - 1
            yield Finding("repeat", f"check-in {check.id} came {len(plain)} times unmarked")


def _alerts(evidence: Evidence, counts: Counter[str]) -> Iterator[Finding]:
    """4. Every danger has its alert, its cards and the patient's text; repeats are marked."""
    by_id = {alert.id: alert for alert in evidence.alerts}
    counts["alerts"] += len(by_id)
    for check in evidence.checks:
        yield from _danger(evidence, counts, check, by_id)
    for alert in evidence.alerts:
        cards = [m for m in evidence.seen if m.carries(f"kc:{alert.id}")]
        yield from _delivered(evidence, counts, alert, cards)
        yield from _card_repeats(evidence, counts, alert, cards)


def _danger(
    evidence: Evidence, counts: Counter[str], check: Check, by_id: dict[int, Paged]
) -> Iterator[Finding]:
    grave = bool(check.signs & ALWAYS_EMERGENCY) or check.level == "emergency"
    serious = grave or bool(check.signs) or check.danger_in_force or check.level == "urgent"
    levels = {by_id[one].level for one in check.alerts if one in by_id}
    if serious and not levels & ({"emergency"} if grave else {"urgent", "emergency"}):
        counts["lost alerts"] += 1
        signs = ", ".join(sorted(check.signs)) or check.level
        yield Finding("lost alert", _unheard(check, signs))
    if grave and not any(m.chat == check.chat and m.carries(f"h:{check.asked_in}")
                         for m in evidence.seen):  # fmt: skip
        counts["lost alerts"] += 1
        words = f"the patient of check-in {check.id} got none [{check.story}]"
        yield Finding("no emergency text", words)


def _unheard(check: Check, signs: str) -> str:
    return f"check-in {check.id} ({signs}) has no fitting alert [{check.story}]"


def _delivered(
    evidence: Evidence, counts: Counter[str], alert: Paged, cards: list[Seen]
) -> Iterator[Finding]:
    """Group and everybody on duty; once somebody is on it, those that were not sent may stay."""
    wanted = {evidence.group, *evidence.on_duty}
    reached = {m.chat for m in cards if m.at >= alert.at - COARSE}
    lacking = wanted - reached if alert.state == "open" or not reached & wanted else set()
    if lacking:
        counts["lost alerts"] += 1
        yield Finding("lost alert", f"alert {alert.id} never reached {sorted(lacking)}")


def _card_repeats(
    evidence: Evidence, counts: Counter[str], alert: Paged, cards: list[Seen]
) -> Iterator[Finding]:
    """Each row may bring one plain card; more than that are repeats that do not say so."""
    rows = Counter(
        "group" if row.kind == "card_group" else "private"
        for row in evidence.rows
        if row.alert == alert.id and row.kind in ("card_group", "card_private") and not row.away
    )
    plain = Counter(
        "group" if m.chat == evidence.group else "private"
        for m in cards
        if REPEAT not in m.text and not m.text.startswith(AWAY)
    )
    counts["marked repeats"] += sum(REPEAT in m.text for m in cards)
    for place in plain:
        more = plain[place] - rows[place]
        if more > 0:
            counts["unmarked repeats"] += more
            words = f"alert {alert.id}: {more} {place} card(s) too many without saying so"
            yield Finding("repeat", words)


def _books(evidence: Evidence, _counts: Counter[str]) -> Iterator[Finding]:
    """5. The chain verifies, the inbox is empty, and nothing went wrong on the way."""
    if evidence.audit_broken_at is not None:
        yield Finding("audit", f"the audit chain breaks at {evidence.audit_broken_at}")
    if evidence.unhandled:
        yield Finding("unhandled", f"{evidence.unhandled} updates wait in the inbox")
    for words in evidence.failed_updates:
        yield Finding("failed update", words)
    for words in evidence.logged:
        yield Finding("logged error", words)
