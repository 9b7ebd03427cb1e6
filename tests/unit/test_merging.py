"""The merge rule as arithmetic: nobody is asked twice, and no session loses a check-in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from care.merging import Slot, merges

START = datetime(2026, 3, 3, 10, tzinfo=UTC)
HOURS = st.sampled_from([3.0, 6.0, 9.0])


@st.composite
def plans(draw: st.DrawFn) -> list[Slot]:
    """Check-ins of one patient's sessions; those of one session lie 12 hours apart or more."""
    slots: list[Slot] = []
    for session_id in range(1, draw(st.integers(1, 5)) + 1):
        at = START + timedelta(minutes=draw(st.integers(0, 72 * 60)))
        due = at
        for number in range(draw(st.integers(1, 3))):
            due += timedelta(minutes=draw(st.integers(12 * 60, 30 * 60)))
            slots.append(Slot(f"{session_id}/{number}", session_id, at, due))
    return draw(st.permutations(slots))


def asked_at(slots: list[Slot], leading: dict) -> dict[object, datetime]:
    due = {slot.key: slot.due for slot in slots}
    return {slot.key: due[leading.get(slot.key, slot.key)] for slot in slots}


@settings(deadline=None)
@given(plans(), HOURS)
def test_every_check_in_is_asked_exactly_once_at_its_hour_or_up_to_the_rule_before(
    slots: list[Slot], hours: float
) -> None:
    leading = merges(slots, hours)
    for slot in slots:
        early = slot.due - asked_at(slots, leading)[slot.key]
        assert timedelta() <= early <= timedelta(hours=hours)


@settings(deadline=None)
@given(plans(), HOURS)
def test_nobody_joins_a_check_in_that_is_itself_asked_within_another(
    slots: list[Slot], hours: float
) -> None:
    leading = merges(slots, hours)
    assert not set(leading.values()) & set(leading)
    assert set(leading) | set(leading.values()) <= {slot.key for slot in slots}


@settings(deadline=None)
@given(plans(), HOURS)
def test_two_messages_within_the_rule_are_never_for_sessions_that_could_share_one(
    slots: list[Slot], hours: float
) -> None:
    leading = merges(slots, hours)
    sessions: dict[object, set[int]] = {}
    for slot in slots:
        sessions.setdefault(leading.get(slot.key, slot.key), set()).add(slot.session_id)
    by_key = {slot.key: slot for slot in slots}
    due = {slot.key: slot.due for slot in slots}
    heads = sorted(sessions, key=lambda key: due[key])
    for number, head in enumerate(heads):
        for later in heads[number + 1 :]:
            soon = due[later] - due[head] <= timedelta(hours=hours)
            if soon and due[head] >= by_key[later].not_before:
                assert sessions[head] & sessions[later]


@settings(deadline=None)
@given(plans(), HOURS)
def test_a_session_is_never_merged_with_itself(slots: list[Slot], hours: float) -> None:
    leading = merges(slots, hours)
    groups: dict[object, list[int]] = {}
    for slot in slots:
        groups.setdefault(leading.get(slot.key, slot.key), []).append(slot.session_id)
    assert all(len(set(of)) == len(of) for of in groups.values())


@settings(deadline=None)
@given(plans(), HOURS)
def test_danger_is_asked_of_every_session_as_often_as_without_merging(
    slots: list[Slot], hours: float
) -> None:
    leading = merges(slots, hours)
    times = asked_at(slots, leading)
    for session_id in {slot.session_id for slot in slots}:
        own = [slot.key for slot in slots if slot.session_id == session_id]
        assert len({times[key] for key in own}) == len(own)


@settings(deadline=None)
@given(plans(), HOURS, st.randoms())
def test_the_order_in_which_sessions_were_recorded_changes_nothing(
    slots: list[Slot], hours: float, choose
) -> None:
    mixed = list(slots)
    choose.shuffle(mixed)
    assert merges(mixed, hours) == merges(slots, hours)


@settings(deadline=None)
@given(plans(), HOURS)
def test_what_was_due_on_day_two_is_not_asked_on_day_one(slots: list[Slot], hours: float) -> None:
    times = asked_at(slots, merges(slots, hours))
    for slot in slots:
        if slot.due - slot.session_at >= timedelta(hours=42):
            assert times[slot.key] - slot.session_at >= timedelta(hours=42)


def test_never_means_never() -> None:
    slots = [Slot(1, 1, START, START), Slot(2, 2, START, START)]
    assert merges(slots, 0) == {}
    assert merges(slots, 3) == {2: 1}
