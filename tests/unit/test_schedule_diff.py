"""The diff of a schedule lists all that changes, and after it nothing is left to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from care import schedules, timing
from care.merging import Slot, merges
from care.schedule_diff import ARRANGED, Followed, Move, from_json, moves
from care.schedules import InvalidScheduleError
from care.timing import Schedule
from storage.tables import CheckIn, TreatmentSession

ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe"])
HOURS = st.lists(st.integers(6, 200), min_size=1, max_size=4, unique=True)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC, microsecond=0)
)


@st.composite
def clinic_schedules(draw: st.DrawFn) -> Schedule:
    hours = sorted(draw(HOURS))
    spread = [float(at + 12 * n) for n, at in enumerate(hours)]
    found = schedules.with_steps(schedules.DEFAULT, spread)
    found = schedules.counted(found, same_clock_time=draw(st.booleans()))
    found = schedules.with_merging(found, draw(st.sampled_from([0, 3, 6, 9])))
    if draw(st.booleans()) and all(abs(step.hours - 168) >= 12 for step in found.steps):
        found = schedules.with_week(found, on=True)
    return schedules.with_closing(found, draw(st.sampled_from([6, 9, 12, 18])))


def followed(schedule: Schedule, session_at: datetime, zone: str) -> Followed:
    session = TreatmentSession(
        id=1, clinic_id=1, patient_id=1, at=session_at, recorded_at=session_at
    )
    times = timing.check_in_times(schedule, session_at, zone)
    checks = tuple(
        CheckIn(id=n, clinic_id=1, patient_id=1, session_id=1, step=at.step_id,
                protocol_version=1, due_at=at.due, closes_at=at.closes)
        for n, at in enumerate(times)
    )  # fmt: skip
    return Followed(
        session, "P-TEST", zone, checks, {n: at.reminders for n, at in enumerate(times)}
    )


def carried_out(one: Followed, found: list[Move]) -> Followed:
    checks = {check.id: check for check in one.check_ins}
    reminders = dict(one.reminders)
    for number, move in enumerate(found):
        if move.change in ARRANGED:
            continue
        if move.times is None:
            del checks[move.check_in_id]
            continue
        key = move.check_in_id if move.check_in_id is not None else 1_000_000 + number
        checks[key] = CheckIn(
            id=key, clinic_id=1, patient_id=1, session_id=1, step=move.times.step_id,
            protocol_version=1, due_at=move.times.due, closes_at=move.times.closes,
        )  # fmt: skip
        reminders[key] = move.times.reminders
    return Followed(one.session, one.code, one.zone, tuple(checks.values()), reminders)


@settings(deadline=None)
@given(old=clinic_schedules(), new=clinic_schedules(), at=MOMENTS, zone=ZONES)
def test_after_the_moves_the_new_schedule_is_what_is_planned(old, new, at, zone) -> None:
    one = followed(old, at, zone)
    after = carried_out(one, moves([one], new, at))
    assert moves([after], new, at) == []
    wanted = {times.step_id: times.due for times in timing.check_in_times(new, at, zone)}
    assert {check.step: check.due_at for check in after.check_ins} == wanted


@settings(deadline=None)
@given(old=clinic_schedules(), at=MOMENTS, zone=ZONES)
def test_the_same_schedule_moves_nothing(old, at, zone) -> None:
    assert moves([followed(old, at, zone)], old, at) == []


@settings(deadline=None)
@given(old=clinic_schedules(), new=clinic_schedules(), at=MOMENTS, zone=ZONES,
       later=st.integers(0, 300))  # fmt: skip
def test_what_was_sent_stays_and_nothing_is_added_to_the_past(old, new, at, zone, later) -> None:
    now = at + timedelta(hours=later)
    one = followed(old, at, zone)
    sent = {check.id for check in one.check_ins if check.due_at <= now}
    for check in one.check_ins:
        check.state = "complete" if check.id in sent else "planned"
    for move in moves([one], new, now):
        assert move.check_in_id not in sent
        if move.change == "added":
            assert move.times.due > now


@settings(deadline=None)
@given(old=clinic_schedules(), new=clinic_schedules(), at=MOMENTS, zone=ZONES)
def test_a_stored_move_is_read_back_as_it_was(old, new, at, zone) -> None:
    for move in moves([followed(old, at, zone)], new, at):
        assert from_json(move.to_json()) == move


def second(one: Followed, hours: int) -> Followed:
    """The same patient's session some hours later, with keys of its own."""
    session = TreatmentSession(
        id=2, clinic_id=1, patient_id=1, at=one.session.at + timedelta(hours=hours),
        recorded_at=one.session.at,
    )  # fmt: skip
    return replace(one, session=session, check_ins=(), reminders={})


def arranged(both: list[Followed], schedule: Schedule) -> list[Followed]:
    """What `care.merging.arrange` does, to records that are not stored."""
    checks = [check for one in both for check in one.check_ins if check.state == "planned"]
    held = {one.session.id: one.session.at for one in both}
    slots = [Slot(c.id, c.session_id, held[c.session_id], c.due_at) for c in checks]
    leading = merges(slots, schedule.merge_hours)
    for check in checks:
        check.merged_into = leading.get(check.id)
    return both


def both_carried_out(both: list[Followed], found: list[Move]) -> list[Followed]:
    after = []
    fresh = 1 + max((check.id for one in both for check in one.check_ins), default=0)
    for one in both:
        old = {check.id for check in one.check_ins}
        own = [move for move in found if move.session_id == one.session.id]
        done = carried_out(one, [move for move in own if move.change not in ARRANGED])
        reminders = {}
        for check in done.check_ins:
            key = check.id
            if key not in old:
                check.id, fresh = fresh, fresh + 1
            check.session_id = one.session.id
            reminders[check.id] = done.reminders[key]
        after.append(replace(done, reminders=reminders))
    return after


@settings(deadline=None)
@given(old=clinic_schedules(), new=clinic_schedules(), at=MOMENTS, zone=ZONES,
       hours=st.integers(1, 60))  # fmt: skip
def test_the_diff_says_of_every_check_in_whether_it_is_merged_or_parted(
    old, new, at, zone, hours
) -> None:
    start = [followed(old, at, zone), second(followed(old, at, zone), hours)]
    before = arranged(both_carried_out(start, moves(start, old, at)), old)
    assert moves(before, old, at) == []
    was = {check.id for one in before for check in one.check_ins if check.merged_into is not None}
    found = moves(before, new, at)
    told = {move.check_in_id: move.change for move in found if move.change in ARRANGED}
    after = arranged(both_carried_out(before, found), new)
    assert moves(after, new, at) == []
    kept = {check.id for one in before for check in one.check_ins}
    now = {check.id for one in after for check in one.check_ins if check.merged_into is not None}
    left = {check.id for one in after for check in one.check_ins}
    for key in kept & left:
        assert (key in now) or told.get(key) != "merged"
        assert (key not in now) or told.get(key) != "parted"
        assert ((key in now) == (key in was)) or key in told


@settings(deadline=None)
@given(schedule=clinic_schedules())
def test_a_stored_schedule_is_read_back_as_it_was(schedule) -> None:
    assert schedules.from_json(schedules.to_json(schedule)) == schedule


@settings(deadline=None)
@given(schedule=clinic_schedules(), hours=st.integers(-5, 900))
def test_every_schedule_that_an_edit_makes_is_within_bounds_or_refused(schedule, hours) -> None:
    try:
        edited = schedules.with_step(schedule, hours)
    except InvalidScheduleError as error:
        reason = error.reason
    else:
        assert schedules.checked(edited) == edited
        reason = "hours"
    assert reason in {"hours", "apart", "steps"}


def test_the_same_clock_time_is_kept_when_the_clocks_change() -> None:
    """Europe/London springs forward on 29 March 2026: 24 real hours later it is an hour later."""
    at = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
    by_clock = schedules.counted(schedules.DEFAULT, same_clock_time=True)
    real, clock = (
        timing.check_in_times(schedule, at, "Europe/London")[0].due
        for schedule in (schedules.DEFAULT, by_clock)
    )
    assert (f"{real:%d %H:%M}", f"{clock:%d %H:%M}") == ("29 10:00", "29 09:00")
