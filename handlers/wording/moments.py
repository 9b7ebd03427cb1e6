"""Times as people read them: "Tue 14:30", in the reader's zone and language."""

from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton, get_day_names

from care.opening_hours import OpeningHours
from care.triage import WEEK
from handlers.language import _, ngettext, reader_language

# Beyond these the weekday alone, or the date alone, would mean two days.
_WEEKDAY_DAYS, _DATE_DAYS = 6, 180


def moment(at: datetime, zone: str, now: datetime) -> str:
    """`at` (aware) on the clock of `zone` (an IANA name): weekday and time; with the date when
    more than 6 days from `now`, with the year when more than 180.
    """
    clock = at.astimezone(ZoneInfo(zone))
    away = abs((clock.date() - now.astimezone(ZoneInfo(zone)).date()).days)
    pattern = "EEE HH:mm"
    if away > _WEEKDAY_DAYS:
        pattern = "EEE d MMM HH:mm"
    if away > _DATE_DAYS:
        pattern = "EEE d MMM y HH:mm"
    return str(format_datetime(clock, pattern, locale=reader_locale()))


def weekday(at: datetime, zone: str) -> str:
    """The day of the week of `at` (aware) in `zone`: "Mon"."""
    return str(format_datetime(at.astimezone(ZoneInfo(zone)), "EEE", locale=reader_locale()))


def calendar_date(at: datetime, zone: str) -> str:
    """The date of `at` (aware) in `zone`, with its year, for texts that are read weeks later."""
    return str(format_skeleton("yMMMd", at.astimezone(ZoneInfo(zone)), locale=reader_locale()))


def step_words(step: str) -> str:
    """A step by its id: "24 h", "day 7"."""
    if step == WEEK:
        return _("one tap on day {n}").format(n=7)
    number = step.removesuffix("h")
    if not number.isdigit():
        return step
    hours = int(number)
    if hours % 24 == 0 and hours > 72:
        return ngettext("day {n}", "day {n}", hours // 24).format(n=hours // 24)
    return _("{n} h").format(n=hours)


def reader_locale() -> Locale:
    """The reader's locale; English where Babel does not know the language."""
    try:
        return Locale.parse(reader_language())
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def hours_words(hours: OpeningHours) -> str:
    """A clinic's week in the reader's language, equal days together: "Mon-Fri 08:00-18:00".

    Empty when the clinic never opens.
    """
    names = get_day_names("abbreviated", locale=reader_locale())
    parts = []
    for intervals, days in groupby(range(len(hours.week)), key=lambda day: hours.week[day]):
        run = list(days)
        if intervals:
            times = ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in intervals)
            ends = [names[run[0]], names[run[-1]]][: len(run)]
            parts.append(f"{'-'.join(ends)} {times}")
    return "; ".join(parts)
