"""The judge itself can fail an episode: every broken promise, fabricated, is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.evidence import Check, Evidence, Paged, Row, Seen, Tap
from tests.chaos.judge import judge

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
BEN, DANA, GROUP = 11, 21, -31


def minutes(before: float) -> datetime:
    return NOW - timedelta(minutes=before)


INVITED = Seen(BEN, 1, minutes(60), "Check 1 of 5", ("a:1:danger:yes", "rm:1"))
TAP = Tap(500, BEN, minutes(50), "a:1:danger:yes", handled=True, forgotten=False, stored=True)
TEXT = Seen(BEN, 2, minutes(49), "Please get emergency help NOW", ("h:1", "m:1"))
PRIVATE = Seen(DANA, 3, minutes(49), "Emergency · P-1 · #7", ("kg:7:1", "kd:7", "kc:7"))
CARD = Seen(GROUP, 4, minutes(49), "Emergency · P-1 · #7", ("kg:7:1", "kd:7", "kc:7"))


def good() -> Evidence:
    """One danger answer, and everything that must come of it."""
    seen = [INVITED, TEXT, PRIVATE, CARD]
    return Evidence(
        now=NOW,
        group=GROUP,
        on_duty=(DANA,),
        taps=[TAP],
        seen=seen,
        here={(m.chat, m.message_id) for m in seen},
        checks=[
            Check(1, BEN, "24h", "open", "emergency", minutes(60), frozenset({"breathless"}),
                  danger_in_force=True, alerts=(7,)),
        ],
        alerts=[Paged(7, "emergency", "open", minutes(49))],
        rows=[
            Row(1, "check_in", "sent", minutes(60), check_in=1, chat=BEN, message_id=1),
            Row(2, "card_private", "sent", minutes(49), alert=7, chat=DANA, message_id=3),
            Row(3, "card_group", "sent", minutes(49), alert=7, chat=GROUP, message_id=4),
            Row(4, "escalate", "due", NOW + timedelta(minutes=9), sends=False, alert=7),
        ],
    )  # fmt: skip


def whats(evidence: Evidence) -> list[str]:
    return [found.what for found in judge(evidence).findings]


def test_an_episode_in_which_everything_arrived_is_acquitted() -> None:
    found = judge(good())
    assert found.findings == []
    assert found.counts["taps"] == found.counts["stored"] == found.counts["check-ins"] == 1
    assert found.counts["alerts"] == 1


@pytest.mark.parametrize(
    ("tap", "wrong"),
    [
        (replace(TAP, stored=False), True),
        (replace(TAP, stored=False, told="This question has moved on."), False),
        (replace(TAP, handled=False), True),
        (replace(TAP, handled=False, stored=False), True),
        (replace(TAP, handled=False, stored=False, forgotten=True), True),
        (replace(TAP, handled=False, stored=False, forgotten=True, replaced=True), False),
        (replace(TAP, data="r:1", stored=False), False),
        (replace(TAP, data="r:1", handled=False, stored=False), True),
    ],
)
def test_an_answer_that_is_neither_on_record_nor_asked_again_is_lost(
    tap: Tap, wrong: bool
) -> None:
    assert whats(replace(good(), taps=[tap])) == ["lost answer"] * wrong


@pytest.mark.parametrize(("minute", "chat", "wrong"), [(45, BEN, 0), (55, BEN, 1), (45, DANA, 1)])
def test_a_forgotten_tap_must_be_asked_for_in_its_chat_and_after_it(
    minute: float, chat: int, wrong: int
) -> None:
    evidence = good()
    evidence.taps = [replace(TAP, handled=False, stored=False, forgotten=True)]
    evidence.seen.append(Seen(chat, 9, minutes(minute), "I was away 11:05-11:15.", ("a:1:x:y",)))
    assert whats(evidence) == ["lost answer"] * wrong


def test_a_check_in_that_never_came_is_lost_unless_it_is_recorded_as_missed() -> None:
    evidence = good()
    evidence.checks.append(Check(2, BEN, "48h", "planned", "none", minutes(5)))
    assert whats(evidence) == ["lost check-in"]
    evidence.checks[-1] = replace(evidence.checks[-1], state="missed")
    assert whats(evidence) == []


def test_a_merged_check_in_came_with_the_one_it_is_asked_in() -> None:
    evidence = good()
    merged = Check(2, BEN, "48h", "open", "emergency", minutes(50), merged_into=1, alerts=(7,))
    evidence.checks.append(merged)
    assert whats(evidence) == []
    evidence.checks[-1] = replace(merged, merged_into=9)
    assert whats(evidence) == ["lost check-in", "no emergency text"]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [("Check 1 of 5", 1), ("In case you missed it:\nCheck 1 of 5", 0), ("A reminder:\nCheck", 0)],
)
def test_a_second_check_in_must_say_that_it_is_one(words: str, wrong: int) -> None:
    evidence = good()
    evidence.seen.append(Seen(BEN, 9, minutes(40), words, ("rm:1",)))
    assert whats(evidence) == ["repeat"] * wrong
    assert judge(evidence).counts["unmarked repeats"] == wrong


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (Row(9, "reminder", "due", minutes(10)), ["overdue"]),
        (Row(9, "reminder", "failed", minutes(10)), ["overdue"]),
        (Row(9, "reminder", "missed", minutes(10)), []),
        (Row(9, "card_edit", "due", minutes(10), paced=True), []),
        (Row(9, "reminder", "due", NOW + timedelta(hours=1), held=True), ["held"]),
        (Row(9, "safety", "sent", minutes(10), chat=BEN, message_id=99), ["not delivered"]),
    ],
)
def test_what_is_due_was_sent_or_missed_and_nothing_is_held(row: Row, what: list[str]) -> None:
    evidence = good()
    evidence.rows.append(row)
    assert whats(evidence) == what


def test_a_danger_without_a_fitting_alert_is_a_lost_alert() -> None:
    evidence = good()
    evidence.checks[0] = replace(evidence.checks[0], alerts=())
    assert whats(evidence) == ["lost alert"]
    evidence = good()
    evidence.alerts[0] = replace(evidence.alerts[0], level="urgent")
    assert whats(evidence) == ["lost alert"]


@pytest.mark.parametrize("gone", [PRIVATE, CARD])
def test_every_copy_of_an_open_alert_must_arrive(gone: Seen) -> None:
    evidence = good()
    evidence.seen.remove(gone)
    assert whats(evidence) == ["lost alert"]
    evidence.alerts[0] = replace(evidence.alerts[0], state="acknowledged")
    assert whats(evidence) == []


def test_an_alert_raised_anew_must_arrive_anew() -> None:
    evidence = good()
    evidence.alerts[0] = replace(evidence.alerts[0], at=minutes(20))
    assert whats(evidence) == ["lost alert"]


def test_the_patient_in_danger_must_be_told() -> None:
    evidence = good()
    evidence.seen.remove(TEXT)
    assert whats(evidence) == ["no emergency text"]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("Emergency · #7", 1),
        ("Possible repeat: you may have this message already. #7", 0),
        ("I was away 11:05-11:15.\n\nEmergency · #7", 0),
    ],
)
def test_a_second_card_must_say_that_it_is_one(words: str, wrong: int) -> None:
    evidence = good()
    evidence.seen.append(Seen(GROUP, 9, minutes(45), words, ("kc:7",)))
    assert whats(evidence) == ["repeat"] * wrong


def test_the_books_must_be_in_order() -> None:
    assert whats(replace(good(), audit_broken_at=3)) == ["audit"]
    assert whats(replace(good(), unhandled=1)) == ["unhandled"]
    assert whats(replace(good(), failed_updates=["update 1: KeyError"])) == ["failed update"]
    assert whats(replace(good(), logged=["Traceback"])) == ["logged error"]
