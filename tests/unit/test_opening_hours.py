"""A clinic's opening hours."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.opening_hours import OpeningHours

ZONE = "Europe/Madrid"
# Split days, a night to midnight, and a holiday.
SPLIT = OpeningHours.from_json(
    {
        "mon": [["09:00", "13:30"], ["16:00", "20:00"]],
        "tue": [["09:00", "13:30"]],
        "sat": [["18:00", "24:00"]],
        "sun": [["00:00", "02:00"]],
        "closed": ["2026-11-24"],
    }
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def clock(moment):
    return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 13:30", False),
        ("2026-11-23 16:00", True),
        ("2026-11-24 10:00", False),
        ("2026-12-01 10:00", True),
        ("2026-11-28 23:59", True),
        ("2026-11-29 00:00", True),
        ("2026-11-29 02:00", False),
    ],
)
def test_open_from_the_opening_minute_to_the_closing_one(when, is_open):
    assert SPLIT.is_open(at(when), ZONE) is is_open


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-23 08:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 16:00"),
        ("2026-11-23 21:00", "2026-11-28 18:00"),
        ("2026-11-28 19:00", "2026-11-30 09:00"),
    ],
)
def test_the_next_opening_skips_closed_days(when, expected):
    assert clock(SPLIT.next_opening(at(when), ZONE)) == expected


@pytest.mark.parametrize(
    ("when", "hours", "expected"),
    [
        ("2026-11-23 09:00", 4, "2026-11-23 13:00"),
        ("2026-11-23 12:30", 4, "2026-11-23 19:00"),
        ("2026-11-23 19:00", 4, "2026-11-28 21:00"),
        ("2026-11-23 07:00", 1, "2026-11-23 10:00"),
        ("2026-11-28 23:00", 2, "2026-11-29 01:00"),
    ],
)
def test_opening_hours_are_counted_over_closed_ones(when, hours, expected):
    assert clock(SPLIT.add_open_hours(at(when), hours, ZONE)) == expected


def test_without_any_opening_real_hours_count_and_no_opening_is_promised():
    never = OpeningHours(((),) * 7)
    now = at("2026-11-23 10:00")
    assert never.next_opening(now, ZONE) is None
    assert never.add_open_hours(now, 4, ZONE) == now + timedelta(hours=4)


def test_an_opening_that_the_clock_skips_starts_when_the_clock_has_skipped_it():
    early = OpeningHours((((time(2, 30), time(9)),),) * 7)
    assert clock(early.next_opening(at("2026-03-29 00:00"), ZONE)) == "2026-03-29 03:00"


def test_nothing_stored_means_monday_to_friday_eight_to_six():
    hours = OpeningHours.from_json({})
    assert hours.is_open(at("2026-11-23 08:00"), ZONE)
    assert not hours.is_open(at("2026-11-23 18:00"), ZONE)
    assert not hours.is_open(at("2026-11-28 10:00"), ZONE)
    assert not OpeningHours.from_json({"closed": ["2026-11-23"]}).is_open(
        at("2026-11-23 10:00"), ZONE
    )


intervals = st.lists(
    st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60)),
    min_size=0, max_size=4, unique=True,
).map(lambda times: tuple(zip(sorted(times)[::2], sorted(times)[1::2], strict=False)))  # fmt: skip
weeks = st.tuples(*[intervals] * 7)


@given(weeks, st.frozensets(st.dates(date(2026, 1, 1), date(2027, 1, 1)), max_size=3))
def test_what_is_stored_is_read_back_the_same(week, closed):
    hours = OpeningHours(week, closed)
    assert OpeningHours.from_json(json.loads(json.dumps(hours.to_json()))) == hours


@settings(max_examples=60, deadline=None)
@given(weeks, st.integers(0, 365 * 24 * 60), st.floats(0.1, 12))
def test_counting_opening_hours_ends_while_open(week, minutes, count):
    hours = OpeningHours(week)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = hours.add_open_hours(now, count, ZONE)
    assert end >= now + timedelta(hours=count)
    if hours.next_opening(now, ZONE) and end != now + timedelta(hours=count):
        assert hours.is_open(end - timedelta(seconds=1), ZONE)


@pytest.mark.parametrize(
    ("stored", "names"),
    [
        ({"monday": []}, "monday"),
        ({"mon": "08:00-18:00"}, "mon"),
        ({"mon": [["08:00"]]}, "mon"),
        ({"mon": [["8 am", "18:00"]]}, "8 am"),
        ({"mon": [["18:00", "08:00"]]}, "mon"),
        ({"mon": [["08:00", "12:00"], ["11:00", "18:00"]]}, "overlap"),
        ({"mon": [["08:00", "24:00"], ["11:00", "18:00"]]}, "overlap"),
        ({"closed": ["Christmas"]}, "Christmas"),
    ],
)
def test_wrong_opening_hours_are_refused_in_a_sentence_that_names_the_part(stored, names):
    with pytest.raises(ValueError, match=names):
        OpeningHours.from_json(stored)
