"""Paging: who gets a card and when, what comes if nobody reads it, and the alert's history."""

from datetime import datetime, timedelta
from typing import Any

import storage.outbox
from care import timing
from care.opening_hours import OpeningHours
from care.outbox import CARD_KINDS, FORGOTTEN_KINDS, PAGING_KINDS
from care.rota import Told, rota_of, whom
from care.work import Tx
from storage.tables import Alert, AlertEvent, Clinic

DELIVERY_LIMIT = timedelta(minutes=2)
# The round that pages those on duty at opening, when an urgent alert came in closed hours.
AT_OPENING = -1


def set_clock(tx: Tx, alert: Alert, clinic: Clinic) -> None:
    """Say when the alert is paged, and by when somebody must have acknowledged it.

    Emergency: paged now. Urgent: now when the clinic is open, else at its next opening, which is
    the deadline then.
    """
    hours = OpeningHours.from_json(clinic.opening_hours)
    alert.deadline_at = timing.deadline_for(
        alert.level,
        tx.now,
        hours,
        clinic.zone,
        emergency_within=timedelta(minutes=clinic.emergency_minutes),
        urgent_within=timedelta(minutes=clinic.urgent_minutes),
    )
    alert.paged_at = tx.now
    if alert.level == "urgent" and is_closed(tx, clinic):
        alert.paged_at = alert.deadline_at


def is_closed(tx: Tx, clinic: Clinic) -> bool:
    """Whether the clinic is closed now, and opens again."""
    hours = OpeningHours.from_json(clinic.opening_hours)
    opens = hours.next_opening(tx.now, clinic.zone)
    return opens is not None and not hours.is_open(tx.now, clinic.zone)


def next_round(tx: Tx, alert: Alert, clinic: Clinic) -> datetime:
    """When an alert that nobody took is paged again: emergencies day and night, urgent ones while
    the clinic is open.
    """
    if alert.level == "emergency":
        return tx.now + timedelta(minutes=clinic.emergency_repeat_minutes)
    hours = OpeningHours.from_json(clinic.opening_hours)
    at = tx.now + timedelta(minutes=clinic.urgent_repeat_minutes)
    if hours.is_open(at, clinic.zone):
        return at
    return hours.next_opening(tx.now, clinic.zone) or at


async def first_page(tx: Tx, alert: Alert, clinic: Clinic, number: int = 0) -> None:
    """Page an alert that was just raised or reopened, and write the step at its deadline.

    In closed hours an urgent alert goes to the group alone until the clinic opens. `number` is the
    round of paging it has come to.
    """
    held_back = alert.paged_at > tx.now
    if held_back:
        await send_cards(tx, alert, clinic)
    else:
        await page(tx, alert, clinic, number)
    await tx.enqueue(
        "escalate",
        f"escalate:{alert.id}:{alert.generation}:{tx.now.isoformat()}",
        due_at=alert.deadline_at,
        detail={"round": AT_OPENING if held_back else number},
        **refs(alert),
    )


async def page_anew(tx: Tx, alert: Alert, clinic: Clinic, event: str, **detail: Any) -> None:
    """The alert is unacknowledged again: new cards, a new deadline, a new generation.

    Where nobody had it yet, what was to come next comes no later, and to no fewer people.
    """
    coming = await storage.outbox.due_rows(tx.session, kinds=("escalate",), alert_id=alert.id)
    await storage.outbox.cancel(
        tx.session, at=tx.now, kinds=(*PAGING_KINDS, *FORGOTTEN_KINDS), alert_id=alert.id
    )
    await refresh_cards(tx, alert)
    alert.generation += 1
    alert.state = "open"
    alert.acknowledged_by = alert.acknowledged_at = alert.delivered_at = None
    set_clock(tx, alert, clinic)
    alert.deadline_at = min([alert.deadline_at, *(row.due_at for row in coming)])
    tx.session.add(alert)
    await note_event(tx, alert, event, level=alert.level, **detail)
    tx.audit(
        alert.clinic_id, "system", f"alert_{event}", f"alert:{alert.id}",
        level=alert.level, **detail,
    )  # fmt: skip
    rounds = [int(str(row.detail.get("round", 0))) for row in coming]
    await first_page(tx, alert, clinic, max([0, *rounds]))


async def page(tx: Tx, alert: Alert, clinic: Clinic, number: int) -> Told:
    """One round of paging: the cards, what is remarkable about it, and the check two minutes later
    that a copy was delivered.
    """
    told = whom(await rota_of(tx.session, alert.clinic_id, tx.now), number)
    await _remark(tx, alert, told)
    await send_cards(tx, alert, clinic, told)
    await tx.enqueue(
        "delivery_check",
        f"delivery:{alert.id}:{alert.generation}:{tx.now.isoformat()}",
        due_at=tx.now + DELIVERY_LIMIT,
        **refs(alert),
    )
    return told


async def _remark(tx: Tx, alert: Alert, told: Told) -> None:
    people = [one.id for one in told.people]
    for remarkable, kind in (
        (told.no_one_on_duty, "no_one_on_duty"),
        (told.absent, "absent_paged"),
    ):
        if remarkable:
            await note_event(tx, alert, kind, people=people)
            tx.audit(alert.clinic_id, "system", kind, f"alert:{alert.id}", people=people)


async def send_cards(
    tx: Tx,
    alert: Alert,
    clinic: Clinic,
    told: Told | None = None,
    *,
    detail: dict[str, object] | None = None,
) -> None:
    """A card for each of those told, and one for the group."""
    stamp = f"{alert.id}:{alert.generation}:{tx.now.isoformat()}"
    for member in told.people if told else ():
        await tx.enqueue(
            "card_private",
            f"card:{stamp}:{member.id}",
            person_id=member.id,
            detail=detail,
            **refs(alert),
        )
    if clinic.group_chat_id is not None:
        await tx.enqueue("card_group", f"card:{stamp}:group", detail=detail, **refs(alert))


async def again_after_gap(tx: Tx, alert: Alert, clinic: Clinic, detail: dict[str, object]) -> None:
    """The cards once more, because taps were lost while the bot was away."""
    told = None
    if alert.paged_at <= tx.now:
        told = whom(await rota_of(tx.session, alert.clinic_id, tx.now), 0)
    await send_cards(tx, alert, clinic, told, detail=detail)


def refs(alert: Alert) -> dict[str, Any]:
    """What every outbox row about an alert names."""
    return {
        "clinic_id": alert.clinic_id,
        "alert_id": alert.id,
        "patient_id": alert.patient_id,
        "check_in_id": alert.check_in_id,
    }


async def refresh_cards(tx: Tx, alert: Alert) -> None:
    """Have every copy that was sent show how the alert stands now.

    An edit that waits already and that nobody holds will show it anyway: edits count against
    Telegram's limits like messages, so there is never a second one.
    """
    waiting = {
        row.detail["copy"]
        for row in await storage.outbox.due_rows(
            tx.session, kinds=("card_edit",), alert_id=alert.id
        )
        if row.holder is None
    }
    for copy in await storage.outbox.copies(tx.session, alert.id or 0, CARD_KINDS):
        if copy.id not in waiting:
            await tx.enqueue(
                "card_edit",
                f"edit:{copy.id}:{tx.now.isoformat()}",
                clinic_id=alert.clinic_id,
                alert_id=alert.id,
                patient_id=alert.patient_id,
                person_id=copy.person_id,
                detail={"copy": copy.id},
            )


async def note_event(
    tx: Tx, alert: Alert, kind: str, *, person_id: int | None = None, **detail: object
) -> AlertEvent:
    """Add a line to the alert's history."""
    event = AlertEvent(
        clinic_id=alert.clinic_id,
        alert_id=alert.id or 0,
        kind=kind,
        person_id=person_id,
        generation=alert.generation,
        detail=detail,
        at=tx.now,
    )
    tx.session.add(event)
    await tx.session.flush()
    return event
