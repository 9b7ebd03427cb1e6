"""A clinic's settings as one TOML file: written, read, compared and applied."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import tomlkit

import storage.people
import storage.schedules
from care import config_schedule, schedules
from care.actors import RefusedError
from care.clinic import SETTINGS, InvalidSettingError, put
from care.config_faults import ConfigError, Problem, fault
from care.opening_hours import WEEKDAYS, OpeningHours
from care.roster import BOUNDS
from care.timing import Schedule
from care.work import Tx, Work
from storage.tables import Clinic, ScheduleVersion


@dataclass(frozen=True)
class Config:
    """What a file says: checked values by setting, and the whole schedule if it holds one."""

    values: Mapping[str, object]
    schedule: Schedule | None = None


@dataclass(frozen=True)
class Change:
    """One setting before and after, as the file writes them; empty: not there."""

    key: str
    before: str
    after: str


def _minutes(name: str, value: str) -> int:
    least, most = BOUNDS[name]
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise InvalidSettingError(name)
    return int(value)


# Every setting of the file, in its order; opening hours stand in a table of their own.
_CHECKS: dict[str, Callable[[str], object]] = {
    **{name: check for name, check in SETTINGS.items() if name != "opening_hours"},
    **{name: partial(_minutes, name) for name in BOUNDS},
}
_NUMBERS = frozenset({"digest_hour", "retention_months", *BOUNDS})
_MAY_BE_EMPTY = frozenset({"phone", "consent_words", "weekly_drill"})


def write(clinic: Clinic, schedule: Schedule) -> str:
    """The clinic's settings as a TOML file."""
    document = tomlkit.document()
    document.add(tomlkit.comment("The clinic's settings. Read them back with"))
    document.add(tomlkit.comment("symptom-diary config import FILE --yes"))
    for name in _CHECKS:
        document.add(name, getattr(clinic, name))
    hours = tomlkit.table()
    hours.add(tomlkit.comment('Days left out are closed. mon = ["08:00-12:00", "13:00-18:00"]'))
    for day, intervals in _hours(clinic.opening_hours).items():
        hours.add(day, intervals)
    document.add("opening_hours", hours)
    document.add("schedule", config_schedule.write(schedule))
    return tomlkit.dumps(document)


def _hours(stored: Mapping[str, object]) -> dict[str, list[str]]:
    """Opening hours as the file writes them: the days that are open, and the dates closed."""
    found: dict[str, list[str]] = {}
    for day, intervals in OpeningHours.from_json(stored).to_json().items():
        if isinstance(intervals, list) and intervals:
            found[day] = [one if isinstance(one, str) else "-".join(one) for one in intervals]
    return found


def read(text: str) -> Config:
    """What a file says, each value checked as /settings checks it; what it leaves out stays.

    Raises:
        ConfigError: it is no TOML, or a key or value cannot be used; every fault is named.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Problem("file", "toml", str(error))]) from None
    problems: list[Problem] = []
    values: dict[str, object] = {}
    schedule = None
    for key, value in data.items():
        try:
            if key == "opening_hours":
                values[key] = _read_hours(value)
            elif key == "schedule":
                schedule = config_schedule.read(value)
            else:
                values[key] = _read_value(key, value)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Config(values, schedule)


def _read_value(key: str, value: object) -> object:
    if key not in _CHECKS:
        raise fault(key, "unknown")
    expected = int if key in _NUMBERS else str
    if not isinstance(value, expected) or isinstance(value, bool):
        raise fault(key, "type")
    if value == "" and key in _MAY_BE_EMPTY:
        return ""
    try:
        return _CHECKS[key](str(value).strip())
    except InvalidSettingError:
        raise fault(key, "value") from None


def _read_hours(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise fault("opening_hours", "type")
    # Every day is named, because hours without any day mean the usual week.
    week: dict[str, object] = {day: [] for day in WEEKDAYS}
    for day, intervals in value.items():
        if day not in (*WEEKDAYS, "closed"):
            raise fault(f"opening_hours.{day}", "unknown")
        if not isinstance(intervals, list) or not all(isinstance(one, str) for one in intervals):
            raise fault(f"opening_hours.{day}", "type")
        pairs = [one.replace(" ", "").split("-") for one in intervals]
        week[day] = intervals if day == "closed" else pairs
    try:
        return OpeningHours.from_json(week).to_json()
    except ValueError:
        raise fault("opening_hours", "value") from None


async def export(work: Work, clinic_id: int) -> str:
    """The clinic's settings as a TOML file.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        _number, schedule = await schedules.current(session, clinic_id)
        return write(clinic, schedule)


async def compare(work: Work, clinic_id: int, config: Config) -> list[Change]:
    """What applying the file would change.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        _number, schedule = await schedules.current(session, clinic_id)
        return _changes(clinic, schedule, config)


def _changes(clinic: Clinic, schedule: Schedule, config: Config) -> list[Change]:
    found = []
    for key, after in config.values.items():
        before = getattr(clinic, key)
        if key == "opening_hours":
            before, after = _hours_words(before), _hours_words(after)
        if before != after:
            found.append(Change(key, str(before), str(after)))
    if config.schedule is not None:
        differs = config_schedule.differences(schedule, config.schedule)
        found += [Change(key, before, after) for key, before, after in differs]
    return found


def _hours_words(stored: object) -> str:
    week = _hours(stored if isinstance(stored, dict) else {})
    return "; ".join(f"{day} {', '.join(parts)}" for day, parts in week.items()) or "never open"


async def apply(work: Work, by: str, clinic_id: int, config: Config) -> list[Change]:
    """Set everything the file says, in one transaction; what is planned already keeps its times.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.writing() as tx:
        clinic = await storage.people.clinic(tx.session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        number, schedule = await schedules.current(tx.session, clinic_id)
        changes = _changes(clinic, schedule, config)
        for key, value in config.values.items():
            await put(tx, clinic, key, value, by=by)
        if config.schedule is not None and config.schedule != schedule:
            await _set_schedule(tx, clinic_id, number, config.schedule)
        for change in changes:
            tx.audit(clinic_id, by, "setting_changed", f"setting:{change.key}")
        return changes


async def _set_schedule(tx: Tx, clinic_id: int, based_on: int, schedule: Schedule) -> None:
    tx.session.add(
        ScheduleVersion(
            clinic_id=clinic_id,
            number=await storage.schedules.highest_number(tx.session, clinic_id) + 1,
            based_on=based_on,
            state="applied",
            body=schedules.to_json(schedule),
            made_at=tx.now,
            applied_at=tx.now,
        )
    )
    await tx.session.flush()
