"""Paging: who gets a card, what comes if nobody reads it, and the alert's history."""

from datetime import datetime, timedelta
from typing import Any

import storage.outbox
from care import timing
from care.opening_hours import OpeningHours
from care.outbox import CARD_KINDS
from care.rota import to_tell
from care.work import Tx
from storage.tables import Alert, AlertEvent, Clinic

DELIVERY_LIMIT = timedelta(minutes=2)
REPEAT_EVERY = {"emergency": timedelta(minutes=10), "urgent": timedelta(minutes=60)}


async def page(tx: Tx, alert: Alert, clinic: Clinic, *, everyone: bool = False) -> None:
    """Send cards, and write what comes if nobody reads them: the check that a copy was delivered,
    and the escalation at the deadline."""
    await send_cards(tx, alert, clinic, everyone=everyone)
    stamp = f"{alert.id}:{alert.generation}:{tx.now.isoformat()}"
    await tx.enqueue(
        "delivery_check", f"delivery:{stamp}", due_at=tx.now + DELIVERY_LIMIT, **_refs(alert)
    )
    if not everyone:
        await tx.enqueue("escalate", f"escalate:{stamp}", due_at=alert.deadline_at, **_refs(alert))


async def send_cards(
    tx: Tx,
    alert: Alert,
    clinic: Clinic,
    *,
    everyone: bool = False,
    detail: dict[str, object] | None = None,
) -> None:
    """A card for each of those on duty (everyone when nobody is, or when asked), and one for the
    group. Only those who have started the bot can be written to."""
    stamp = f"{alert.id}:{alert.generation}:{tx.now.isoformat()}"
    for member in await to_tell(tx.session, alert.clinic_id, everyone=everyone):
        await tx.enqueue(
            "card_private",
            f"card:{stamp}:{member.id}",
            person_id=member.id,
            detail=detail,
            **_refs(alert),
        )
    if clinic.group_chat_id is not None:
        await tx.enqueue("card_group", f"card:{stamp}:group", detail=detail, **_refs(alert))


def _refs(alert: Alert) -> dict[str, Any]:
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
) -> None:
    """Add a line to the alert's history."""
    tx.session.add(
        AlertEvent(
            clinic_id=alert.clinic_id,
            alert_id=alert.id or 0,
            kind=kind,
            person_id=person_id,
            generation=alert.generation,
            detail=detail,
            at=tx.now,
        )
    )
    await tx.session.flush()


def deadline(clinic: Clinic, level: str, tx: Tx) -> datetime:
    """By when somebody must have acknowledged an alert of this level."""
    hours = OpeningHours.from_json(clinic.opening_hours)
    return timing.deadline_for(level, tx.now, hours, clinic.zone)
