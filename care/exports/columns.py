"""One column of an exported table: its name, its meaning, and how a row fills it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from storage.cipher import Cipher
from storage.tables import Clinic, Patient

# What a spreadsheet takes for the start of a formula; the last four are the full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Row:
    """A stored row with what its columns need: the patient, the clinic, the key to sealed words.

    `cipher` is only there when names or words were asked for.
    """

    it: Any
    patient: Patient | None
    clinic: Clinic
    cipher: Cipher | None = None

    @property
    def zone(self) -> str:
        """The patient's time zone, else the clinic's."""
        return (self.patient.zone if self.patient else None) or self.clinic.zone

    def opened(self, stored: str) -> str:
        """The words behind a sealed value.

        Raises:
            UnreadableError: no key of ours opens it.
            PermissionError: words were not asked for.
        """
        if self.cipher is None:
            raise PermissionError("this export leaves names and words sealed")
        return self.cipher.open(stored)


@dataclass(frozen=True)
class Column:
    """A column: `kind` is one of KINDS, `values` are the codes it may hold (empty: any)."""

    name: str
    kind: str
    meaning: str
    read: Callable[[Row], object]
    unit: str = ""
    values: tuple[str, ...] = ()

    def cell(self, row: Row) -> str:
        """The row's value as text; empty when unknown."""
        return _WRITERS[self.kind](self.read(row))


def guarded(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        return ""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _local(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else ""


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _codes(value: object) -> str:
    return ";".join(value) if isinstance(value, (list, tuple)) else ""


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else ""


_WRITERS: dict[str, Callable[[object], str]] = {
    "key": _plain,
    "integer": _plain,
    "number": _plain,
    "code": _plain,
    "codes": _codes,
    "boolean": lambda value: "" if value is None else str(bool(value)).lower(),
    "time": _time,
    "local time": _local,
    "text": lambda value: guarded(_plain(value)),
    "object": _json,
}
KINDS = {
    "key": "a whole number that names a row of its table",
    "integer": "a whole number",
    "number": "a number with a decimal point",
    "code": "one of the codes, or a code of the protocol",
    "codes": "any of the codes, joined by ;",
    "boolean": "true or false",
    "time": "a moment in UTC, ISO 8601",
    "local time": "the same moment on a local clock, ISO 8601 with its offset",
    "text": "words; an apostrophe stands before a leading = + - @ so that no formula runs",
    "object": "codes and keys as JSON",
}


def localised(moment: datetime | None, zone: str) -> datetime | None:
    """A moment as the clock in `zone` shows it."""
    return moment.astimezone(ZoneInfo(zone)) if moment else None


def field(
    name: str,
    kind: str,
    meaning: str,
    *,
    of: str | None = None,
    unit: str = "",
    values: tuple[str, ...] = (),
) -> Column:
    """A column that holds the row's own field `of` (its name, unless given)."""
    attribute = of or name
    return Column(name, kind, meaning, lambda row: getattr(row.it, attribute), unit, values)


def local(name: str, of: str, meaning: str) -> Column:
    """A column with a moment on the patient's clock."""
    return Column(
        name, "local time", meaning, lambda row: localised(getattr(row.it, of), row.zone)
    )


def patient_code() -> Column:
    """The column that says whose row it is."""
    return Column(
        "patient",
        "code",
        "the patient's code, as in patients.csv",
        lambda row: row.patient.code if row.patient else None,
    )


def sealed(name: str, meaning: str) -> Column:
    """A column with words that are stored encrypted."""
    return Column(name, "text", meaning, lambda row: row.opened(getattr(row.it, name)))
