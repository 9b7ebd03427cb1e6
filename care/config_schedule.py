"""The schedule's part of the settings file."""

from dataclasses import replace
from datetime import time

import tomlkit
from tomlkit.items import Table

from care import schedules
from care.config_faults import fault
from care.schedules import WEEK_STEP, InvalidScheduleError
from care.timing import Schedule

_KEYS = (
    "check_ins_after_hours",
    "window",
    "reminders_after_hours",
    "closes_after_hours",
    "same_clock_time",
    "one_tap_on_day_7",
    "merges_within_hours",
)
# Which key a schedule that cannot be like this is blamed on.
_BLAMED = {
    "hours": _KEYS[0], "apart": _KEYS[0], "steps": _KEYS[0], "window": "window",
    "reminders": _KEYS[2], "closing": _KEYS[3],
    "merge": "merges_within_hours",
}  # fmt: skip


def write(schedule: Schedule) -> Table:
    """The schedule as a table of the file."""
    table = tomlkit.table()
    for key, value in _values(schedule).items():
        table.add(key, value)
    return table


def _values(schedule: Schedule) -> dict[str, object]:
    start, end = schedule.window_start, schedule.window_end
    return {
        "check_ins_after_hours": [
            _plain(step.hours) for step in schedule.steps if step != WEEK_STEP
        ],
        "window": f"{start:%H:%M}-{end:%H:%M}",
        "reminders_after_hours": [_plain(hours) for hours in schedule.reminder_hours],
        "closes_after_hours": _plain(schedule.close_after_hours),
        "same_clock_time": schedule.same_clock_time,
        "one_tap_on_day_7": WEEK_STEP in schedule.steps,
        "merges_within_hours": _plain(schedule.merge_hours),
    }


def _plain(hours: float) -> float | int:
    return int(hours) if float(hours).is_integer() else float(hours)


def read(value: object) -> Schedule:
    """The schedule that a table of the file says; what it leaves out is as in a new clinic.

    Raises:
        ConfigError: a key or value cannot be used.
    """
    if not isinstance(value, dict):
        raise fault("schedule", "type")
    for key in value:
        if key not in _KEYS:
            raise fault(f"schedule.{key}", "unknown")
    found = _values(schedules.DEFAULT) | value
    try:
        schedule = _steps(found)
        schedule = schedules.with_window(schedule, *_window(found["window"]))
        schedule = schedules.with_merging(schedule, _number(found, "merges_within_hours"))
        schedule = schedules.with_reminders(schedule, ())
        schedule = schedules.with_closing(schedule, _number(found, "closes_after_hours"))
        schedule = schedules.with_reminders(schedule, tuple(_hours(found, _KEYS[2])))
    except InvalidScheduleError as error:
        raise fault(f"schedule.{_BLAMED[error.reason]}", error.reason) from None
    return schedules.counted(schedule, same_clock_time=_flag(found, "same_clock_time"))


def _steps(found: dict[str, object]) -> Schedule:
    hours = _hours(found, _KEYS[0])
    one_tap = _flag(found, "one_tap_on_day_7")
    if one_tap and not hours:
        return replace(schedules.DEFAULT, steps=(WEEK_STEP,))
    schedule = schedules.with_steps(schedules.DEFAULT, hours)
    return schedules.with_week(schedule, on=True) if one_tap else schedule


def _flag(found: dict[str, object], key: str) -> bool:
    value = found[key]
    if not isinstance(value, bool):
        raise fault(f"schedule.{key}", "type")
    return value


def _number(found: dict[str, object], key: str) -> float:
    return _one(found[key], key)


def _hours(found: dict[str, object], key: str) -> list[float]:
    value = found[key]
    if not isinstance(value, list):
        raise fault(f"schedule.{key}", "type")
    return [_one(one, key) for one in value]


def _one(value: object, key: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise fault(f"schedule.{key}", "type")
    return float(value)


def _window(value: object) -> tuple[time, time]:
    if not isinstance(value, str):
        raise fault("schedule.window", "type")
    try:
        start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except ValueError:
        raise fault("schedule.window", "value") from None
    return start, end


def differences(before: Schedule, after: Schedule) -> list[tuple[str, str, str]]:
    """(key, before, after) for each value that differs, as the file writes them."""
    old, new = _values(before), _values(after)
    return [
        (f"schedule.{key}", _words(old[key]), _words(new[key]))
        for key in _KEYS
        if old[key] != new[key]
    ]


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).lower()
