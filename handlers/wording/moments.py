"""Times as people read them: "Tue 14:30", in the reader's zone and language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton

from handlers.language import reader_language

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


def calendar_date(at: datetime, zone: str) -> str:
    """The date of `at` (aware) in `zone`, with its year, for texts that are read weeks later."""
    return str(format_skeleton("yMMMd", at.astimezone(ZoneInfo(zone)), locale=reader_locale()))


def reader_locale() -> Locale:
    """The reader's locale; English where Babel does not know the language."""
    try:
        return Locale.parse(reader_language())
    except (UnknownLocaleError, ValueError):
        return Locale("en")
