"""What patients are told: fits, is safe as HTML, and stays within its limits."""

import re

import pytest

from handlers.wording import advice
from handlers.wording.cards import private_card
from handlers.wording.watch import watch_text
from tests.unit.texts import (
    DIAGNOSES,
    DOSES,
    EMERGENCIES,
    REASSURANCES,
    WATCHES,
    consent,
    emergency,
    facts,
    patient_texts,
    urgent,
    well_formed,
)

SORENESS = (
    "Soreness like this is common. It usually eases in 24 to 48 hours and can last up to 72. "
    "Gentle movement and warmth help. Tell us if it gets worse instead of better."
)


@pytest.mark.parametrize(("name", "text"), patient_texts().items())
def test_every_message_to_patients_fits_and_is_html_that_telegram_takes(name, text):
    assert 0 < len(text) <= 4096
    assert well_formed(text)
    assert "{" not in text


@pytest.mark.parametrize(("name", "text"), patient_texts().items())
def test_no_patient_is_given_a_diagnosis_a_false_comfort_or_a_dose(name, text):
    # The one question a patient is told to ask in hospital.
    words = text.replace("Ask them: could it be sepsis?", "")
    for forbidden in (DIAGNOSES, REASSURANCES, DOSES):
        assert not re.search(forbidden, words, re.IGNORECASE), (name, forbidden)


def test_the_emergency_text_says_what_to_do_first_and_last():
    text = emergency("E2")
    assert text.startswith(
        "<b>Please get emergency help NOW. Call 112 or go to the emergency department. "
        "Do not drive yourself.</b>\nTell them: I had dry needling on Tue 14:30, an arm or leg."
    )
    assert text.endswith("<b>Do not wait for us to reply.</b>")


@pytest.mark.parametrize(
    ("rules", "signs", "line"),
    [
        (["E1"], (), "Tell them you had needles near your chest or back."),
        (["E2"], (), "Go even if it does not hurt."),
        (["E4"], (), "Ask them: could it be sepsis?"),
        (["E6"], ("allergy",), "Use your adrenaline pen if you have one."),
        (["E7"], ("swelling_fast",), "If it bleeds, press firmly on it."),
    ],
)
def test_each_emergency_rule_adds_its_line(rules, signs, line):
    assert line in emergency(*rules, signs=signs).splitlines()


@pytest.mark.parametrize("rule", [one for one in EMERGENCIES if one != "E6"])
def test_no_emergency_rule_is_without_a_line(rule):
    assert len(emergency(rule).splitlines()) == 4


def test_the_pen_is_for_an_allergy_only_and_pressing_for_bleeding_only():
    assert "adrenaline" not in emergency("E6", signs=("passed_out", "cold_limb"))
    assert "press" not in emergency("E7", signs=("cold_limb",))


def test_an_emergency_without_a_session_does_not_invent_one():
    assert "Tell them: I had dry needling.\n" in emergency("E0", day="", area="")


def test_the_urgent_text_in_opening_hours_names_deadline_and_both_numbers():
    assert "If you do not hear by Tue 15:30, call +44 20 7946 0000 or 111." in urgent()
    assert "This needs a call today. We are telling the clinic now." in urgent()
    assert urgent().endswith("or feel very ill: 999.")


def test_without_an_urgent_number_the_clinic_alone_is_named():
    assert "call +44 20 7946 0000.\n" in urgent(urgent_number="")
    assert "call 111.\n" in urgent(clinic_phone="")
    assert "see a doctor today" in urgent(clinic_phone="", urgent_number="")


def test_in_closed_hours_the_opening_is_named_and_no_clinic_phone():
    text = urgent(open_now=False, opens_at="Wed 08:00")
    assert "It opens Wed 08:00." in text
    assert "7946" not in text
    assert "today" not in text
    assert "111" in text


def test_a_clinic_without_a_phone_never_leaves_an_empty_place():
    for text in patient_texts().values():
        assert "call ." not in text.lower()
        assert "call ," not in text.lower()
        assert "  " not in text


@pytest.mark.parametrize("rule", WATCHES)
def test_watch_advice_says_what_is_normal_what_to_do_and_when_to_come_back(rule):
    _thanks, empty, *lines = watch_text([rule]).splitlines()
    assert (empty, len(lines)) == ("", 3)
    assert "Report a problem" in lines[2]


@pytest.mark.parametrize("rule", ["W1", "W6"])
def test_soreness_is_told_in_the_protocols_own_words(rule):
    assert SORENESS in watch_text([rule])


def test_no_line_of_advice_comes_twice():
    lines = [line for line in watch_text(WATCHES).splitlines() if line]
    assert len(set(lines)) == len(lines)


def test_the_end_of_a_check_names_the_next_one_or_says_it_was_the_last():
    assert advice.none_text("Wed 14:30") == (
        "Thank you. All as expected. Next check Wed 14:30. "
        "If anything changes, tap Report a problem."
    )
    assert "That was the last check." in advice.none_text(None)


def test_no_answer_is_never_told_as_well():
    assert "expected" not in advice.no_answer_text()
    assert "cannot tell how you are" in advice.no_answer_text()


def test_what_people_type_cannot_become_markup():
    text = consent(clinic="<b>A & B", clinic_phone="<1>")
    assert "&lt;b&gt;A &amp; B" in text
    assert well_formed(text)
    assert well_formed(advice.nobody_read_text("<i>", "<"))
    assert well_formed(private_card(facts(words=("<b>&",), taken_by="<x>", code="<y>")))


@pytest.mark.parametrize(
    "element",
    [
        "ask how you are after dry needling",  # purpose
        "Your care is the same if you say no",
        "/stop",
        "Nobody watches this chat all the time",
        "opening hours",
        "call 999",
        "24 and 48 hours",
        "danger signs, pain, soreness, bruises",
        "Named staff",
        "not end-to-end encrypted",
        "Telegram stores this chat too",
        "The clinic stores",
        "as long as the law",
        "see, correct or delete your data",
        "+44 20 7946 0000",
        "soreness and bruises",
        "feeling faint",
        "infection",
        "irritated nerve",
        "lung",
        "fixed rules",
        "can miss a problem",
        "false alarm",
        "If you do not answer",
        "18 or older",
        "can read this language",
        "“I agree”",
        "my health data and of Telegram",
        "version 3",
    ],
)
def test_the_consent_holds_every_element(element):
    assert element in consent()


def test_the_consent_names_opening_hours_and_retention_where_the_clinic_set_them():
    text = consent(opening_hours="Mon-Fri 08:00-18:00", retention_months=24)
    assert "opening hours: Mon-Fri 08:00-18:00." in text
    assert "until 24 months after your last session; then your name and your" in text


@pytest.mark.parametrize("name", ["consent", "safety", "all emergencies", "all watches", "note"])
def test_texts_read_at_the_age_of_eleven(name):
    assert reading_grade(patient_texts()[name]) <= 6


def reading_grade(text):
    """Flesch-Kincaid school grade; grade 6 is age 11 to 12."""
    bare = re.sub(r"<[^>]*>", "", text)
    sentences = [part for part in re.split(r"[.!?:;]\s|\n", bare) if re.search(r"[a-z]", part)]
    words = re.findall(r"[A-Za-z']+", bare)
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^l])e$", "", word.lower()))))
        for word in words
    )
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
