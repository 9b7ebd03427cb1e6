"""After a gap: Telegram forgets taps after 150 seconds, so what is open is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.governance
import storage.outbox
import storage.people
import storage.treatment
from care.outbox import AWAY_KINDS, CARD_KINDS
from care.paging import again_after_gap
from care.rota import to_tell
from care.work import Tx, Work
from storage.tables import Alert

GAP = timedelta(seconds=120)
# Telegram keeps messages for 24 hours; after a longer gap something typed may be lost too.
LONG_GAP = timedelta(hours=24)
# The clinic hears of a gap from here on, once what was late has gone out.
TELL_CLINIC_FROM = timedelta(minutes=5)
SETTLED_AFTER = timedelta(minutes=2)
FOLLOWED_FOR = timedelta(days=30)
HEARTBEAT = "bot"


@dataclass(frozen=True)
class Gap:
    """A time in which nobody listened (aware UTC)."""

    start: datetime
    end: datetime


async def beat(work: Work) -> None:
    """Note that the bot listens at this moment."""
    async with work.writing() as tx:
        await storage.governance.beat(tx.session, HEARTBEAT, tx.now)


async def gap_since_last_beat(work: Work) -> Gap | None:
    """The time since the last beat, when it is long enough for taps to be lost."""
    async with work.reading() as session:
        last = await storage.governance.last_beat(session, HEARTBEAT)
    now = work.clock.now()
    if last is None or now - last <= GAP:
        return None
    return Gap(last, now)


async def ask_again(work: Work, gap: Gap) -> int:
    """Write a row for every open question and unacknowledged card; returns how many.

    The messages say how long the bot was away and ask to tap again. After more than 24 hours every
    other patient who is followed is told as well, and the clinic gets one summary. Rows are keyed
    by the gap, so that nobody is told twice, whatever dies meanwhile.
    """
    written = 0
    detail: dict[str, object] = {"from": gap.start.isoformat(), "to": gap.end.isoformat()}
    stamp = gap.start.isoformat()
    async with work.writing() as tx:
        # What closed meanwhile is not asked again.
        running = await storage.treatment.open_check_ins(tx.session)
        asked = [
            check for check in running if check.closes_at > tx.now and check.merged_into is None
        ]
        for check in asked:
            row = await tx.enqueue(
                "away",
                f"away:{check.id}:{stamp}",
                clinic_id=check.clinic_id,
                patient_id=check.patient_id,
                session_id=check.session_id,
                check_in_id=check.id,
                detail=detail,
            )
            written += row is not None
        clinic = await storage.people.first_clinic(tx.session)
        if clinic is not None:
            for alert in await storage.alerts.open_alerts(tx.session, clinic.id or 0):
                if alert.state == "open" and not await _cards_to_come(tx, alert):
                    await again_after_gap(tx, alert, clinic, detail)
                    written += 1
            if gap.end - gap.start > LONG_GAP:
                told = {check.patient_id for check in asked}
                written += await _tell_everyone(tx, clinic.id or 0, told, stamp, detail)
            if gap.end - gap.start >= TELL_CLINIC_FROM:
                await _sum_up(tx, clinic.id or 0, gap, detail)
        await storage.governance.beat(tx.session, HEARTBEAT, tx.now)
    return written


async def _tell_everyone(
    tx: Tx, clinic_id: int, told: set[int], stamp: str, detail: dict[str, object]
) -> int:
    """What was typed may be lost: every patient followed hears it, but who is asked again anyway.

    Patients who share a chat are told once.
    """
    chats: dict[int, int] = {}
    since = tx.now - FOLLOWED_FOR
    for patient in await storage.people.followed(tx.session, clinic_id, since):
        if patient.id in told:
            chats[patient.chat_id or 0] = 0
        else:
            chats.setdefault(patient.chat_id or 0, patient.id or 0)
    patients = [patient_id for patient_id in chats.values() if patient_id]
    for patient_id in patients:
        await tx.enqueue(
            "long_away",
            f"long_away:{patient_id}:{stamp}",
            clinic_id=clinic_id,
            patient_id=patient_id,
            detail=detail,
        )
    return len(patients)


async def _sum_up(tx: Tx, clinic_id: int, gap: Gap, detail: dict[str, object]) -> None:
    """One summary an hour at most for whoever is to be told, written when all has settled."""
    hour = gap.end.strftime("%Y-%m-%dT%H")
    for member in await to_tell(tx.session, clinic_id, tx.now):
        await tx.enqueue(
            "outage",
            f"outage:{clinic_id}:{hour}:{member.id}",
            clinic_id=clinic_id,
            person_id=member.id,
            due_at=tx.now + SETTLED_AFTER,
            detail=detail,
        )


@dataclass(frozen=True)
class Outage:
    """What a gap meant for the patients; `missed` holds (patient's code, step)."""

    late: int
    missed: tuple[tuple[str, str], ...]
    asked_again: int
    open_alerts: int


async def outage(session: AsyncSession, clinic_id: int, gap: Gap) -> Outage:
    """What became of what was due in a gap."""
    checks = await storage.treatment.due_between(session, clinic_id, gap.start, gap.end)
    patients = {found.id: found for found in await storage.people.patients_of(session, clinic_id)}
    opened = [check for check in checks if check.opened_at and check.opened_at >= gap.end]
    asked = await storage.outbox.written_for(session, clinic_id, AWAY_KINDS, gap.end)
    return Outage(
        late=len(opened),
        missed=tuple(
            (patients[check.patient_id].code, check.step)
            for check in checks
            if check.state == "missed" and check.patient_id in patients
        ),
        asked_again=asked,
        open_alerts=len(await storage.alerts.open_alerts(session, clinic_id)),
    )


async def _cards_to_come(tx: Tx, alert: Alert) -> bool:
    """Whether a card still waits to be sent; nobody can have tapped it."""
    return bool(await storage.outbox.due_rows(tx.session, kinds=CARD_KINDS, alert_id=alert.id))
