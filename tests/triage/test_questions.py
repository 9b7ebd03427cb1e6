"""Which question comes next, and what it may be answered."""

import random

import pytest

from care.triage import (
    WEEK,
    InvalidAnswer,
    asked_questions,
    effective_answers,
    every_question,
    next_question,
    validate_answer,
)
from tests.triage.cases import PROTOCOL, random_case

WELL = {
    "danger": "none",
    "pain": 2,
    "soreness": "mild",
    "bruising": "none",
    "new": frozenset({"none"}),
}


def test_a_well_patient_is_asked_five_questions() -> None:
    assert asked_questions(PROTOCOL, WELL) == ("danger", "pain", "soreness", "bruising", "new")
    assert next_question(PROTOCOL, WELL) is None


def test_questions_come_in_the_protocols_order() -> None:
    given = {}
    for question in ("danger", "pain", "soreness", "bruising", "new"):
        assert next_question(PROTOCOL, given) == question
        given[question] = WELL[question]


@pytest.mark.parametrize(
    ("answers", "follow_ups"),
    [
        ({"danger": "yes"}, {"danger_signs"}),
        ({"bruising": "large"}, {"bruise_signs"}),
        ({"bruising": "cannot_see"}, {"touch"}),
        ({"new": frozenset({"skin"})}, {"skin_signs"}),
        ({"new": frozenset({"numb"})}, {"nerve_place", "nerve_course"}),
        ({"new": frozenset({"shock"})}, {"nerve_place", "nerve_course"}),
        ({"new": frozenset({"weak"})}, {"weakness"}),
        ({"new": frozenset({"fever"})}, {"temperature"}),
        ({"new": frozenset({"minor"})}, set()),
    ],
)
def test_a_follow_up_appears_only_where_something_was_reported(answers, follow_ups) -> None:
    asked = asked_questions(PROTOCOL, {**WELL, **answers})
    assert set(asked) - set(WELL) == follow_ups


def test_a_follow_up_comes_directly_after_its_parent() -> None:
    assert next_question(PROTOCOL, {"danger": "yes"}) == "danger_signs"
    assert (
        next_question(PROTOCOL, {**WELL, "bruising": "large", "new": frozenset({"skin"})})
        == "bruise_signs"
    )


def test_follow_ups_of_a_corrected_parent_fall_away() -> None:
    given = {**WELL, "danger_signs": frozenset({"breathless"}), "skin_signs": frozenset({"hot"})}
    assert effective_answers(PROTOCOL, given) == WELL


def test_effective_answers_are_always_answers_to_asked_questions() -> None:
    choose = random.Random(2)
    for _ in range(2_000):
        answers = random_case(choose).answers
        assert set(effective_answers(PROTOCOL, answers)) <= set(asked_questions(PROTOCOL, answers))


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("danger", "maybe"), ("pain", 11), ("pain", -1), ("pain", True), ("pain", "03"),
        ("soreness", None), ("new", []), ("new", ["skin", "moon"]), ("skin_signs", 3),
        ("weather", "fine"), ("new", [["skin"]]),
    ],
)  # fmt: skip
def test_an_impossible_answer_is_refused_with_a_sentence(question, value) -> None:
    with pytest.raises(InvalidAnswer, match=r"takes|no question"):
        validate_answer(PROTOCOL, question, value)


@pytest.mark.parametrize(
    ("question", "value", "kept"),
    [("pain", "7", 7), ("pain", 0, 0), ("new", "skin", frozenset({"skin"})), ("danger", "yes", "yes"),
     ("skin_signs", ["hot", "hot", "pus"], frozenset({"hot", "pus"}))],
)  # fmt: skip
def test_a_good_answer_is_kept_in_one_form(question, value, kept) -> None:
    assert validate_answer(PROTOCOL, question, value) == kept


class Seven:
    """Something that is no number but reads like one."""

    def __str__(self) -> str:
        return "7"


def test_a_score_is_a_number_or_its_digits_and_nothing_that_reads_like_one() -> None:
    for value in (Seven(), 7.0, None):
        with pytest.raises(InvalidAnswer, match=r"^pain takes a whole number from 0 to 10$"):
            validate_answer(PROTOCOL, "pain", value)


@pytest.mark.parametrize(
    ("question", "value", "sentence"),
    [
        ("soreness", "awful", "soreness takes one of none, mild, moderate, severe"),
        ("new", [], "new takes at least one of none, skin, numb, shock, weak, fever, minor"),
        ("new", ["moon"], "new takes any of none, skin, numb, shock, weak, fever, minor"),
        ("weather", "fine", "there is no question 'weather'"),
        ("week_check", "maybe", "week_check takes one of no, yes"),
    ],
)
def test_a_refusal_says_what_the_question_takes(question, value, sentence) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        validate_answer(PROTOCOL, question, value)
    assert str(refused.value) == sentence


def test_the_check_of_day_seven_asks_one_question_and_the_others_only_after_yes() -> None:
    assert next_question(PROTOCOL, {}, kind=WEEK) == "week_check"
    assert asked_questions(PROTOCOL, {}, kind=WEEK) == ("week_check",)
    assert asked_questions(PROTOCOL, {**WELL, "week_check": "no"}, kind=WEEK) == ("week_check",)
    assert next_question(PROTOCOL, {"week_check": "no"}, kind=WEEK) is None
    assert next_question(PROTOCOL, {"week_check": "yes"}, kind=WEEK) == "danger"
    well = asked_questions(PROTOCOL, WELL)
    opened = asked_questions(PROTOCOL, {**WELL, "week_check": "yes"}, kind=WEEK)
    assert opened == ("week_check", *well)
    assert next_question(PROTOCOL, {**WELL, "week_check": "yes"}, kind=WEEK) is None


def test_an_ordinary_check_never_asks_the_question_of_day_seven() -> None:
    assert "week_check" not in asked_questions(PROTOCOL, {"week_check": "yes"})
    assert next_question(PROTOCOL, {"week_check": "no"}) == "danger"
    assert list(every_question(PROTOCOL)) == [*PROTOCOL.questions, "week_check"]


def test_time_outs_are_those_of_the_protocol() -> None:
    minutes = {name: found.timeout_minutes for name, found in PROTOCOL.questions.items()}
    assert minutes.pop("danger_signs") == 2
    assert {name for name, found in minutes.items() if found is None} == {
        "pain",
        "soreness",
        "bruising",
        "new",
    }
    assert {found for found in minutes.values() if found is not None} == {30}
