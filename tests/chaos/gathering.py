"""Reads the database and what Telegram showed, and writes it down for the judge."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from care.audit import verify
from care.outbox import KINDS
from sandbox.people import Message
from storage.tables import Alert, AlertEvent, Answer, CheckIn, InboxUpdate, OutboxRow, Patient
from tests.chaos.evidence import Check, Evidence, Paged, Row, Seen, Tap
from tests.chaos.patients import LEADING, Tapped
from tests.chaos.world import Ward

# Handling ends a moment after the drawing, by Telegram's whole seconds up to one more.
DRAWN_WITHIN = timedelta(seconds=3)
PAGED = ("opened", "raised")


async def evidence_of(ward: Ward) -> Evidence:
    """Everything the judge needs, as it stands now."""
    now = await ward.now()
    await ward.world.caught_up()
    ward.queue.pending()
    async with ward.work.reading() as session:
        tables: dict[type, list[Any]] = {
            table: list((await session.exec(select(table).order_by(table.id))).all())
            for table in (CheckIn, Answer, Alert, AlertEvent, OutboxRow, Patient)
        }
        inbox = {row.update_id: row for row in (await session.exec(select(InboxUpdate))).all()}
        audit = await verify(session, 1)
    chats = {patient.id: patient.chat_id for patient in tables[Patient]}
    evidence = Evidence(
        now=now,
        group=ward.group.id,
        on_duty=(ward.clinician.person.id,),
        checks=[_check(check, chats, tables) for check in tables[CheckIn]],
        alerts=[_paged(alert, tables[AlertEvent]) for alert in tables[Alert]],
        rows=[_row(row) for row in tables[OutboxRow]],
        audit_broken_at=audit.broken_at,
        unhandled=sum(row.done_at is None for row in inbox.values()),
        failed_updates=[f"update {i}: {row.error}" for i, row in inbox.items() if row.error],
        logged=_errors(ward.bot.log.read_text()),
    )
    for log in _logs(ward):
        evidence.here |= set(log.now)
        evidence.seen += _first_seen(log.happenings)
    tapped = [one for who in (*ward.patients, ward.clinician) for one in who.taps]
    evidence.taps = [_tap(ward, one, inbox, chats, tables) for one in tapped]
    return evidence


def _logs(ward: Ward) -> list[Any]:
    chats = {who.person.id for who in (*ward.patients, ward.clinician)} | {ward.group.id}
    return [ward.world.log(chat) for chat in chats | set(ward.staff)]


def _first_seen(happenings: list[Message]) -> list[Seen]:
    first: dict[tuple[int, int], Seen] = {}
    for m in happenings:
        if m.from_bot and m.key not in first:
            data = tuple(str(b.data) for row in m.buttons for b in row if b.data)
            first[m.key] = Seen(m.chat_id, m.message_id, m.date, m.text, data)
    return list(first.values())


def _check(check: CheckIn, chats: dict[int, int], tables: dict[type, list[Any]]) -> Check:
    answers = [answer for answer in tables[Answer] if answer.check_in_id == check.id]
    signs = {value for a in answers if a.question == "danger_signs" for value in a.value}
    yes = any(a.question == "danger" and a.value == ["yes"] and a.superseded_at is None
              for a in answers)  # fmt: skip
    alerts = tuple(
        alert.id
        for alert in tables[Alert]
        if alert.patient_id == check.patient_id
        and check.session_id in (alert.session_id, *alert.also_sessions)
    )
    return Check(
        check.id, chats[check.patient_id], check.step, check.state, check.level, check.due_at,
        frozenset(signs), yes, alerts, check.ended_at, check.merged_into,
        _story(check, answers, tables[OutboxRow]),
    )  # fmt: skip


def _story(check: CheckIn, answers: list[Answer], rows: list[OutboxRow]) -> str:
    told = [
        f"{a.at:%a %H:%M:%S} {a.question}={'+'.join(a.value)}"
        + ("" if a.final else " (ticks)")
        + (f" until {a.superseded_at:%H:%M:%S}" if a.superseded_at else "")
        for a in answers
    ]
    done = [f"{r.due_at:%a %H:%M:%S} {r.key} {r.state}" for r in rows if r.check_in_id == check.id]
    merged = f"in {check.merged_into}" if check.merged_into else "by itself"
    return f"{merged}, {check.state}, overdue {check.timed_out}; " + "; ".join(told + done)


def _paged(alert: Alert, events: list[AlertEvent]) -> Paged:
    at = max(e.at for e in events if e.alert_id == alert.id and e.kind in PAGED)
    return Paged(alert.id, alert.level, alert.state, at)


def _row(row: OutboxRow) -> Row:
    return Row(
        row.id, row.kind, row.state, row.due_at, KINDS[row.kind].sends, row.holder is not None,
        "from" in row.detail, row.kind == "card_edit" and row.holder is None,
        row.check_in_id, row.alert_id, row.chat_id, row.message_id,
    )  # fmt: skip


def _tap(
    ward: Ward, tapped: Tapped, inbox: dict[int, InboxUpdate], chats: dict[int, int],
    tables: dict[type, list[Any]],
) -> Tap:  # fmt: skip
    update_id = ward.queue.update_of[tapped.callback]
    row = inbox.get(update_id)
    answer = ward.world.answer(tapped.callback)
    return Tap(
        update_id, tapped.chat, tapped.at, tapped.data,
        handled=row is not None and row.done_at is not None and row.error is None,
        forgotten=update_id in ward.queue.forgotten and row is None,
        stored=_stored(tapped, chats, tables),
        replaced=_replaced(tapped, tables[Answer]),
        told=(answer["text"] if answer else "") or _drawn_again(ward, tapped, row),
    )  # fmt: skip


def _drawn_again(ward: Ward, tapped: Tapped, row: InboxUpdate | None) -> str:
    """The question that stands now, drawn when the tap was handled too late for a toast."""
    if row is None or row.done_at is None:
        return ""
    since = row.done_at - DRAWN_WITHIN
    for message in ward.world.log(tapped.chat).happenings:
        asks = any((b.data or "").split(":")[0] in LEADING for r in message.buttons for b in r)
        if asks and datetime.fromisoformat(message.view["changed"]) >= since:
            return "(drawn again)"
    return ""


def _stored(tapped: Tapped, chats: dict[int, int], tables: dict[type, list[Any]]) -> bool:
    """On record in the check-in it was given to, or in the report that took it over."""
    verb, *rest = tapped.data.split(":")
    if verb not in ("a", "t", "d"):
        return False
    mine = {c.id: c for c in tables[CheckIn] if chats[c.patient_id] == tapped.chat}
    for answer in tables[Answer]:
        check = mine.get(answer.check_in_id)
        here = check is not None and (check.id == int(rest[0]) or check.step == "report")
        if not here or answer.question != rest[1]:
            continue
        if verb == "d" and answer.final and answer.value:
            return True
        if verb != "d" and (rest[2] in answer.value or rest[-1] == "off"):
            return True
    return False


def _replaced(tapped: Tapped, answers: list[Answer]) -> bool:
    verb, *rest = tapped.data.split(":")
    return verb in ("a", "t", "d") and any(
        answer.check_in_id == int(rest[0])
        and answer.question == rest[1]
        and answer.final
        and answer.at >= tapped.at
        for answer in answers
    )


def _errors(log: str) -> list[str]:
    """What the bot itself called an error, but for what only a simulated clock asks."""
    return [
        line[:300]
        for line in log.splitlines()
        if ("[error" in line or "[critical" in line) and "next_due_failed" not in line
    ]
