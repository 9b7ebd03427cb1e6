"""Days as people type them: "3-10 Dec", "24 Dec - 2 Jan", "2026-12-03 to 2026-12-10"."""

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TO = r"\s*(?:-|–|—|to|until|till|\.\.)\s*"
_ISO = re.compile(rf"(\d{{4}}-\d\d-\d\d)(?:{_TO}(\d{{4}}-\d\d-\d\d))?")
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_WORDS = re.compile(
    rf"{_DAY}(?:\s+([a-z]{{3,9}})\.?)?(?:\s+(\d{{4}}))?"
    rf"(?:{_TO}{_DAY}\s+([a-z]{{3,9}})\.?(?:\s+(\d{{4}}))?)?"
)


def parse_span(text: str, today: date) -> tuple[date, date]:
    """The first and the last day; without a year, the next such days that are not over yet.

    Raises:
        ValueError: this is no day and no span of days, or it ends before it begins.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    iso = _ISO.fullmatch(words)
    if iso:
        first = date.fromisoformat(iso[1])
        return _in_order(first, date.fromisoformat(iso[2]) if iso[2] else first)
    found = _WORDS.fullmatch(words)
    if found is None:
        raise ValueError("no days")
    day, month, year, last_day, last_month, last_year = found.groups()
    if last_day is None:
        last_day, last_month, last_year = day, month, year
    if last_month is None:
        raise ValueError("no month")
    return _dated(
        (int(day), _month(month or last_month), year),
        (int(last_day), _month(last_month), last_year),
        today,
    )


def _dated(
    first: tuple[int, int, str | None], last: tuple[int, int, str | None], today: date
) -> tuple[date, date]:
    if last[2] is not None:
        end = date(int(last[2]), last[1], last[0])
    else:
        end = next(
            day
            for year in range(today.year, today.year + 9)
            if (day := _day(year, last[1], last[0])) is not None and day >= today
        )
    if first[2] is not None:
        return _in_order(date(int(first[2]), first[1], first[0]), end)
    begin = date(end.year, first[1], first[0])
    if begin > end:
        if first[1] == last[1]:
            raise ValueError("ends before it begins")
        begin = date(end.year - 1, first[1], first[0])
    return begin, end


def _day(year: int, month: int, day: int) -> date | None:
    """The date, or None in a year without it (29 February)."""
    leap = date(2000, month, day)
    if (month, day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400)):
        return None
    return leap.replace(year=year)


def _month(word: str) -> int:
    if word[:3] not in MONTHS:
        raise ValueError("no month")
    return MONTHS.index(word[:3]) + 1


def _in_order(first: date, last: date) -> tuple[date, date]:
    if last < first:
        raise ValueError("ends before it begins")
    return first, last
