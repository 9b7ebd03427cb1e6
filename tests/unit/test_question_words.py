"""Questions, answers, areas and times as people read them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from care.opening_hours import OpeningHours
from handlers.language import speaking
from handlers.wording import questions
from handlers.wording.areas import area_words
from handlers.wording.cards import headline
from handlers.wording.moments import calendar_date, hours_words, moment
from handlers.wording.options import OPTIONS
from tests.unit.texts import (
    DIAGNOSES,
    DOSES,
    PAIRS,
    VALUES,
)


def test_the_words_know_exactly_the_protocols_questions_and_values():
    listed = {question: values.split() for question, values in VALUES.items()}
    del listed["pain"]
    assert {question: list(options) for question, options in OPTIONS.items()} == listed


@pytest.mark.parametrize(("question", "value"), PAIRS)
def test_every_answer_has_a_button_and_a_sentence(question, value):
    label = questions.option_label(question, value)
    assert 0 < len(label) <= 30
    assert len(questions.option_sentence(question, value)) >= 3
    assert questions.option_sentence(question, value) != value


@pytest.mark.parametrize("question", VALUES)
def test_no_two_answers_of_a_question_read_the_same(question):
    values = VALUES[question].split()
    for words in (questions.option_label, questions.option_sentence):
        assert len({words(question, value) for value in values}) == len(values)


def test_no_two_answers_read_the_same_to_a_clinician_whatever_the_question():
    sentences = [questions.option_sentence(question, value) for question, value in PAIRS]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("question", OPTIONS)
def test_what_a_button_shortens_stands_in_full_in_the_message(question):
    text = unescape(questions.question_text(question))
    for option in OPTIONS[question].values():
        if option.full:
            assert f"{option.label}</b>: {option.full}" in text


def test_the_danger_question_lists_its_six_signs_on_lines_of_their_own():
    lines = questions.question_text("danger").splitlines()
    assert lines[0] == "Since your needling session, do you have ANY of these now?"
    assert [line[:2] for line in lines[1:]] == ["• "] * 6


def test_a_value_of_another_version_is_shown_as_it_is():
    assert questions.option_label("new", "itch") == "itch"
    assert questions.option_sentence("hearing", "bad") == "bad"
    assert questions.short_title("hearing") == "hearing"
    assert headline("E99") == "E99"


@pytest.mark.parametrize(("question", "value"), PAIRS)
def test_no_button_names_a_diagnosis_or_a_dose(question, value):
    label = questions.option_label(question, value)
    assert not re.search(f"{DIAGNOSES}|{DOSES}", label, re.IGNORECASE)


def test_areas_are_in_the_patients_words():
    assert area_words(["limb"]) == "an arm or leg"
    assert area_words([]) == "the treated area"
    assert area_words(["limb", "thorax"]) == (
        "the neck, shoulder, upper back or chest; and an arm or leg"
    )


NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "Tue 14:30"),
        (1, "Wed 14:30"),
        (6, "Mon 14:30"),
        (-6, "Wed 14:30"),
        (7, "Tue 10 Mar 14:30"),
        (-30, "Sun 1 Feb 14:30"),
        (-300, "Wed 7 May 2025 14:30"),
    ],
)
def test_a_time_has_its_weekday_and_far_away_its_date(days, expected):
    at = datetime(2026, 3, 3, 14, 30, tzinfo=UTC) + timedelta(days=days)
    assert moment(at, "Europe/London", NOW).replace("15:30", "14:30") == expected


def test_times_are_in_the_readers_zone_and_language():
    at = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert moment(at, "Asia/Kathmandu", NOW) == "Wed 05:15"
    with speaking("es"):
        assert moment(at, "Europe/Madrid", NOW) == "mié 00:30"
    with speaking("xx"):
        assert moment(at, "Europe/Madrid", NOW) == "Wed 00:30"
    assert calendar_date(at, "Europe/Madrid") == "Mar 4, 2026"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, "Mon-Fri 08:00-18:00"),
        (
            {
                "mon": [["09:00", "13:30"], ["16:00", "20:00"]],
                "tue": [["09:00", "13:30"]],
                "sat": [["18:00", "24:00"]],
            },
            "Mon 09:00-13:30, 16:00-20:00; Tue 09:00-13:30; Sat 18:00-00:00",
        ),
        ({"mon": []}, ""),
    ],
)
def test_opening_hours_are_told_in_one_line(stored, expected):
    assert hours_words(OpeningHours.from_json(stored)) == expected


def test_opening_hours_are_told_in_the_readers_language():
    with speaking("es"):
        assert hours_words(OpeningHours()) == "lun-vie 08:00-18:00"
