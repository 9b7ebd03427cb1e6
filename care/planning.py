"""A check-in to come, with the rows of the outbox that open it, remind of it and close it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import storage.outbox
from care.outbox import SESSION_KINDS
from care.timing import CheckInTimes
from care.work import Tx
from storage.tables import CheckIn, TreatmentSession

# What a check-in to come has in the outbox.
ALL = ("check_in", "reminder", "close_check_in")


async def plan(
    tx: Tx,
    session: TreatmentSession,
    times: CheckInTimes,
    *,
    protocol_version: int,
    late: bool = False,
) -> CheckIn:
    """Write a check-in of this session; `late`: its time went by, it is recorded as missed."""
    check = CheckIn(
        clinic_id=session.clinic_id,
        patient_id=session.patient_id,
        session_id=session.id,
        step=times.step_id,
        protocol_version=protocol_version,
        due_at=times.due,
        closes_at=times.closes,
        state="missed" if late else "planned",
        ended_at=tx.now if late else None,
    )
    tx.session.add(check)
    await tx.session.flush()
    if not late:
        await _queue(tx, check, times)
    return check


async def move(tx: Tx, check: CheckIn, times: CheckInTimes, stamp: str) -> None:
    """Give a planned check-in other times; `stamp` makes the keys of its new rows unique."""
    await _call_off(tx, check)
    check.step, check.due_at, check.closes_at = times.step_id, times.due, times.closes
    tx.session.add(check)
    await tx.session.flush()
    await _queue(tx, check, times, f":{stamp}")


async def resume(tx: Tx, check: CheckIn, reminders: Sequence[datetime]) -> None:
    """Put back what a planned or open check-in had to come when the patient stopped or paused.

    A planned one whose time went by meanwhile is missed.
    """
    rows = await storage.outbox.due_rows(tx.session, check_in_id=check.id)
    there = {row.kind for row in rows}
    if check.closes_at <= tx.now and check.state == "planned":
        check.state, check.ended_at = "missed", tx.now
        tx.session.add(check)
        await _call_off(tx, check)
        return
    ahead = tuple(at for at in reminders if at > tx.now)
    times = CheckInTimes(check.step, check.due_at, ahead, check.closes_at)
    kinds = {"check_in", "reminder", "close_check_in"} - there
    if check.state == "open":
        kinds &= {"close_check_in"}
    await _queue(tx, check, times, f":again:{tx.now.isoformat()}", kinds=kinds)


async def remove(tx: Tx, check: CheckIn) -> None:
    """Call a planned check-in off, with everything that was queued for it."""
    check.state, check.ended_at, check.merged_into = "cancelled", tx.now, None
    tx.session.add(check)
    await _call_off(tx, check)


async def _queue(
    tx: Tx, check: CheckIn, times: CheckInTimes, suffix: str = "", *, kinds: Collection[str] = ALL
) -> None:
    refs: dict[str, Any] = {
        "clinic_id": check.clinic_id,
        "session_id": check.session_id,
        "check_in_id": check.id,
        "patient_id": check.patient_id,
    }
    if "check_in" in kinds:
        await tx.enqueue(
            "check_in", f"check_in:{check.id}{suffix}",
            due_at=times.due, useful_until=times.closes, **refs,
        )  # fmt: skip
    for number, at in enumerate(times.reminders if "reminder" in kinds else (), start=1):
        await tx.enqueue("reminder", f"reminder:{check.id}:{number}{suffix}", due_at=at, **refs)
    if "close_check_in" in kinds:
        await tx.enqueue(
            "close_check_in", f"close:{check.id}{suffix}", due_at=times.closes, **refs
        )


async def _call_off(tx: Tx, check: CheckIn) -> None:
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=SESSION_KINDS, check_in_id=check.id)
