"""A clinic's settings as one TOML file: written, read, compared and applied."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import tomlkit
from tomlkit.items import Table

import storage.config
import storage.people
from care.actors import RefusedError
from care.clinic import SETTINGS, InvalidSettingError
from care.opening_hours import WEEKDAYS, OpeningHours
from care.work import Tx, Work
from storage.tables import Clinic, ScheduleStep

_LONGEST_STEP_HOURS = 30 * 24
_STEP = re.compile(r"[a-z0-9]{1,12}")
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True)
class Problem:
    """Why the file cannot be used: the key, and one of unknown, type, value, twice, none, toml."""

    key: str
    reason: str
    detail: str = ""


class ConfigError(Exception):
    """The file cannot be used; nothing of it was applied."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{found.key}: {found.reason}" for found in self.problems))


@dataclass(frozen=True)
class Step:
    """One step of the schedule, `hours` real hours after a session."""

    step: str
    hours: float
    active: bool = True


@dataclass(frozen=True)
class Config:
    """What a file says: checked values by setting, and the whole schedule if it holds one."""

    values: Mapping[str, object]
    schedule: tuple[Step, ...] | None = None


@dataclass(frozen=True)
class Change:
    """One setting before and after, as the file writes them; empty: not there."""

    key: str
    before: str
    after: str


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise InvalidSettingError("language")
    return value


# Every setting of the file, in its order; opening hours stand in a table of their own.
_CHECKS: dict[str, Callable[[str], object]] = {
    **{name: check for name, check in SETTINGS.items() if name != "opening_hours"},
    "language": _language,
}
_NUMBERS = frozenset({"digest_hour"})
_MAY_BE_EMPTY = frozenset({"phone"})


def write(clinic: Clinic, steps: Iterable[ScheduleStep]) -> str:
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
    schedule = tomlkit.aot()
    for step in steps:
        schedule.append(_step_table(step))
    if len(schedule):
        document.add("schedule", schedule)
    return tomlkit.dumps(document)


def _step_table(step: ScheduleStep) -> Table:
    table = tomlkit.table()
    table.add("step", step.step)
    table.add("hours", step.hours)
    table.add("active", step.active)
    return table


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
                schedule = _read_schedule(value)
            else:
                values[key] = _read_value(key, value)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Config(values, schedule)


def _fault(key: str, reason: str) -> ConfigError:
    return ConfigError([Problem(key, reason)])


def _read_value(key: str, value: object) -> object:
    if key not in _CHECKS:
        raise _fault(key, "unknown")
    expected = int if key in _NUMBERS else str
    if not isinstance(value, expected) or isinstance(value, bool):
        raise _fault(key, "type")
    if value == "" and key in _MAY_BE_EMPTY:
        return ""
    try:
        return _CHECKS[key](str(value).strip())
    except InvalidSettingError:
        raise _fault(key, "value") from None


def _read_hours(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _fault("opening_hours", "type")
    # Every day is named, because hours without any day mean the usual week.
    week: dict[str, object] = {day: [] for day in WEEKDAYS}
    for day, intervals in value.items():
        if day not in (*WEEKDAYS, "closed"):
            raise _fault(f"opening_hours.{day}", "unknown")
        if not isinstance(intervals, list) or not all(isinstance(one, str) for one in intervals):
            raise _fault(f"opening_hours.{day}", "type")
        pairs = [one.replace(" ", "").split("-") for one in intervals]
        week[day] = intervals if day == "closed" else pairs
    try:
        return OpeningHours.from_json(week).to_json()
    except ValueError:
        raise _fault("opening_hours", "value") from None


def _read_schedule(value: object) -> tuple[Step, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _fault("schedule", "type")
    steps = tuple(_read_step(number, one) for number, one in enumerate(value, start=1))
    if len({step.step for step in steps}) < len(steps):
        raise _fault("schedule", "twice")
    if not any(step.active for step in steps):
        raise _fault("schedule", "none")
    return steps


def _read_step(number: int, found: dict[str, object]) -> Step:
    place = f"schedule.{number}"
    for key in found:
        if key not in ("step", "hours", "active"):
            raise _fault(f"{place}.{key}", "unknown")
    name, hours, active = found.get("step"), found.get("hours"), found.get("active", True)
    if not isinstance(name, str) or not _STEP.fullmatch(name):
        raise _fault(f"{place}.step", "value")
    if not isinstance(hours, (int, float)) or isinstance(hours, bool):
        raise _fault(f"{place}.hours", "type")
    if not 0 < hours <= _LONGEST_STEP_HOURS:
        raise _fault(f"{place}.hours", "value")
    if not isinstance(active, bool):
        raise _fault(f"{place}.active", "type")
    return Step(name, float(hours), active)


async def export(work: Work, clinic_id: int) -> str:
    """The clinic's settings as a TOML file.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        return write(clinic, await storage.config.all_steps(session, clinic_id))


async def compare(work: Work, clinic_id: int, config: Config) -> list[Change]:
    """What applying the file would change.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        return _changes(clinic, await storage.config.all_steps(session, clinic_id), config)


def _changes(clinic: Clinic, steps: list[ScheduleStep], config: Config) -> list[Change]:
    found = []
    for key, after in config.values.items():
        before = getattr(clinic, key)
        if key == "opening_hours":
            before, after = _hours_words(before), _hours_words(after)
        if before != after:
            found.append(Change(key, str(before), str(after)))
    if config.schedule is None:
        return found
    now = {one.step: Step(one.step, one.hours, one.active) for one in steps}
    then = {one.step: one for one in config.schedule}
    for name in sorted(now | then, key=lambda one: (then.get(one) or now[one]).hours):
        before, after = now.get(name), then.get(name)
        if after is None and before is not None:
            # A step that has asked somebody is history: it is switched off, not deleted.
            after = Step(name, before.hours, active=False)
        if before != after:
            found.append(Change(f"schedule {name}", _step_words(before), _step_words(after)))
    return found


def _hours_words(stored: object) -> str:
    week = _hours(stored if isinstance(stored, dict) else {})
    return "; ".join(f"{day} {', '.join(parts)}" for day, parts in week.items()) or "never open"


def _step_words(step: Step | None) -> str:
    if step is None:
        return ""
    return f"{step.hours:g} h" if step.active else "off"


async def apply(work: Work, by: str, clinic_id: int, config: Config) -> list[Change]:
    """Set everything the file says, in one transaction; what is planned already keeps its times.

    Raises:
        RefusedError: no such clinic.
    """
    async with work.writing() as tx:
        clinic = await storage.people.clinic(tx.session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        steps = await storage.config.all_steps(tx.session, clinic_id)
        changes = _changes(clinic, steps, config)
        for key, value in config.values.items():
            setattr(clinic, key, value)
        tx.session.add(clinic)
        if config.schedule is not None:
            _set_schedule(tx, clinic_id, steps, config.schedule)
        for change in changes:
            tx.audit(clinic_id, by, "setting_changed", f"setting:{change.key}")
        return changes


def _set_schedule(
    tx: Tx, clinic_id: int, steps: list[ScheduleStep], schedule: Iterable[Step]
) -> None:
    then = {one.step: one for one in schedule}
    for row in steps:
        wanted = then.pop(row.step, None)
        row.active = wanted is not None and wanted.active
        row.hours = wanted.hours if wanted else row.hours
        tx.session.add(row)
    for one in then.values():
        tx.session.add(
            ScheduleStep(clinic_id=clinic_id, step=one.step, hours=one.hours, active=one.active)
        )
