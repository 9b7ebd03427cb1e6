"""When check-ins, reminders, the safety message and deadlines come due: arithmetic only.

Aware UTC in, aware UTC out; hours are real elapsed hours; zones are IANA names. Every function
raises `ValueError` for a naive time and `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from care.local_days import local, require_aware, same_clock, spans
from care.opening_hours import OpeningHours

EMERGENCY_WITHIN = timedelta(minutes=15)
URGENT_WITHIN = timedelta(minutes=60)
SAFETY_AFTER = timedelta(hours=2)
# The safety message may come outside the window of the day, but not at night.
SAFETY_FROM, SAFETY_UNTIL = time(6), time(22)
# Two windows of the day are never farther apart than this, whatever the clock does.
_REACH = timedelta(hours=50)


@dataclass(frozen=True)
class Step:
    """A check-in of the schedule: its id ("24h") and its distance from the session in hours.

    The step with the id "week" asks one question, any other the whole check.
    """

    id: str
    hours: float


@dataclass(frozen=True)
class Schedule:
    """When a clinic asks. Window times are local to the patient; the rest are hours.

    Raises:
        ValueError: steps not in rising order or doubled, or a window that does not open before it
            closes.
    """

    steps: tuple[Step, ...]
    window_start: time = time(8)
    window_end: time = time(21)
    reminder_hours: tuple[float, ...] = (3, 6)
    close_after_hours: float = 12
    # A check-in that runs into the night stays open this long in the next window.
    hours_in_next_window: float = 3
    # The first check-in must not be answered as if it were the second.
    first_closes_by_hours: float = 41
    # Day after day at the session's clock time, instead of in real hours: an hour apart from it
    # when the clocks change.
    same_clock_time: bool = False
    # Check-ins of several sessions that fall within so many hours are asked together; 0: never.
    merge_hours: float = 6

    def __post_init__(self) -> None:
        hours = [step.hours for step in self.steps]
        if any(later <= sooner for sooner, later in pairwise(hours)):
            raise ValueError(f"the steps of a schedule must rise in hours, not {hours}")
        if len({step.id for step in self.steps}) != len(self.steps):
            raise ValueError("two steps of a schedule have the same id")
        if self.window_start >= self.window_end:
            raise ValueError(
                f"the window of the day must open before it closes, not {self.window_start} to"
                f" {self.window_end}"
            )


@dataclass(frozen=True)
class CheckInTimes:
    """One check-in: due, its reminders in order (strictly between), and when it closes."""

    step_id: str
    due: datetime
    reminders: tuple[datetime, ...]
    closes: datetime


def check_in_times(
    schedule: Schedule, session_at: datetime, zone: str
) -> tuple[CheckInTimes, ...]:
    """The times of every step, in the schedule's order, for a session at `session_at`.

    Due: the real hours after the session, moved to the nearest time in the window of the day.
    They may lie in the past (see `reschedule_if_past`).
    """
    session_at = require_aware(session_at)
    return tuple(
        _times(
            schedule,
            step,
            session_at,
            nearest_in_window(
                planned(schedule, step.hours, session_at, zone),
                zone,
                schedule.window_start,
                schedule.window_end,
            ),
            zone,
        )
        for step in schedule.steps
    )


def planned(schedule: Schedule, hours: float, session_at: datetime, zone: str) -> datetime:
    """When a step of so many hours is due before the window of the day moves it."""
    if schedule.same_clock_time:
        return same_clock(session_at, timedelta(hours=hours), zone)
    return require_aware(session_at) + timedelta(hours=hours)


def reschedule_if_past(
    schedule: Schedule, session_at: datetime, times: CheckInTimes, now: datetime, zone: str
) -> CheckInTimes | None:
    """`times` when still to come; else due now (or when the window opens), with reminders and
    closing counted from then. None when there is nothing left of it: missed.

    For sessions that are recorded or moved when a check-in was due already.

    Raises:
        KeyError: the step is not in the schedule.
    """
    now = require_aware(now)
    if times.due >= now:
        return times
    if times.closes <= now:
        return None
    step = {step.id: step for step in schedule.steps}[times.step_id]
    due = next_in_window(now, zone, schedule.window_start, schedule.window_end)
    if due >= times.closes:
        return None
    return _times(schedule, step, require_aware(session_at), due, zone)


def _times(
    schedule: Schedule, step: Step, session_at: datetime, due: datetime, zone: str
) -> CheckInTimes:
    closes = _closes(schedule, due, zone)
    if step == schedule.steps[0]:
        latest = session_at + timedelta(hours=schedule.first_closes_by_hours)
        # A first step planned late by an admin keeps its time: the limit is for day 1.
        if step.hours < schedule.first_closes_by_hours and due < latest:
            closes = min(closes, latest)
    return CheckInTimes(step.id, due, reminders(schedule, due, closes, zone), closes)


def _closes(schedule: Schedule, due: datetime, zone: str) -> datetime:
    """After the closing hours. Where those run past the end of the window, not before some hours
    in the next window have passed: the night does not count as time to answer.
    """
    planned = due + timedelta(hours=schedule.close_after_hours)
    windows = _windows(due, planned, zone, schedule.window_start, schedule.window_end)
    own = next(end for _, end in windows if end >= due)
    if planned <= own:
        return planned
    opening = next(begin for begin, _ in windows if begin > due)
    return max(planned, opening + timedelta(hours=schedule.hours_in_next_window))


def reminders(
    schedule: Schedule, due: datetime, closes: datetime, zone: str
) -> tuple[datetime, ...]:
    """When a check-in is reminded of: strictly between when it is due and when it closes."""
    planned = (
        next_in_window(
            due + timedelta(hours=hours), zone, schedule.window_start, schedule.window_end
        )
        for hours in schedule.reminder_hours
    )
    return tuple(sorted({at for at in planned if due < at < closes}))


def nearest_in_window(moment: datetime, zone: str, start: time, end: time) -> datetime:
    """The time nearest to `moment` at which the clock in `zone` stands in `start`..`end`, both
    included. Midway between two windows the earlier one: trouble is found sooner.
    """
    moment = require_aware(moment)
    inside = (
        min(max(moment, begin), stop) for begin, stop in _windows(moment, moment, zone, start, end)
    )
    return _nearest(moment, inside)


def _nearest(moment: datetime, candidates: Iterable[datetime]) -> datetime:
    return min(candidates, key=lambda at: (abs(at - moment), at))


def next_in_window(moment: datetime, zone: str, start: time, end: time) -> datetime:
    """`moment` when it is in the window, else the next window's opening."""
    return next(
        max(moment, begin)
        for begin, stop in _windows(moment, moment, zone, start, end)
        if stop >= moment
    )


def _windows(
    first: datetime, last: datetime, zone: str, start: time, end: time
) -> list[tuple[datetime, datetime]]:
    return spans(first - _REACH, last + _REACH, zone, lambda _day: ((start, end),))


def safety_message_due(session_at: datetime, now: datetime, zone: str) -> datetime | None:
    """Two hours after the session, up to 22:00 on the patient's clock. None: it goes at once,
    with the session's confirmation, because it would come at night or its time is over.
    """
    due = require_aware(session_at) + SAFETY_AFTER
    if due <= require_aware(now):
        return None
    return due if SAFETY_FROM <= local(due, zone).time() <= SAFETY_UNTIL else None


def elapsed_hours(start: datetime, end: datetime) -> float:
    """Real hours from `start` to `end`; negative when `end` is earlier."""
    return (require_aware(end) - require_aware(start)).total_seconds() / 3600


def deadline_for(
    level: str,
    now: datetime,
    hours: OpeningHours,
    zone: str,
    *,
    emergency_within: timedelta = EMERGENCY_WITHIN,
    urgent_within: timedelta = URGENT_WITHIN,
) -> datetime:
    """By when somebody must have acknowledged an alert of this level.

    Emergency: 15 minutes, day and night. Urgent: 60 minutes when the clinic is open, else its next
    opening; a clinic without any opening ahead counts as open. `zone` is the clinic's.

    Raises:
        ValueError: alerts have no other level.
    """
    now = require_aware(now)
    if level == "emergency":
        return now + emergency_within
    if level != "urgent":
        raise ValueError(f"alerts are urgent or emergency, not {level!r}")
    opening = None if hours.is_open(now, zone) else hours.next_opening(now, zone)
    return opening or now + urgent_within
