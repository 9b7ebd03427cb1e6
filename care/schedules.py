"""A clinic's schedule as data, checked: its steps, window of the day, reminders and closing."""

from dataclasses import replace
from datetime import time
from itertools import pairwise
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.schedules
from care.timing import Schedule, Step
from care.triage import WEEK

DEFAULT = Schedule((Step("24h", 24), Step("48h", 48)))
# Bounds in hours: sooner there is nothing to ask, later nobody follows; closer together one
# check-in would run into the next.
FIRST_HOURS, LAST_HOURS, APART_HOURS = 6, 720, 12
MOST_STEPS = 8
# The one-tap check, a week after the session.
WEEK_STEP = Step(WEEK, 168)
SHORTEST_WINDOW_HOURS = 6


class InvalidScheduleError(ValueError):
    """The schedule cannot be like this; `reason` is one of the codes below.

    hours: outside 6 to 720; apart: two steps closer than 12 h; steps: none, or more than 8;
    window: shorter than 6 h; closing, reminders, merge: no such choice; unknown: no such step.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def step_id(hours: float) -> str:
    """The id of a step so many hours after the session."""
    return f"{hours:g}h"


async def current(session: AsyncSession, clinic_id: int) -> tuple[int, Schedule]:
    """The schedule in force, with its number; (0, the default) for a clinic without one."""
    found = await storage.schedules.newest(session, clinic_id)
    if found is None:
        return 0, DEFAULT
    return found.number or 0, from_json(found.body)


def to_json(schedule: Schedule) -> dict[str, object]:
    """The schedule as it is stored."""
    return {
        "steps": [{"id": step.id, "hours": step.hours} for step in schedule.steps],
        "window": [f"{schedule.window_start:%H:%M}", f"{schedule.window_end:%H:%M}"],
        "reminders": list(schedule.reminder_hours),
        "closing": schedule.close_after_hours,
        "same_clock_time": schedule.same_clock_time,
        "merge": schedule.merge_hours,
    }


def from_json(body: dict[str, Any]) -> Schedule:
    """The schedule that was stored."""
    start, end = (time.fromisoformat(at) for at in body["window"])
    return Schedule(
        steps=tuple(Step(step["id"], step["hours"]) for step in body["steps"]),
        window_start=start,
        window_end=end,
        reminder_hours=tuple(body["reminders"]),
        close_after_hours=body["closing"],
        same_clock_time=body["same_clock_time"],
        merge_hours=body.get("merge", DEFAULT.merge_hours),
    )


def checked(schedule: Schedule) -> Schedule:
    """Itself, when a clinic may follow it.

    Raises:
        InvalidScheduleError: it is out of bounds.
    """
    hours = [step.hours for step in schedule.steps]
    if not 1 <= len(hours) <= MOST_STEPS:
        raise InvalidScheduleError("steps")
    if hours[0] < FIRST_HOURS or hours[-1] > LAST_HOURS:
        raise InvalidScheduleError("hours")
    if any(later - sooner < APART_HOURS for sooner, later in pairwise(hours)):
        raise InvalidScheduleError("apart")
    start, end = schedule.window_start, schedule.window_end
    if (end.hour - start.hour) + (end.minute - start.minute) / 60 < SHORTEST_WINDOW_HOURS:
        raise InvalidScheduleError("window")
    if not 1 <= schedule.close_after_hours <= 72:
        raise InvalidScheduleError("closing")
    if not 0 <= schedule.merge_hours < APART_HOURS:
        raise InvalidScheduleError("merge")
    if not all(0 < hours < schedule.close_after_hours for hours in schedule.reminder_hours):
        raise InvalidScheduleError("reminders")
    return schedule


def with_step(schedule: Schedule, hours: float) -> Schedule:
    """The schedule with one more check-in; unchanged when it is there.

    Raises:
        InvalidScheduleError: out of bounds, or too close to another.
    """
    if any(step.hours == hours for step in schedule.steps):
        return schedule
    steps = sorted((*schedule.steps, Step(step_id(hours), hours)), key=lambda step: step.hours)
    return _with_steps(schedule, steps)


def with_week(schedule: Schedule, *, on: bool) -> Schedule:
    """The schedule with the one-tap check of day 7, in place of a whole one then, or without it.

    Raises:
        InvalidScheduleError: too close to another.
    """
    kept = [step for step in schedule.steps if step.hours != WEEK_STEP.hours or not on]
    steps = [step for step in kept if step.id != WEEK]
    if on:
        steps = sorted((*steps, WEEK_STEP), key=lambda step: step.hours)
    return _with_steps(schedule, steps)


def without_step(schedule: Schedule, step: str) -> Schedule:
    """The schedule without this check-in.

    Raises:
        InvalidScheduleError: it is the only one, or there is no such step.
    """
    if all(known.id != step for known in schedule.steps):
        raise InvalidScheduleError("unknown")
    return _with_steps(schedule, [known for known in schedule.steps if known.id != step])


def moved_step(schedule: Schedule, step: str, hours: str) -> Schedule:
    """The schedule with this check-in at other hours.

    Raises:
        InvalidScheduleError: there is no such step, or it would be out of bounds or too close.
    """
    if step == WEEK or all(known.id != step for known in schedule.steps):
        raise InvalidScheduleError("unknown")
    kept = [known for known in schedule.steps if known.id != step]
    at = float(hours)
    if all(known.hours != at for known in kept):
        kept.append(Step(step_id(at), at))
    return _with_steps(schedule, sorted(kept, key=lambda known: known.hours))


def counted(schedule: Schedule, *, same_clock_time: bool) -> Schedule:
    """The schedule counted day by day at the session's clock time, or in real hours."""
    return replace(schedule, same_clock_time=same_clock_time)


def with_steps(schedule: Schedule, hours: list[float]) -> Schedule:
    """The schedule with check-ins at these hours, and no others.

    Raises:
        InvalidScheduleError: out of bounds, or too close together.
    """
    return _with_steps(schedule, [Step(step_id(at), at) for at in sorted(set(hours))])


def _with_steps(schedule: Schedule, steps: list[Step]) -> Schedule:
    hours = [step.hours for step in steps]
    if any(later - sooner < APART_HOURS for sooner, later in pairwise(hours)):
        raise InvalidScheduleError("apart")
    return checked(replace(schedule, steps=tuple(steps)))


def with_window(schedule: Schedule, start: time, end: time) -> Schedule:
    """The schedule with another window of the day.

    Raises:
        InvalidScheduleError: it is shorter than 6 h or the wrong way round.
    """
    if start >= end:
        raise InvalidScheduleError("window")
    return checked(replace(schedule, window_start=start, window_end=end))


def with_reminders(schedule: Schedule, hours: tuple[float, ...]) -> Schedule:
    """The schedule with reminders so many hours after a check-in.

    Raises:
        InvalidScheduleError: one would come after the closing.
    """
    return checked(replace(schedule, reminder_hours=hours))


def with_closing(schedule: Schedule, hours: float) -> Schedule:
    """The schedule with another closing time; reminders that would come later fall away.

    Raises:
        InvalidScheduleError: outside 1 to 72 h.
    """
    kept = tuple(at for at in schedule.reminder_hours if at < hours)
    return checked(replace(schedule, close_after_hours=hours, reminder_hours=kept))


def with_merging(schedule: Schedule, hours: float) -> Schedule:
    """The schedule with another reach of merging in hours; 0 never merges.

    Raises:
        InvalidScheduleError: below 0, or as far as two steps lie apart.
    """
    return checked(replace(schedule, merge_hours=hours))
