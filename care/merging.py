"""The merge rule: check-ins of several sessions that come close together are asked in one message.

A merged check-in keeps its own time, reminders and closing beside the one that leads it, so that
nothing has to be made up when the merge is undone.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import storage.outbox
import storage.treatment
from care import schedules
from care.triage import load_protocol
from care.work import Tx
from storage.tables import CheckIn

# Nothing joins a check-in that closes sooner.
TIME_TO_ANSWER = timedelta(hours=3)


@dataclass(frozen=True)
class Slot:
    """A check-in to come: what names it, its session and when that was, and when it is due (both
    aware).
    """

    key: Hashable
    session_id: int
    session_at: datetime
    due: datetime

    @property
    def not_before(self) -> datetime:
        """A check-in of day 2 or later must not be asked, and judged, as one of day 1."""
        day_2 = self.session_at + timedelta(hours=load_protocol().thresholds.day_2_hours)
        return day_2 if self.due >= day_2 else self.session_at


def merges(slots: Iterable[Slot], hours: float) -> dict[Hashable, Hashable]:
    """Which of one patient's check-ins are asked within which other: key to the leading one's key.

    The earliest leads: whoever comes within `hours` of it joins it, one check-in a session. Nobody
    joins one that is itself led, so no check-in comes sooner by more than `hours`, and none later.
    """
    groups: list[list[Slot]] = []
    for slot in sorted(slots, key=lambda one: (one.due, one.session_id)) if hours > 0 else ():
        for group in groups:
            near = slot.due - group[0].due <= timedelta(hours=hours)
            near = near and group[0].due >= slot.not_before
            if near and all(slot.session_id != other.session_id for other in group):
                group.append(slot)
                break
        else:
            groups.append([slot])
    return {slot.key: group[0].key for group in groups for slot in group[1:]}


async def arrange(tx: Tx, clinic_id: int, patient_id: int) -> None:
    """Merge what is planned for a patient as the schedule in force says, and part the rest.

    To be called whenever a check-in was planned, moved or called off.
    """
    _number, schedule = await schedules.current(tx.session, clinic_id)
    planned = [
        check
        for check in await storage.treatment.check_ins_of_patient(
            tx.session, patient_id, states=("planned",)
        )
        if check.kind == "check_in"
    ]
    held = {one.id: one.at for one in await storage.treatment.sessions_of(tx.session, patient_id)}
    slots = [
        Slot(check.id, check.session_id or 0, held[check.session_id], check.due_at)
        for check in planned
        if check.session_id in held
    ]
    leading = merges(slots, schedule.merge_hours)
    by_id = {check.id: check for check in planned}
    for check in planned:
        wanted = leading.get(check.id)
        leader = by_id[wanted].id if isinstance(wanted, int) else None
        if check.merged_into != leader:
            check.merged_into = leader
            tx.session.add(check)
    await tx.session.flush()
    await _join_open(tx, patient_id, slots, schedule.merge_hours)


async def _join_open(tx: Tx, patient_id: int, slots: Iterable[Slot], hours: float) -> None:
    """A session recorded late: what it asks joins a check-in that waits for its first answer."""
    for head in await storage.treatment.check_ins_of_patient(
        tx.session, patient_id, states=("open",)
    ):
        every = [head, *await storage.treatment.merged_with(tx.session, head)]
        if head.merged_into is not None or head.kind != "check_in" or hours <= 0:
            continue
        if head.closes_at - tx.now < TIME_TO_ANSWER:
            continue
        if await storage.treatment.answers(tx.session, head.id or 0, with_corrected=True):
            continue
        for slot in slots:
            near = abs(slot.due - head.due_at) <= timedelta(hours=hours)
            own = any(slot.session_id == one.session_id for one in every)
            check = await tx.session.get(CheckIn, slot.key)
            if near and not own and tx.now >= slot.not_before and check is not None:
                await _open_within(tx, check, head)
                every.append(check)


async def _open_within(tx: Tx, check: CheckIn, head: CheckIn) -> None:
    for other in await storage.treatment.merged_with(tx.session, check):
        other.merged_into = None
        tx.session.add(other)
    check.state, check.opened_at, check.merged_into = "open", tx.now, head.id
    tx.session.add(check)
    await storage.outbox.cancel(
        tx.session, at=tx.now, kinds=("check_in", "reminder"), check_in_id=check.id
    )
    await tx.session.flush()
