"""Local days on the UTC line: when a clock on the wall stands between two times of the day.

Wall clocks jump and repeat. Every span here is found on the UTC line, from the zone's offsets, so
that a time that does not exist on a day, or exists twice, is never guessed.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[time, time]
Span = tuple[datetime, datetime]

# No zone changes its clock twice within this stretch.
_STRIDE = timedelta(hours=6)
_DAY = timedelta(days=1)
_RESOLUTION = timedelta.resolution


def require_aware(moment: datetime) -> datetime:
    """`moment` in UTC.

    Raises:
        ValueError: it is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; times here are aware")
    return moment.astimezone(UTC)


def local(moment: datetime, zone: str) -> datetime:
    """`moment` as the clock in `zone` (an IANA name) shows it.

    Raises:
        ValueError: `moment` is naive.
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    return require_aware(moment).astimezone(ZoneInfo(zone))


def same_clock(moment: datetime, span: timedelta, zone: str) -> datetime:
    """When the clock in `zone` shows what it shows at `moment`, so long later by that clock.

    A time that does not exist on that day is as far past the jump as it would have been; one that
    exists twice is the first.

    Raises:
        ValueError: `moment` is naive.
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    then = local(moment, zone).replace(fold=0) + span
    return then.astimezone(UTC)


def next_weekly(weekday: int, at: time, zone: str, after: datetime) -> datetime:
    """The next moment (UTC) later than `after` at which the clock in `zone` shows `at` on this day
    of the week (0: Monday). A time that a day skips is as far past the jump; of two, the first.

    Raises:
        ValueError: `after` is naive, or `weekday` is none.
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    if weekday not in range(7):
        raise ValueError(f"{weekday} is no day of the week")
    today = local(after, zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 9))
    moments = (
        datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
        for day in days
        if day.weekday() == weekday
    )
    return min(moment for moment in moments if moment > after)


def spans(
    start: datetime, end: datetime, zone: str, intervals_of: Callable[[date], Sequence[Interval]]
) -> list[Span]:
    """The stretches of UTC time, in order, that touch `start`..`end` and in which the clock in
    `zone` stands in one of the day's intervals.

    An interval is (from, to) in local time of its day; to 00:00 means the end of that day. Spans
    hold both ends; those that touch are joined. They may reach past `start` and `end` by a day.

    Raises:
        ValueError: `start` or `end` is naive.
        zoneinfo.ZoneInfoNotFoundError: no such zone.
    """
    first = require_aware(start).replace(microsecond=0) - _DAY
    last = require_aware(end).replace(microsecond=0) + _DAY
    found: list[Span] = []
    for begin, stop, offset in _steady(first, last, zone):
        found += _within(begin, stop, offset, intervals_of)
    return [span for span in _joined(found) if span[1] >= start and span[0] <= end]


def _steady(
    first: datetime, last: datetime, zone: str
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut `first`..`last` where the zone's offset from UTC changes: (begin, stop, offset)."""
    begin, offset = first, _offset(first, zone)
    at = first
    while at < last:
        ahead = min(at + _STRIDE, last)
        changed = _offset(ahead, zone)
        if changed != offset:
            change = _change(at, ahead, zone)
            yield begin, change - _RESOLUTION, offset
            begin, offset = change, changed
        at = ahead
    yield begin, last, offset


def _change(before: datetime, after: datetime, zone: str) -> datetime:
    """The first whole second after `before` with the offset that holds at `after`."""
    offset = _offset(after, zone)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle), zone) == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


def _within(
    begin: datetime,
    stop: datetime,
    offset: timedelta,
    intervals_of: Callable[[date], Sequence[Interval]],
) -> list[Span]:
    found = []
    day = (begin + offset).date()
    while day <= (stop + offset).date():
        midnight = datetime.combine(day, time.min, UTC) - offset
        for opens, closes in intervals_of(day):
            opening = midnight + _since_midnight(opens)
            closing = midnight + (_since_midnight(closes) or _DAY)
            if opening <= stop and closing >= begin:
                found.append((max(opening, begin), min(closing, stop)))
        day += _DAY
    return found


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _joined(found: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, stop in sorted(found):
        if joined and begin - joined[-1][1] <= _RESOLUTION:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((begin, stop))
    return joined
