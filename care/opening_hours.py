"""A clinic's opening hours: its week, and the dates on which it stays closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from care.local_days import Interval, Span, require_aware, spans

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DEFAULT: tuple[Interval, ...] = ((time(8), time(18)),)
DEFAULT_WEEK: tuple[tuple[Interval, ...], ...] = (_DEFAULT,) * 5 + ((), ())
# How far ahead an opening is looked for: longer than any holiday.
_HORIZON = timedelta(days=60)
_STRETCH = timedelta(days=10)


@dataclass(frozen=True)
class OpeningHours:
    """Seven days from Monday, each with its (open, close) local times; close 00:00 is midnight at
    the day's end. Open holds at the opening minute and no longer at the closing one.

    Raises:
        ValueError: not seven days, or intervals of a day that overlap or end before they begin.
    """

    week: tuple[tuple[Interval, ...], ...] = DEFAULT_WEEK
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != len(WEEKDAYS):
            raise ValueError(f"a week has seven days, not {len(self.week)}")
        for name, intervals in zip(WEEKDAYS, self.week, strict=True):
            _check_day(name, intervals)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "OpeningHours":
        """Read `{"mon": [["08:00", "18:00"]], …, "closed": ["2026-12-25"]}`. A weekday left out
        is closed; an empty mapping means the default, Monday to Friday 08:00 to 18:00.

        Raises:
            ValueError: anything else, in a sentence that names the part.
        """
        unknown = sorted(set(stored) - {*WEEKDAYS, "closed"})
        if unknown:
            raise ValueError(f"opening hours know {', '.join(WEEKDAYS)} and closed, not {unknown}")
        closed = frozenset(_date(day) for day in _list("closed", stored.get("closed", [])))
        if not any(name in stored for name in WEEKDAYS):
            return cls(closed=closed)
        week = tuple(
            tuple(_interval(name, pair) for pair in _list(name, stored.get(name, [])))
            for name in WEEKDAYS
        )
        return cls(week, closed)

    def to_json(self) -> dict[str, object]:
        """What `from_json` reads."""
        stored: dict[str, object] = {
            name: [[_format(opens), _format(closes, end=True)] for opens, closes in intervals]
            for name, intervals in zip(WEEKDAYS, self.week, strict=True)
        }
        stored["closed"] = sorted(day.isoformat() for day in self.closed)
        return stored

    def is_open(self, at: datetime, zone: str) -> bool:
        """Whether the clinic in `zone` is open at `at` (aware).

        Raises:
            ValueError: `at` is naive.
        """
        return any(begin <= at < stop for begin, stop in self._spans(at, at, zone))

    def next_opening(self, at: datetime, zone: str) -> datetime | None:
        """The first opening after `at` (UTC), also when open at `at`; None: not in 60 days.

        Raises:
            ValueError: `at` is naive.
        """
        start = require_aware(at)
        while start < at + _HORIZON:
            for begin, _ in self._spans(start, start + _STRETCH, zone):
                if begin > at:
                    return begin.astimezone(UTC)
            start += _STRETCH
        return None

    def add_open_hours(self, at: datetime, hours: float, zone: str) -> datetime:
        """When `hours` of opening time have passed since `at` (UTC). Without so much opening time
        in 60 days, real hours count: a deadline is never lost.

        Raises:
            ValueError: `at` is naive.
        """
        at = require_aware(at)
        left = timedelta(hours=hours)
        for begin, stop in self._spans(at, at + _HORIZON, zone):
            since = max(begin, at)
            if stop - since >= left:
                return since + left
            left -= stop - since
        return at + timedelta(hours=hours)

    def _spans(self, start: datetime, end: datetime, zone: str) -> list[Span]:
        return spans(start, end, zone, self._on)

    def _on(self, day: date) -> Sequence[Interval]:
        return () if day in self.closed else self.week[day.weekday()]


def _check_day(name: str, intervals: tuple[Interval, ...]) -> None:
    free_from = time.min
    for number, (opens, closes) in enumerate(intervals):
        if number and (opens < free_from or free_from == time.min):
            raise ValueError(f"{name}: opening hours overlap or are out of order")
        if time.min < closes <= opens:
            raise ValueError(f"{name}: opens at {opens:%H:%M}, after it closes at {closes:%H:%M}")
        free_from = closes


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: a list is needed, not {value!r}")  # noqa: TRY004
    return value


def _interval(name: str, pair: object) -> Interval:
    parts = _list(name, pair)
    if len(parts) != 2:
        raise ValueError(f'{name}: ["08:00", "18:00"] is needed, not {pair!r}')
    return _time(name, parts[0]), _time(name, parts[1])


def _time(name: str, text: object) -> time:
    try:
        return time.min if text == "24:00" else time.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not a time like 08:00") from None


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"closed: {text!r} is not a date like 2026-12-25") from None


def _format(at: time, *, end: bool = False) -> str:
    return "24:00" if end and at == time.min else f"{at:%H:%M}"
