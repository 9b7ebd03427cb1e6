"""What another schedule does to check-ins that are planned already: one line for each."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from care import timing
from care.merging import Slot, merges
from care.timing import CheckInTimes, Schedule
from storage.tables import CheckIn, TreatmentSession

# A step that goes and one that comes are one step that moves when they lie this close, in hours.
_SAME_STEP_HOURS = 24


@dataclass(frozen=True)
class Followed:
    """A session whose patient is followed: their code and zone, its check-ins so far, and when the
    reminders of those are due (by check-in).
    """

    session: TreatmentSession
    code: str
    zone: str
    check_ins: tuple[CheckIn, ...]
    reminders: Mapping[int, tuple[datetime, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Move:
    """One check-in that changes. Times are aware UTC.

    Attributes:
        session_id: whose session.
        check_in_id: the planned check-in; None for one that is added.
        code: the patient's code.
        zone: the patient's zone, in which the times are shown.
        change: "added", "moved", "removed", or "closing" (same time, other reminders or closing);
            "merged" and "parted": it is asked together with another session's, or no longer.
        step: the step's id before, or the new one's when it is added.
        old_due: when it was due.
        times: the new times; None when it is removed.
        why: "window" when the window of the day moved it from its hours, "clocks" when the clocks
            change between the session and it.
    """

    session_id: int
    check_in_id: int | None
    code: str
    zone: str
    change: str
    step: str
    old_due: datetime | None
    times: CheckInTimes | None
    why: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The move as it is stored with the draft that was shown."""
        times = self.times
        return {
            "session": self.session_id,
            "check_in": self.check_in_id,
            "code": self.code,
            "zone": self.zone,
            "change": self.change,
            "step": self.step,
            "old_due": self.old_due.isoformat() if self.old_due else None,
            "why": list(self.why),
            "times": times
            and {
                "step": times.step_id,
                "due": times.due.isoformat(),
                "reminders": [at.isoformat() for at in times.reminders],
                "closes": times.closes.isoformat(),
            },
        }


# Changes that apply by themselves once the times have changed.
ARRANGED = ("merged", "parted")


def moves(followed: Sequence[Followed], new: Schedule, now: datetime) -> list[Move]:
    """What `new` does to what is planned, in the order of the sessions, then of the times; last
    what it merges and parts.

    What was sent already stays as it is; a step whose time went by is not added.
    """
    found = [move for one in followed for move in _moves_of(one, new, now)]
    return [*found, *_arranged(followed, new, found)]


def _arranged(
    followed: Sequence[Followed], new: Schedule, found: Sequence[Move]
) -> Iterator[Move]:
    """What is asked together by the new rule and was not, and the other way round."""
    changed = {move.check_in_id: move for move in found if move.check_in_id is not None}
    slots: dict[int, list[Slot]] = defaultdict(list)
    planned: dict[Hashable, tuple[Followed, int | None, str, datetime]] = {}
    for one in followed:
        for check in one.check_ins:
            move = changed.get(check.id or 0)
            if check.state == "planned" and (move is None or move.times is not None):
                due = move.times.due if move and move.times else check.due_at
                planned[check.id] = (one, check.merged_into, check.step, due)
                slots[one.session.patient_id].append(
                    Slot(check.id, one.session.id or 0, one.session.at, due)
                )
    for number, move in enumerate(found):
        if move.change == "added" and move.times is not None:
            one = next(one for one in followed if one.session.id == move.session_id)
            added = ("added", number)
            planned[added] = (one, None, move.times.step_id, move.times.due)
            slots[one.session.patient_id].append(
                Slot(added, move.session_id, one.session.at, move.times.due)
            )
    leading: dict[Hashable, Hashable] = {}
    for theirs in slots.values():
        leading |= merges(theirs, new.merge_hours)
    for key, (one, before, step, due) in planned.items():
        after = leading.get(key)
        if after != before:
            yield Move(
                one.session.id or 0,
                key if isinstance(key, int) else None,
                one.code,
                one.zone,
                "merged" if after is not None else "parted",
                step,
                planned[after][3] if after is not None else due,
                None,
            )


def _moves_of(one: Followed, new: Schedule, now: datetime) -> list[Move]:
    planned = {check.step: check for check in one.check_ins if check.state == "planned"}
    begun = {check.step for check in one.check_ins} - set(planned)
    wanted = {
        times.step_id: times
        for times in timing.check_in_times(new, one.session.at, one.zone)
        if times.step_id not in begun and (times.due > now or times.step_id in planned)
    }
    kept = [(planned[step], wanted[step]) for step in planned if step in wanted]
    going = [check for step, check in planned.items() if step not in wanted]
    coming = [times for step, times in wanted.items() if step not in planned]
    pairs = _pairs(going, coming)
    found = [
        move
        for check, times in [*kept, *pairs]
        if (move := _changed(one, new, check, times)) is not None
    ]
    paired = {id(check) for check, _ in pairs}, {times.step_id for _, times in pairs}
    found += [_removed(one, check) for check in going if id(check) not in paired[0]]
    found += [_added(one, new, times) for times in coming if times.step_id not in paired[1]]
    return sorted(found, key=lambda move: move.times.due if move.times else move.old_due or now)


def _pairs(
    going: Sequence[CheckIn], coming: Sequence[CheckInTimes]
) -> list[tuple[CheckIn, CheckInTimes]]:
    if len(going) != len(coming):
        return []
    pairs = list(zip(sorted(going, key=lambda check: check.due_at), coming, strict=True))
    near = timedelta(hours=_SAME_STEP_HOURS)
    return [(check, times) for check, times in pairs if abs(times.due - check.due_at) <= near]


def _changed(one: Followed, new: Schedule, check: CheckIn, times: CheckInTimes) -> Move | None:
    same_time = check.due_at == times.due and check.step == times.step_id
    same_rest = (check.closes_at, one.reminders.get(check.id or 0, ())) == (
        times.closes, times.reminders,
    )  # fmt: skip
    if same_time and same_rest:
        return None
    return Move(
        session_id=one.session.id or 0,
        check_in_id=check.id,
        code=one.code,
        zone=one.zone,
        change="closing" if same_time else "moved",
        step=check.step,
        old_due=check.due_at,
        times=times,
        why=_why(one, new, times),
    )


def _removed(one: Followed, check: CheckIn) -> Move:
    return Move(
        one.session.id or 0,
        check.id,
        one.code,
        one.zone,
        "removed",
        check.step,
        check.due_at,
        None,
    )


def _added(one: Followed, new: Schedule, times: CheckInTimes) -> Move:
    return Move(
        one.session.id or 0, None, one.code, one.zone, "added", times.step_id, None, times,
        _why(one, new, times),
    )  # fmt: skip


def _why(one: Followed, new: Schedule, times: CheckInTimes) -> tuple[str, ...]:
    hours = next(step.hours for step in new.steps if step.id == times.step_id)
    zone = ZoneInfo(one.zone)
    clocks = one.session.at.astimezone(zone).utcoffset() != times.due.astimezone(zone).utcoffset()
    planned = timing.planned(new, hours, one.session.at, one.zone)
    return (*(["window"] if times.due != planned else []), *(["clocks"] if clocks else []))


def from_json(stored: dict[str, Any]) -> Move:
    """The move that was stored."""
    times = stored["times"]
    return Move(
        session_id=stored["session"],
        check_in_id=stored["check_in"],
        code=stored["code"],
        zone=stored["zone"],
        change=stored["change"],
        step=stored["step"],
        old_due=datetime.fromisoformat(stored["old_due"]) if stored["old_due"] else None,
        why=tuple(stored["why"]),
        times=times
        and CheckInTimes(
            times["step"],
            datetime.fromisoformat(times["due"]),
            tuple(datetime.fromisoformat(at) for at in times["reminders"]),
            datetime.fromisoformat(times["closes"]),
        ),
    )
