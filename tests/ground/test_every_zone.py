"""Every IANA zone, on the days its clock changes: check-ins, opening hours, digests and days."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from care import timing
from care.digest import next_digest
from care.local_days import spans
from care.opening_hours import OpeningHours
from care.timing import Schedule, Step
from storage.tables import Clinic
from tests.clocks import NOON

ZONES = sorted(available_timezones())
DAYS_1_AND_2 = Schedule((Step("24h", 24.0), Step("48h", 48.0)))
HOUR = timedelta(hours=1)


def changes(zone: str, first: int = 2011, last: int = 2030) -> list[datetime]:
    """Moments (UTC) shortly before which this zone's offset changed; few zones have many."""
    found, at = [], datetime(first, 1, 1, tzinfo=UTC)
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    while at.year < last:
        at += timedelta(days=1)
        now = at.astimezone(ZoneInfo(zone)).utcoffset()
        if now != offset:
            found.append(at)
            offset = now
    return found


CHANGES = {
    zone: found
    for zone in ("Europe/London", "Africa/Casablanca", "America/New_York", "Asia/Gaza",
                 "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "America/Scoresbysund",
                 "Antarctica/Troll", "Asia/Pyongyang", "America/Caracas", "Europe/Istanbul")
    if (found := changes(zone))
}  # fmt: skip
around_changes = st.sampled_from(
    [(zone, at) for zone, found in CHANGES.items() for at in found]
).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]),
        st.integers(-72 * 60, 72 * 60).map(lambda minutes: pair[1] + timedelta(minutes=minutes)),
    )
)
anywhere = st.tuples(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1995, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
cases = st.one_of(around_changes, anywhere)


def wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def exists(moment: datetime, zone: str) -> bool:
    """The wall clock really shows this: the way there and back ends where it began."""
    shown = wall(moment, zone)
    return shown.replace(tzinfo=None) == wall(shown.astimezone(UTC), zone).replace(tzinfo=None)


@settings(max_examples=300, deadline=None)
@given(cases)
@example(("Europe/London", datetime(2028, 2, 28, 20, tzinfo=UTC)))
@example(("Pacific/Apia", datetime(2011, 12, 29, 5, tzinfo=UTC)))
@example(("Australia/Lord_Howe", datetime(2026, 10, 3, 14, 59, tzinfo=UTC)))
@example(("Asia/Tokyo", datetime(2026, 12, 30, 23, tzinfo=UTC)))
def test_what_a_session_brings_comes_in_order_by_day_and_at_times_that_exist(case) -> None:
    zone, session_at = case
    safety = timing.safety_message_due(session_at, session_at, zone)
    first, second = timing.check_in_times(DAYS_1_AND_2, session_at, zone)
    assert (safety or session_at) < first.due < second.due
    assert first.due < first.closes <= second.closes
    if safety is not None:
        assert safety - session_at == 2 * HOUR
        assert time(6) <= wall(safety, zone).time() <= time(22)
    for one, hours in ((first, 24), (second, 48)):
        for moment in (one.due, *one.reminders):
            assert time(8) <= wall(moment, zone).time() <= time(21)
            assert exists(moment, zone)
        planned = session_at + hours * HOUR
        if time(8) <= wall(planned, zone).time() <= time(21):
            assert one.due == planned
        assert all(a < b for a, b in pairwise((one.due, *one.reminders, one.closes)))


def test_every_zone_has_one_digest_a_day_at_its_hour() -> None:
    for zone in ZONES:
        clinic = Clinic(zone=zone, digest_hour=8, created_at=NOON)
        for month in (3, 10):
            at, days = datetime(2026, month, 1, tzinfo=UTC), []
            while at.month == month:
                at = next_digest(clinic, at)
                days.append(wall(at, zone).date())
                assert wall(at, zone).time() == time(8), zone
            assert all(two - one == timedelta(days=1) for one, two in pairwise(days)), zone


@settings(max_examples=300, deadline=None)
@given(cases, st.integers(0, 23))
def test_the_next_digest_is_ahead_within_a_day_and_an_hour_of_its_hour(case, hour: int) -> None:
    zone, now = case
    clinic = Clinic(zone=zone, digest_hour=hour, created_at=NOON)
    due = next_digest(clinic, now)
    assert now < due <= now + timedelta(hours=49)
    # At 02:00 on a day without 02:00 it comes when the clock has skipped that.
    shown = wall(due, zone)
    late = (shown.hour * 60 + shown.minute - hour * 60) % (24 * 60)
    assert late == 0 or late <= 120


@settings(max_examples=200, deadline=None)
@given(cases)
def test_a_clinic_is_open_by_the_clock_on_its_wall(case) -> None:
    zone, now = case
    hours = OpeningHours()
    shown = wall(now, zone)
    by_wall = shown.weekday() < 5 and time(8) <= shown.time() < time(18)
    assert hours.is_open(now, zone) is by_wall
    opening = hours.next_opening(now, zone)
    assert opening is not None
    assert now < opening <= now + timedelta(days=4)
    assert hours.is_open(opening, zone)
    assert not hours.is_open(opening - timedelta(microseconds=1), zone)


@settings(max_examples=200, deadline=None)
@given(cases)
def test_whole_days_cover_the_line_without_gap_and_each_holds_its_own_date(case) -> None:
    zone, now = case
    end = now + timedelta(days=3)
    dates: list[date] = []

    def whole(day: date) -> tuple[tuple[time, time], ...]:
        dates.append(day)
        return ((time(0), time(0)),)

    (only,) = spans(now, end, zone, whole)
    assert only[0] <= now
    assert only[1] >= end
    moment = now
    while moment < end:
        assert wall(moment, zone).date() in dates
        moment += HOUR


def test_the_day_that_samoa_skipped_has_no_hours_at_all() -> None:
    skipped = date(2011, 12, 30)
    start = datetime(2011, 12, 28, tzinfo=UTC)

    def only_then(day: date) -> tuple[tuple[time, time], ...]:
        return ((time(0), time(0)),) if day == skipped else ()

    found = spans(start, start + timedelta(days=5), "Pacific/Apia", only_then)
    assert all(begin == stop for begin, stop in found)


@pytest.mark.parametrize(
    ("session", "zone", "due"),
    [
        ("2028-02-28 10:00", "Europe/Rome", "2028-02-29 10:00"),
        ("2028-02-29 10:00", "Europe/Rome", "2028-03-01 10:00"),
        ("2026-02-28 10:00", "Europe/Rome", "2026-03-01 10:00"),
        ("2026-12-31 19:30", "Asia/Kolkata", "2027-01-01 19:30"),
        # Half an hour is skipped or repeated on Lord Howe, two on Troll.
        ("2026-10-03 12:00", "Australia/Lord_Howe", "2026-10-04 12:30"),
        ("2026-04-04 12:00", "Australia/Lord_Howe", "2026-04-05 11:30"),
        ("2026-03-28 12:00", "Antarctica/Troll", "2026-03-29 14:00"),
        ("2011-12-29 10:00", "Pacific/Apia", "2011-12-31 10:00"),
    ],
)
def test_twenty_four_real_hours_later_on_odd_days(session: str, zone: str, due: str) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    assert timing.check_in_times(DAYS_1_AND_2, at(session), zone)[0].due == at(due)
    assert at(due) - at(session) == 24 * HOUR
