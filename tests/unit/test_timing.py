"""When check-ins come due, in every zone and on the days the clock changes."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from care import timing
from care.opening_hours import OpeningHours
from care.timing import Schedule, Step

ZONES = sorted(available_timezones())
DAYS_1_AND_2 = Schedule((Step("24h", 24.0), Step("48h", 48.0)))
WITH_DAY_7 = Schedule((*DAYS_1_AND_2.steps, Step("day7", 168.0)))

zones = st.sampled_from(ZONES)
moments = st.datetimes(
    datetime(1995, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC)  # noqa: DTZ001
).map(lambda at: at.replace(microsecond=0))  # fmt: skip


def at(text, zone="Europe/London"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def clock(moment, zone="Europe/London"):
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %H:%M")


def shown(times, zone="Europe/London"):
    return (
        clock(times.due, zone),
        [clock(one, zone) for one in times.reminders],
        clock(times.closes, zone),
    )


def first(session, zone="Europe/London"):
    return shown(timing.check_in_times(DAYS_1_AND_2, at(session, zone), zone)[0], zone)


def in_window(moment, zone):
    return time(8) <= moment.astimezone(ZoneInfo(zone)).time() <= time(21)


def test_the_worked_example_of_an_evening_session():
    assert first("2026-11-23 19:00") == ("Tue 19:00", ["Wed 08:00"], "Wed 11:00")


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        # A morning session: twelve hours end before the window does.
        ("2026-11-23 08:30", ("Tue 08:30", ["Tue 11:30", "Tue 14:30"], "Tue 20:30")),
        ("2026-11-23 09:00", ("Tue 09:00", ["Tue 12:00", "Tue 15:00"], "Tue 21:00")),
        # Later: the night does not count, but day 1 ends at hour 41.
        ("2026-11-23 10:00", ("Tue 10:00", ["Tue 13:00", "Tue 16:00"], "Wed 03:00")),
        ("2026-11-23 15:30", ("Tue 15:30", ["Tue 18:30", "Wed 08:00"], "Wed 08:30")),
        ("2026-11-23 18:00", ("Tue 18:00", ["Tue 21:00", "Wed 08:00"], "Wed 11:00")),
        ("2026-11-23 21:00", ("Tue 21:00", ["Wed 08:00"], "Wed 11:00")),
        # At night: moved to the nearest edge of the window.
        ("2026-11-23 22:00", ("Tue 21:00", ["Wed 08:00"], "Wed 11:00")),
        ("2026-11-24 02:29", ("Tue 21:00", ["Wed 08:00"], "Wed 11:00")),
        ("2026-11-24 02:30", ("Tue 21:00", ["Wed 08:00"], "Wed 11:00")),
        ("2026-11-24 02:31", ("Wed 08:00", ["Wed 11:00", "Wed 14:00"], "Wed 19:31")),
        ("2026-11-24 07:00", ("Wed 08:00", ["Wed 11:00", "Wed 14:00"], "Wed 20:00")),
    ],
)
def test_the_first_check_in_of_a_day(session, expected):
    assert first(session) == expected


def test_the_second_check_in_has_no_limit_at_hour_41():
    second = timing.check_in_times(DAYS_1_AND_2, at("2026-11-23 15:30"), "Europe/London")[1]
    assert shown(second) == ("Wed 15:30", ["Wed 18:30", "Thu 08:00"], "Thu 11:00")


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        # Clocks go forward on Sunday 29 March 2026 at 01:00, back on Sunday 25 October at 02:00.
        ("2026-03-28 12:00", ("Sun 13:00", ["Sun 16:00", "Sun 19:00"], "Mon 06:00")),
        ("2026-10-24 12:00", ("Sun 11:00", ["Sun 14:00", "Sun 17:00"], "Mon 04:00")),
        ("2026-03-28 20:30", ("Sun 21:00", ["Mon 08:00"], "Mon 11:00")),
        ("2026-10-24 08:30", ("Sun 08:00", ["Sun 11:00", "Sun 14:00"], "Sun 20:00")),
    ],
)
def test_hours_are_real_hours_when_the_clock_changes(session, expected):
    assert first(session) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Kathmandu", ("Tue 19:00", ["Wed 08:00"], "Wed 11:00")),
        ("Australia/Lord_Howe", ("Tue 19:00", ["Wed 08:00"], "Wed 11:00")),
        ("Pacific/Chatham", ("Tue 19:00", ["Wed 08:00"], "Wed 11:00")),
    ],
)
def test_zones_with_odd_offsets_read_the_same_wall_clock(zone, expected):
    assert first("2026-11-23 19:00", zone) == expected


def test_a_day_that_a_zone_skipped_does_not_lose_a_check_in():
    times = timing.check_in_times(DAYS_1_AND_2, at("2011-12-28 19:00", "Pacific/Apia"),
                                  "Pacific/Apia")  # fmt: skip
    assert [clock(one.due, "Pacific/Apia") for one in times] == ["Thu 19:00", "Sat 19:00"]


@settings(max_examples=150, deadline=None)
@given(moments, zones)
@example(datetime(2026, 3, 28, 20, tzinfo=UTC), "Europe/London")
@example(datetime(2026, 10, 24, 20, tzinfo=UTC), "Europe/London")
@example(datetime(2011, 12, 29, 5, tzinfo=UTC), "Pacific/Apia")
@example(datetime(2026, 4, 4, 10, tzinfo=UTC), "Australia/Lord_Howe")
def test_every_check_in_keeps_the_rules_in_every_zone(session_at, zone):
    found = timing.check_in_times(WITH_DAY_7, session_at, zone)
    assert [one.step_id for one in found] == ["24h", "48h", "day7"]
    assert all(sooner.due < later.due for sooner, later in pairwise(found))
    for step, one in zip(WITH_DAY_7.steps, found, strict=True):
        everything = [one.due, *one.reminders, one.closes]
        assert all(moment.tzinfo is UTC for moment in everything)
        assert everything == sorted(set(everything))
        assert all(in_window(moment, zone) for moment in everything[:-1])
        assert one.closes - one.due >= timedelta(hours=3)
        # Never moved further than half the night, and an hour more when the clock changes in it.
        moved = abs(timing.elapsed_hours(session_at, one.due) - step.hours)
        assert moved <= 6.5
    assert found[0].closes <= session_at + timedelta(hours=41)
    assert found[0].closes < found[1].due
    # Also when moved, the second check-in is judged as day 2 and the third as day 7.
    assert timing.elapsed_hours(session_at, found[1].due) >= 41.5


@settings(max_examples=150, deadline=None)
@given(moments, zones)
def test_no_nearer_minute_of_the_window_exists(moment, zone):
    found = timing.nearest_in_window(moment, zone, time(8), time(21))
    assert in_window(found, zone)
    if in_window(moment, zone):
        assert found == moment
    for nearer in range(60, int(abs(found - moment).total_seconds()), 600):
        assert not in_window(moment + timedelta(seconds=nearer), zone)
        assert not in_window(moment - timedelta(seconds=nearer), zone)


def days_the_clock_changes(zone, year=2026):
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    return [noon for noon, one, two in zip(noons[1:], offsets, offsets[1:], strict=False)
            if one != two]  # fmt: skip


def test_every_zone_has_a_due_time_on_each_day_its_clock_changes():
    tried = 0
    for zone in ZONES:
        for noon in days_the_clock_changes(zone):
            for hour in (-20, -12, -5, 0):
                session = noon + timedelta(hours=hour - 24)
                due = timing.check_in_times(DAYS_1_AND_2, session, zone)[0].due
                assert in_window(due, zone), (zone, session)
                assert abs(due - session - timedelta(hours=24)) <= timedelta(hours=6.5)
                tried += 1
    assert tried > 400


@settings(max_examples=100, deadline=None)
@given(moments, zones, st.integers(0, 6 * 3600))
def test_a_later_session_is_never_asked_earlier(session_at, zone, later):
    after = session_at + timedelta(seconds=later)
    for one, other in zip(
        timing.check_in_times(WITH_DAY_7, session_at, zone),
        timing.check_in_times(WITH_DAY_7, after, zone),
        strict=True,
    ):
        assert one.due <= other.due


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        ((time(12), time(12)), "2026-11-23 13:00", "Mon 12:00"),
        ((time(8), time(10)), "2026-11-23 22:00", "Tue 08:00"),
    ],
)
def test_a_narrow_window_still_has_a_nearest_time(window, moment, expected):
    found = timing.nearest_in_window(at(moment), "Europe/London", *window)
    assert clock(found) == expected


def test_reminders_that_would_coincide_are_one():
    schedule = Schedule((Step("24h", 24.0),), reminder_hours=(3, 6, 9))
    times = timing.check_in_times(schedule, at("2026-11-23 20:00"), "Europe/London")[0]
    assert shown(times) == ("Tue 20:00", ["Wed 08:00"], "Wed 11:00")


def test_a_session_recorded_late_is_asked_now_with_reminders_from_now():
    session, now = at("2026-11-23 09:00"), at("2026-11-24 15:00")
    planned = timing.check_in_times(DAYS_1_AND_2, session, "Europe/London")[0]
    moved = timing.reschedule_if_past(DAYS_1_AND_2, session, planned, now, "Europe/London")
    assert shown(moved) == ("Tue 15:00", ["Tue 18:00", "Tue 21:00"], "Wed 02:00")


def test_a_session_recorded_at_night_is_asked_in_the_morning():
    session, now = at("2026-11-23 19:00"), at("2026-11-24 23:00")
    planned = timing.check_in_times(DAYS_1_AND_2, session, "Europe/London")[0]
    moved = timing.reschedule_if_past(DAYS_1_AND_2, session, planned, now, "Europe/London")
    assert shown(moved) == ("Wed 08:00", ["Wed 11:00"], "Wed 12:00")


def test_a_check_in_that_would_have_closed_is_missed_and_one_to_come_is_left_alone():
    session, now = at("2026-11-23 09:00"), at("2026-11-25 08:00")
    planned = timing.check_in_times(DAYS_1_AND_2, session, "Europe/London")
    again = [
        timing.reschedule_if_past(DAYS_1_AND_2, session, one, now, "Europe/London")
        for one in planned
    ]
    assert again == [None, planned[1]]


def test_a_check_in_due_only_after_its_own_limit_is_missed():
    # At hour 39 it is night, and the morning is past hour 41.
    session, now = at("2026-11-23 10:00"), at("2026-11-25 01:00")
    planned = timing.check_in_times(DAYS_1_AND_2, session, "Europe/London")[0]
    assert planned.closes > now
    moved = timing.reschedule_if_past(DAYS_1_AND_2, session, planned, now, "Europe/London")
    assert moved is None


@settings(max_examples=100, deadline=None)
@given(moments, zones, st.floats(0, 80))
def test_moved_check_ins_keep_the_rules_too(session_at, zone, hours):
    now = session_at + timedelta(hours=hours)
    for planned in timing.check_in_times(DAYS_1_AND_2, session_at, zone):
        one = timing.reschedule_if_past(DAYS_1_AND_2, session_at, planned, now, zone)
        if one is None:
            continue
        assert one.due >= now
        assert one.due < one.closes
        assert all(one.due < reminder < one.closes for reminder in one.reminders)
        assert all(in_window(moment, zone) for moment in (one.due, *one.reminders))
        if one.step_id == "24h":
            assert one.closes <= session_at + timedelta(hours=41)


@pytest.mark.parametrize(
    ("session", "now", "expected"),
    [
        ("2026-11-23 14:00", "2026-11-23 14:10", "Mon 16:00"),
        ("2026-11-23 20:00", "2026-11-23 20:10", "Mon 22:00"),
        ("2026-11-23 05:00", "2026-11-23 05:10", "Mon 07:00"),
        ("2026-11-23 20:01", "2026-11-23 20:10", None),
        ("2026-11-23 23:30", "2026-11-23 23:40", None),
        ("2026-11-23 14:00", "2026-11-23 16:00", None),
        ("2026-11-23 14:00", "2026-11-24 16:00", None),
    ],
)
def test_the_safety_message_comes_two_hours_later_or_at_once(session, now, expected):
    due = timing.safety_message_due(at(session), at(now), "Europe/London")
    assert (clock(due) if due else None) == expected


@pytest.mark.parametrize(
    ("level", "now", "expected"),
    [
        ("emergency", "2026-11-22 03:00", "Sun 03:15"),
        ("urgent", "2026-11-23 10:00", "Mon 11:00"),
        ("urgent", "2026-11-23 17:50", "Mon 18:50"),
        ("urgent", "2026-11-23 18:00", "Tue 08:00"),
        ("urgent", "2026-11-20 20:00", "Mon 08:00"),
        ("urgent", "2026-11-23 07:59", "Mon 08:00"),
    ],
)
def test_the_clinic_has_a_quarter_of_an_hour_or_an_opening_hour(level, now, expected):
    assert clock(timing.deadline_for(level, at(now), OpeningHours(), "Europe/London")) == expected


def test_a_clinic_that_never_opens_still_gets_a_deadline_within_the_hour():
    never = OpeningHours(((),) * 7)
    now = at("2026-11-23 10:00")
    assert timing.deadline_for("urgent", now, never, "UTC") == now + timedelta(hours=1)


def test_there_is_no_deadline_for_a_level_that_alerts_nobody():
    with pytest.raises(ValueError, match="urgent or emergency"):
        timing.deadline_for("watch", at("2026-11-23 10:00"), OpeningHours(), "UTC")


def test_elapsed_hours_are_real_over_a_clock_change():
    assert timing.elapsed_hours(at("2026-03-28 12:00"), at("2026-03-29 12:00")) == 23
    assert timing.elapsed_hours(at("2026-10-24 12:00"), at("2026-10-25 12:00")) == 25


@pytest.mark.parametrize(
    "call",
    [
        lambda naive: timing.check_in_times(DAYS_1_AND_2, naive, "UTC"),
        lambda naive: timing.nearest_in_window(naive, "UTC", time(8), time(21)),
        lambda naive: timing.elapsed_hours(naive, naive),
        lambda naive: timing.safety_message_due(naive, naive, "UTC"),
        lambda naive: timing.deadline_for("emergency", naive, OpeningHours(), "UTC"),
        lambda naive: OpeningHours().is_open(naive, "UTC"),
    ],
)
def test_a_time_without_a_zone_is_refused(call):
    with pytest.raises(ValueError, match="no time zone"):
        call(datetime(2026, 11, 23, 19))  # noqa: DTZ001


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Schedule((Step("48h", 48), Step("24h", 24))),
        lambda: Schedule((Step("24h", 24), Step("24h", 30))),
        lambda: Schedule((), window_start=time(21), window_end=time(8)),
    ],
)
def test_an_impossible_schedule_is_refused(wrong):
    with pytest.raises(ValueError, match=r"steps|window"):
        wrong()
