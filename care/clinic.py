"""What an admin sets about the clinic: its name, numbers, clock and hours; each value checked."""

import re
from collections.abc import Callable
from zoneinfo import available_timezones

import storage.people
from care import drill
from care.actors import Actor, RefusedError
from care.opening_hours import WEEKDAYS, OpeningHours
from care.work import Tx, Work
from storage.tables import Clinic, ConsentText

# The consent with the clinic's own words must fit into one message.
MOST_WORDS = 600
MOST_MONTHS = 600
# What can be read: English, and a catalogue for every other.
LANGUAGES = ("en", "es")

_NUMBER = re.compile(r"[+\d][\d ()/-]{1,30}")
_DAYS = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<times>[\d:,\s-]+)")


class InvalidSettingError(ValueError):
    """This value cannot be used; the text names the setting."""


def _name(value: str) -> str:
    if not 2 <= len(value) <= 80:
        raise InvalidSettingError("name")
    return value


def _phone(value: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise InvalidSettingError("phone")
    return value


def _language(value: str) -> str:
    if value.lower() not in LANGUAGES:
        raise InvalidSettingError("language")
    return value.lower()


def _may_be_empty(value: str) -> str:
    return "" if value.strip() in ("", "-") else _phone(value)


def _zone(value: str) -> str:
    by_lower = {name.lower(): name for name in available_timezones()}
    if value.lower() not in by_lower:
        raise InvalidSettingError("zone")
    return by_lower[value.lower()]


def _months(value: str) -> int:
    found = re.fullmatch(r"(\d{1,3})( months?)?", value)
    if value == "-":
        return 0
    if found is None or int(found[1]) > MOST_MONTHS:
        raise InvalidSettingError("retention_months")
    return int(found[1])


def _consent_words(value: str) -> str:
    if len(value) > MOST_WORDS:
        raise InvalidSettingError("consent_words")
    return "" if value == "-" else value


def _hour(value: str) -> int:
    if not re.fullmatch(r"([01]?\d|2[0-3])(:00)?", value):
        raise InvalidSettingError("digest_hour")
    return int(value.split(":")[0])


def _weekly(value: str) -> str:
    """ "Tue 14:30" as "tue 14:30"; "-" for none."""
    if value in ("", "-"):
        return ""
    found = re.fullmatch(r"([a-z]{3})[a-z]*\s+([01]?\d|2[0-3])(?::([0-5]\d))?", value.lower())
    if found is None or found[1] not in WEEKDAYS:
        raise InvalidSettingError("weekly_drill")
    return f"{found[1]} {int(found[2]):02}:{found[3] or '00'}"


def parse_hours(value: str) -> OpeningHours:
    """Opening hours from words: "Mon-Fri 08:00-18:00; Sat 09:00-12:00".

    Raises:
        InvalidSettingError: they cannot be read.
    """
    week: dict[str, object] = {}
    for part in value.lower().split(";"):
        found = _DAYS.fullmatch(part.strip())
        if found is None or found["first"] not in WEEKDAYS:
            raise InvalidSettingError("opening_hours")
        first = WEEKDAYS.index(found["first"])
        last = WEEKDAYS.index(found["last"]) if found["last"] in WEEKDAYS else first
        times = [pair.strip().split("-") for pair in found["times"].split(",")]
        for day in WEEKDAYS[first : last + 1]:
            week[day] = times
    try:
        return OpeningHours.from_json(week)
    except (ValueError, TypeError):
        raise InvalidSettingError("opening_hours") from None


SETTINGS: dict[str, Callable[[str], object]] = {
    "name": _name,
    "phone": _phone,
    "zone": _zone,
    "emergency_number": _phone,
    "urgent_number": _may_be_empty,
    "opening_hours": lambda value: parse_hours(value).to_json(),
    "digest_hour": _hour,
    "language": _language,
    "retention_months": _months,
    "consent_words": _consent_words,
    "weekly_drill": _weekly,
}


async def change(work: Work, actor: Actor, setting: str, value: str) -> Clinic:
    """Set one value from now on; what is planned already keeps its times.

    Raises:
        RefusedError: the actor is no admin, or there is no such setting.
        InvalidSettingError: the value cannot be used.
    """
    _, clinic_id = actor.staff()
    if not actor.is_admin or setting not in SETTINGS:
        raise RefusedError("only an admin changes settings")
    checked = SETTINGS[setting](value.strip())
    async with work.writing() as tx:
        clinic = await storage.people.clinic(tx.session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        if setting == "opening_hours" and isinstance(checked, dict):
            closed = OpeningHours.from_json(clinic.opening_hours).closed
            checked = {**checked, "closed": sorted(day.isoformat() for day in closed)}
        await put(tx, clinic, setting, checked, by=actor.name)
        tx.audit(clinic_id, actor.name, "setting_changed", f"setting:{setting}")
        return clinic


async def put(tx: Tx, clinic: Clinic, setting: str, value: object, *, by: str) -> None:
    """Set one checked value; other words in the consent make a new version of it."""
    if setting == "consent_words" and value != clinic.consent_words:
        clinic.consent_version += 1
        tx.session.add(
            ConsentText(
                clinic_id=clinic.id or 0,
                version=clinic.consent_version,
                words=str(value),
                written_by=by,
                created_at=tx.now,
            )
        )
    setattr(clinic, setting, value)
    tx.session.add(clinic)
    if setting in ("weekly_drill", "zone"):
        await drill.plan_week(tx, clinic)
