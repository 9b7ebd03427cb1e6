"""What a drill waits for, stage after stage: how long it took, or what is broken.

A link is kept as {"link": its name, "state": "ok" | "warning" | "broken", "seconds": float or
None, "why": a code or None, "detail": codes for the words}. Times are those that are stored: from
the tap's arrival in the inbox, or from a row's writing, to the moment that Telegram had taken the
message.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import storage.drills
import storage.treatment
from care import planning
from care.drill_taps import Move, tap, update_id
from care.timing import CheckInTimes
from care.work import Tx
from storage.tables import Clinic, Drill, InboxUpdate, OutboxRow, Patient, Person, TreatmentSession

SIGN = "breathless"
SESSION_AGO = timedelta(hours=24)
CHECK_LIFE = timedelta(hours=2)
# How long each link may take before it counts as broken.
LIMITS = {
    "link": timedelta(minutes=1),
    "consent": timedelta(minutes=1),
    "check_in": timedelta(minutes=5),
    "answer": timedelta(minutes=1),
    "emergency_text": timedelta(minutes=1),
    "cards": timedelta(minutes=2),
}


@dataclass(frozen=True)
class Case:
    """A drill with those who take part; each stage reads what is true now."""

    tx: Tx
    drill: Drill
    clinic: Clinic
    patient: Patient
    player: Person

    def note(
        self, link: str, state: str, seconds: float | None = None, why: str | None = None,
        **detail: Any,
    ) -> None:  # fmt: skip
        """Write down what was found of a link."""
        found: dict[str, object] = {
            "link": link,
            "state": state,
            "seconds": seconds,
            "why": why,
            "detail": detail,
        }
        self.drill.links = [*self.drill.links, found]

    async def tapped(self) -> InboxUpdate | None:
        """The patient's newest move, as it lies in the inbox."""
        return await storage.drills.update(self.tx.session, update_id(self.drill, self.drill.taps))


def _seconds(start: datetime, end: datetime) -> float:
    return round(max(0.0, (end - start).total_seconds()), 2)


# True: on to the next stage. False: not yet. Stages note what they found themselves.
Stage = Callable[[Case], Awaitable[bool]]


async def link(case: Case) -> bool:
    """The link was followed; the consent is agreed to next."""
    invite = await storage.drills.invite(case.tx.session, case.patient.id or 0)
    update = await case.tapped()
    if invite is None or invite.opened_by is None or update is None or update.done_at is None:
        return False
    case.note("link", "ok", _seconds(update.received_at, update.done_at))
    agree = Move(verb="ja", args=(invite.id or 0, case.patient.language))
    await tap(case.tx, case.drill, case.player, agree)
    return True


async def consent(case: Case) -> bool:
    """The patient has joined; a session is recorded whose check-in is due at once."""
    update = await case.tapped()
    if case.patient.joined_at is None or update is None:
        return False
    case.note("consent", "ok", _seconds(update.received_at, case.patient.joined_at))
    session = TreatmentSession(
        clinic_id=case.drill.clinic_id,
        patient_id=case.patient.id or 0,
        clinician_id=case.player.id,
        at=case.tx.now - SESSION_AGO,
        regions=["thorax"],
        pain_before=5,
        recorded_at=case.tx.now,
    )
    case.tx.session.add(session)
    await case.tx.session.flush()
    times = CheckInTimes("24h", case.tx.now, (), case.tx.now + CHECK_LIFE)
    await planning.plan(case.tx, session, times, protocol_version=case.clinic.protocol_version)
    return True


async def check_in(case: Case) -> bool:
    """The check-in has left; the patient says that something is wrong."""
    check = await storage.drills.check_in(case.tx.session, case.patient.id or 0)
    rows = await storage.drills.rows(case.tx.session, case.patient.id or 0, "check_in")
    if check is None or check.state != "open" or not rows or rows[0].ended_at is None:
        return False
    case.note("check_in", "ok", _seconds(rows[0].created_at, rows[0].ended_at))
    await _answers(case, "a", "danger", "yes")
    return True


async def answer(case: Case) -> bool:
    """ "Yes, or not sure" is kept; the patient ticks a danger sign."""
    check = await storage.drills.check_in(case.tx.session, case.patient.id or 0)
    answers = await storage.treatment.answers(case.tx.session, check.id or 0) if check else []
    yes = next((a for a in answers if a.question == "danger" and a.value == ["yes"]), None)
    update = await case.tapped()
    if yes is None or update is None:
        return False
    case.note("answer", "ok", _seconds(update.received_at, yes.at))
    await _answers(case, "t", "danger_signs", SIGN, "on")
    return True


async def emergency_text(case: Case) -> bool:
    """The emergency text is with the patient."""
    rows = await storage.drills.rows(case.tx.session, case.patient.id or 0, "emergency_text")
    update = await case.tapped()
    if not rows or update is None or rows[0].ended_at is None or rows[0].state != "sent":
        return False
    case.note("emergency_text", "ok", _seconds(update.received_at, rows[0].ended_at))
    return True


async def cards(case: Case) -> bool:
    """Every card of the first paging has left, or never will."""
    rows = await _cards(case)
    update = await case.tapped()
    if not rows or update is None or any(row.state == "due" for row in rows):
        return False
    await rota(case)
    for row in rows:
        _card(case, row, update.received_at)
    return True


async def rota(case: Case) -> None:
    """Who was to be told: a group, and somebody on duty."""
    alert = await storage.drills.alert(case.tx.session, case.patient.id or 0)
    if alert is not None and await storage.drills.alert_has(
        case.tx.session, alert.id or 0, "no_one_on_duty"
    ):
        case.note("rota", "warning", why="no_one_on_duty")
    if case.clinic.group_chat_id is None and not await _groups(case):
        case.note("card_group", "warning", why="no_group")


async def _groups(case: Case) -> list[OutboxRow]:
    return await storage.drills.rows(case.tx.session, case.patient.id or 0, "card_group")


async def _cards(case: Case) -> list[OutboxRow]:
    return await storage.drills.rows(
        case.tx.session, case.patient.id or 0, "card_private", "card_group"
    )


def _card(case: Case, row: OutboxRow, since: datetime) -> None:
    who = _who(row)
    if row.state == "sent" and row.ended_at is not None:
        case.note(row.kind, "ok", _seconds(since, row.ended_at), **who)
    elif row.state == "cancelled" and row.error is None:
        # Somebody had the alert before this copy left.
        case.note(row.kind, "ok", None, **who)
    else:
        case.note(row.kind, "broken", None, "refused", error=row.error or row.state, **who)


def _who(row: OutboxRow) -> dict[str, Any]:
    return {"person": row.person_id} if row.person_id is not None else {}


async def _answers(case: Case, verb: str, *said: str) -> None:
    check = await storage.drills.check_in(case.tx.session, case.patient.id or 0)
    if check is not None and check.message_id is not None:
        move = Move(verb=verb, args=(check.id or 0, *said), message_id=check.message_id)
        await tap(case.tx, case.drill, case.player, move)


async def acknowledged(case: Case) -> bool:
    """A real person has said [I'm on it], or the time that the clinic gives itself is over."""
    alert = await storage.drills.alert(case.tx.session, case.patient.id or 0)
    if alert is None:
        case.note("acknowledged", "broken", None, "no_alert")
        return True
    if alert.acknowledged_at is not None:
        took = _seconds(alert.opened_at, alert.acknowledged_at)
        case.note("acknowledged", "ok", took, person=alert.acknowledged_by)
    elif alert.state == "closed" and alert.closed_at is not None:
        took = _seconds(alert.opened_at, alert.closed_at)
        case.note("acknowledged", "ok", took, person=alert.closed_by)
    elif case.tx.now >= alert.deadline_at:
        minutes = int(_seconds(alert.opened_at, alert.deadline_at) // 60)
        case.note("acknowledged", "broken", None, "nobody", minutes=minutes)
    else:
        return False
    return True


STAGES: dict[str, Stage] = {
    "link": link,
    "consent": consent,
    "check_in": check_in,
    "answer": answer,
    "emergency_text": emergency_text,
    "cards": cards,
    "acknowledged": acknowledged,
}


async def overdue(case: Case) -> None:
    """The stage took too long: note the link that is broken, and why."""
    stage = case.drill.stage
    kinds = {
        "check_in": ("check_in",),
        "emergency_text": ("emergency_text",),
        "cards": ("card_private", "card_group"),
    }
    update = await case.tapped()
    if stage != "check_in" and update is not None and update.error is not None:
        case.note(stage, "broken", None, "update_failed", error=update.error)
    elif stage != "check_in" and (update is None or update.done_at is None):
        case.note(stage, "broken", None, "update_waits")
    elif stage not in kinds:
        case.note(stage, "broken", None, "no_effect")
    else:
        rows = await storage.drills.rows(case.tx.session, case.patient.id or 0, *kinds[stage])
        _unsent(case, rows)


def _unsent(case: Case, rows: list[OutboxRow]) -> None:
    stage = case.drill.stage
    if not rows:
        case.note(stage, "broken", None, "not_written")
    for row in rows:
        link_name = row.kind if stage == "cards" else stage
        who = _who(row)
        if row.state == "due":
            case.note(link_name, "broken", None, "waits", error=row.error or "", **who)
        elif row.state != "sent":
            case.note(link_name, "broken", None, "refused", error=row.error or row.state, **who)
