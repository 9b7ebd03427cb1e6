"""When a session was, from what other systems write."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

_NUMBERS = re.compile(
    r"(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<year>\d{4})[ ,T]+"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?",
    re.IGNORECASE,
)
_DATE_ONLY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4}")


class DayOrder(StrEnum):
    """Whether the day or the month comes first in 03/04/2026."""

    dmy = "dmy"
    mdy = "mdy"


class MomentError(ValueError):
    """No moment can be read. `code`: no_time, no_moment, day_or_month, twice, never."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def order_of(texts: Iterable[str]) -> DayOrder | None:
    """What the dates of one file have in common; None when they leave both open."""
    orders = set()
    for text in texts:
        found = _NUMBERS.fullmatch(text.strip())
        if found is None or found["sep"] == ".":
            continue
        if int(found["a"]) > 12:
            orders.add(DayOrder.dmy)
        if int(found["b"]) > 12:
            orders.add(DayOrder.mdy)
    return orders.pop() if len(orders) == 1 else None


def read_moment(text: str, zone: str, order: DayOrder | None) -> datetime:
    """A moment in UTC from ISO 8601 or from day, month and year with a time of day.

    Without an offset it is a time on the clock in `zone`. 03/04/2026 needs `order`, unless both
    readings are the same day; 03.04.2026 begins with the day.

    Raises:
        MomentError: it cannot be read, or that clock shows it twice or never.
    """
    moment = _parsed(text.strip(), order)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return _on_the_wall(moment, ZoneInfo(zone))


def _parsed(text: str, order: DayOrder | None) -> datetime:
    if _DATE_ONLY.fullmatch(text):
        raise MomentError("no_time")
    found = _NUMBERS.fullmatch(text)
    try:
        return datetime.fromisoformat(text) if found is None else _from_numbers(found, order)
    except MomentError:
        raise
    except ValueError:
        raise MomentError("no_moment") from None


def _from_numbers(found: re.Match[str], order: DayOrder | None) -> datetime:
    first, second = int(found["a"]), int(found["b"])
    if found["sep"] == "." or first > 12:
        order = DayOrder.dmy
    elif second > 12:
        order = DayOrder.mdy
    elif first != second and order is None:
        raise MomentError("day_or_month")
    day, month = (second, first) if order is DayOrder.mdy else (first, second)
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise MomentError("no_moment")
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    second_of = int(found["second"] or 0)
    return datetime(  # noqa: DTZ001 - a time on the wall; its zone is looked at next
        int(found["year"]), month, day, hour, int(found["minute"]), second_of
    )


def _on_the_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    shown = [moment.astimezone(zone).replace(tzinfo=None) for moment in (first, second)]
    if wall not in shown:
        raise MomentError("never")
    if first != second:
        raise MomentError("twice")
    return first
