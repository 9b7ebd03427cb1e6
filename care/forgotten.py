"""Taken and forgotten: whoever took an alert is asked, then it is paged anew."""

from datetime import datetime, timedelta

import storage.alerts
import storage.outbox
import storage.people
from care.actors import Actor, RefusedError
from care.opening_hours import OpeningHours
from care.outbox import FORGOTTEN_KINDS
from care.paging import note_event, page_anew, refresh_cards, refs
from care.work import Tx, Work
from storage.tables import Alert, AlertEvent, Clinic, OutboxRow

ASK_EMERGENCY, REOPEN_EMERGENCY = timedelta(minutes=60), timedelta(hours=2)
# Opening hours: an urgent alert can wait for the morning.
ASK_URGENT, REOPEN_URGENT = 3.0, 4.0


class NotYoursError(Exception):
    """The alert is not in the actor's hands (any more); `alert` is how it stands."""

    def __init__(self, alert: Alert) -> None:
        super().__init__("not in your hands")
        self.alert = alert


async def start_clock(tx: Tx, alert: Alert, since: AlertEvent) -> None:
    """From this event on the holder has time: then a question, then the alert is paged anew.

    Rows are keyed by the event, so a restart never doubles them.
    """
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=FORGOTTEN_KINDS, alert_id=alert.id)
    clinic = await storage.people.clinic(tx.session, alert.clinic_id)
    if clinic is None or alert.state != "acknowledged":
        return
    asks, reopens = times(alert.level, tx.now, clinic)
    stamp = f"{alert.id}:{alert.generation}:{since.id}"
    await tx.enqueue(
        "forgotten_ask",
        f"forgotten_ask:{stamp}",
        due_at=asks,
        useful_until=reopens,
        person_id=alert.acknowledged_by,
        **refs(alert),
    )
    await tx.enqueue(
        "forgotten_reopen", f"forgotten_reopen:{stamp}", due_at=reopens, **refs(alert)
    )


async def catch_up(work: Work) -> int:
    """Give every alert that somebody holds its clock if it has none, as one taken by an older
    version has not; returns how many.
    """
    async with work.writing() as tx:
        held = await storage.alerts.acknowledged(tx.session)
        late = [
            alert
            for alert in held
            if not await storage.outbox.due_rows(
                tx.session, kinds=FORGOTTEN_KINDS, alert_id=alert.id
            )
        ]
        for alert in late:
            await start_clock(tx, alert, await note_event(tx, alert, "asked", caught_up=True))
        return len(late)


def times(level: str, now: datetime, clinic: Clinic) -> tuple[datetime, datetime]:
    """When the holder is asked, and when the alert is paged anew (aware UTC)."""
    if level == "emergency":
        return now + ASK_EMERGENCY, now + REOPEN_EMERGENCY
    hours = OpeningHours.from_json(clinic.opening_hours)
    return (
        hours.add_open_hours(now, ASK_URGENT, clinic.zone),
        hours.add_open_hours(now, REOPEN_URGENT, clinic.zone),
    )


async def reopen(tx: Tx, row: OutboxRow) -> None:
    """Timed step: no note and no outcome since, so it is nobody's again and paged anew."""
    alert = await storage.alerts.alert(tx.session, row.clinic_id, row.alert_id or 0)
    clinic = await storage.people.clinic(tx.session, row.clinic_id)
    if alert is not None and clinic is not None and alert.state == "acknowledged":
        await page_anew(tx, alert, clinic, "reopened", forgotten_by=alert.acknowledged_by)


async def still_on_it(work: Work, actor: Actor, alert_id: int, generation: int) -> Alert:
    """[Still on it]: the clock starts again.

    Raises:
        RefusedError: no such alert in the actor's clinic.
        NotYoursError: it was reopened, handed over or closed meanwhile.
    """
    person, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await storage.alerts.alert(tx.session, clinic_id, alert_id)
        if alert is None:
            raise RefusedError("no such alert")
        theirs = alert.state == "acknowledged" and alert.acknowledged_by == person.id
        if not theirs or alert.generation != generation:
            raise NotYoursError(alert)
        event = await note_event(tx, alert, "still_on_it", person_id=person.id)
        await start_clock(tx, alert, event)
        await refresh_cards(tx, alert)
        tx.audit(clinic_id, actor.name, "still_on_it", f"alert:{alert_id}")
        return alert
