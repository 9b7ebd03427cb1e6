"""After a gap: Telegram forgets taps after 150 seconds, so what is open is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import storage.alerts
import storage.governance
import storage.outbox
import storage.people
import storage.treatment
from care.outbox import CARD_KINDS
from care.paging import again_after_gap
from care.work import Tx, Work
from storage.tables import Alert

GAP = timedelta(seconds=120)
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

    The messages say how long the bot was away and ask to tap again.
    """
    written = 0
    detail: dict[str, object] = {"from": gap.start.isoformat(), "to": gap.end.isoformat()}
    stamp = gap.start.isoformat()
    async with work.writing() as tx:
        for check in await storage.treatment.open_check_ins(tx.session):
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
        await storage.governance.beat(tx.session, HEARTBEAT, tx.now)
    return written


async def _cards_to_come(tx: Tx, alert: Alert) -> bool:
    """Whether a card still waits to be sent; nobody can have tapped it."""
    return bool(await storage.outbox.due_rows(tx.session, kinds=CARD_KINDS, alert_id=alert.id))
