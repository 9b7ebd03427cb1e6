"""What people read: complete, short enough for Telegram, safe as HTML, and within its limits."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.language import speaking
from handlers.wording import advice, questions
from handlers.wording.areas import area_words
from handlers.wording.cards import CardFacts, group_card, headline, level_words, private_card
from handlers.wording.moments import calendar_date, moment
from handlers.wording.options import OPTIONS

# The clinical protocol's ids and values, as they are stored and exported.
VALUES = {
    "danger": "none yes",
    "danger_signs": "breathless chest_pain chest_wall_sore dry_cough sudden_neuro saddle very_ill "
    "skin_black swelling_fast cold_limb allergy passed_out other_danger",
    "pain": "0 1 2 3 4 5 6 7 8 9 10",
    "soreness": "none mild moderate severe",
    "bruising": "none small large cannot_see",
    "bruise_signs": "growing hard very_painful limb_cold soft",
    "touch": "no yes cannot_tell",
    "new": "none skin numb shock weak fever minor",
    "skin_signs": "bigger_than_coin spreading hot swollen more_painful pus red_streaks small_spot",
    "nerve_place": "needle_spot arm leg elsewhere both_sides",
    "nerve_course": "easing same constant worse",
    "weakness": "works broken spreading not_sure",
    "temperature": "under_38 38_or_more unknown",
    "week_check": "no yes",
}
PAIRS = [(question, value) for question, values in VALUES.items() for value in values.split()]

RULES = [
    *(f"E{number}" for number in range(9)),
    *(f"U{number}" for number in range(1, 13)),
    *(f"W{number}" for number in range(1, 9)),
    "N1",
]
EMERGENCIES, WATCHES = RULES[:9], RULES[21:29]

SORENESS = (
    "Soreness like this is common. It usually eases in 24 to 48 hours and can last up to 72. "
    "Gentle movement and warmth help. Tell us if it gets worse instead of better."
)


def urgent(**changed):
    words = {
        "deadline": "Tue 15:30",
        "clinic_phone": "+44 20 7946 0000",
        "urgent_number": "111",
        "emergency_number": "999",
        "open_now": True,
        "opens_at": None,
    }
    return advice.urgent_text(**(words | changed))


def emergency(*rules, signs=(), day="Tue 14:30", area="an arm or leg"):
    return advice.emergency_text(
        rules, day=day, area=area, emergency_number="112", danger_signs=signs
    )


def consent(**changed):
    words = {
        "version": 3,
        "clinic": "Riverside Practice",
        "clinic_phone": "+44 20 7946 0000",
        "emergency_number": "999",
    }
    return advice.consent_text(**(words | changed))


def patient_texts():
    """Every text a patient can get from these modules, by name."""
    signs = VALUES["danger_signs"].split()
    texts = {f"question {one}": questions.question_text(one) for one in VALUES}
    texts |= {f"emergency {one}": emergency(one, signs=signs) for one in EMERGENCIES}
    texts |= {f"emergency {one} without a sign": emergency(one) for one in EMERGENCIES}
    texts |= {f"watch {one}": advice.watch_text([one]) for one in WATCHES}
    texts |= {
        f"urgent {number}": urgent(
            clinic_phone=phone, urgent_number=other, open_now=is_open, opens_at=opens
        )
        for number, (phone, other, is_open, opens) in enumerate(
            (phone, other, is_open, opens)
            for phone in ("", "+44 20 7946 0000")
            for other in ("", "111")
            for is_open, opens in ((True, None), (False, "Wed 08:00"), (False, None))
        )
    }
    return texts | {
        "all emergencies": emergency(*EMERGENCIES, signs=signs, day="", area=""),
        "all watches": advice.watch_text(WATCHES),
        "no watch rule": advice.watch_text([]),
        "danger notice": questions.danger_notice("112"),
        "not reached": advice.could_not_reach_clinic_text("+44 1", "999"),
        "not reached, no phone": advice.could_not_reach_clinic_text("", "999"),
        "nobody read": advice.nobody_read_text("+44 1", "999"),
        "nobody read, no phone": advice.nobody_read_text("", "999"),
        "seen": advice.seen_text("Tue 14:05"),
        "none": advice.none_text("Wed 14:30"),
        "last": advice.none_text(None),
        "no answer": advice.no_answer_text(),
        "missed": advice.missed_text(),
        "safety": advice.safety_text("an arm or leg", "112"),
        "away": advice.away_text("Tue 14:02", "Tue 14:20"),
        "note": advice.note_received_text("112"),
        "week": advice.week_end_text("3 Mar 2026"),
        "consent": consent(),
    }


def facts(**changed):
    base = {
        "number": 7,
        "level": "emergency",
        "level_now": "emergency",
        "code": "P-7K3M",
        "rules": ("E1", "U1"),
        "hours": 48.9,
        "ratings": (("before", "5", "–", "–"), ("24h", "3", "Mild", "–"), ("48h", "7", "–", "–")),
        "signs": ("Skin: hot",),
        "words": ("it hurts to breathe",),
    }
    return CardFacts(**(base | changed))


class Tags(HTMLParser):
    """Refuses what Telegram refuses: tags it does not know, or not closed in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        assert tag in {"b", "i", "blockquote"}
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def well_formed(text):
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    bare = re.sub(r"</?(b|i|blockquote)>", "", text)
    assert not re.search(r"[<>]", bare)
    assert not re.search(r"&(?!(amp|lt|gt);)", bare)
    return True


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


@pytest.mark.parametrize(("name", "text"), patient_texts().items())
def test_every_message_to_patients_fits_and_is_html_that_telegram_takes(name, text):
    assert 0 < len(text) <= 4096
    assert well_formed(text)
    assert "{" not in text


DIAGNOSES = (
    "pneumothorax|punctured|collapsed lung|cauda|stroke|haematoma|hematoma|meningitis|abscess|"
    "cellulitis|fasciitis|neuropathy|embol|sepsis|septic|anaphyla|compartment|you have an? inf|"
    "spinal cord|infected"
)
REASSURANCES = (
    r"you are (fine|ok|okay|well|safe)|you're (fine|ok|well)|nothing (is )?wrong|harmless"
)
DOSES = r"\b\d+ ?(mg|g|mcg|µg|ml|tablets?|pills?)\b|paracetamol|ibuprofen|aspirin|acetaminophen"


@pytest.mark.parametrize(("name", "text"), patient_texts().items())
def test_no_patient_is_given_a_diagnosis_a_false_comfort_or_a_dose(name, text):
    # The one question a patient is told to ask in hospital.
    words = text.replace("Ask them: could it be sepsis?", "")
    for forbidden in (DIAGNOSES, REASSURANCES, DOSES):
        assert not re.search(forbidden, words, re.IGNORECASE), (name, forbidden)


@pytest.mark.parametrize(("question", "value"), PAIRS)
def test_no_button_names_a_diagnosis_or_a_dose(question, value):
    label = questions.option_label(question, value)
    assert not re.search(f"{DIAGNOSES}|{DOSES}", label, re.IGNORECASE)


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
    _thanks, empty, *lines = advice.watch_text([rule]).splitlines()
    assert (empty, len(lines)) == ("", 3)
    assert "Report a problem" in lines[2]


@pytest.mark.parametrize("rule", ["W1", "W6"])
def test_soreness_is_told_in_the_protocols_own_words(rule):
    assert SORENESS in advice.watch_text([rule])


def test_no_line_of_advice_comes_twice():
    lines = [line for line in advice.watch_text(WATCHES).splitlines() if line]
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
    text = consent(opening_hours="Mon-Fri 08:00-18:00", retention="for 10 years")
    assert "opening hours: Mon-Fri 08:00-18:00." in text
    assert "for 10 years." in text


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


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_headline(rule):
    assert headline(rule) != rule


def test_the_group_sees_no_words_no_action_and_no_pictures():
    card = group_card(facts(words=("my name is Ana Lopez",), media=2, action="called Ana Lopez"))
    assert "Ana" not in card
    assert "picture" not in card
    assert "Possible pneumothorax" in card
    assert "P-7K3M" in card


def test_the_private_card_quotes_the_patient():
    card = private_card(facts(media=1))
    assert "<blockquote>it hurts to breathe</blockquote>" in card
    assert "1 picture or recording" in card


def test_a_card_shows_the_course_from_before_to_now():
    card = group_card(facts())
    assert "Pain: before 5 → 24 h 3 → 48 h 7" in card
    assert "Soreness: 24 h Mild" in card
    assert "Bruising" not in card
    assert "48 hours after the session" in card


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"overdue": ("The skin",)}, "Not answered: The skin"),
        ({"taken_by": "Ana", "taken_at": "Tue 14:05"}, "<b>Taken by Ana at Tue 14:05</b>"),
        ({"outcome": "not_confirmed", "closed_at": "Tue 15:00"},
         "<b>Closed Tue 15:00: not confirmed</b>"),
        ({"possible_repeat": True}, "<i>Possible repeat: you may have this message already.</i>"),
        ({"from_typed_message": True}, "From a typed message"),
        ({"hours": None}, "No session on file for this"),
        ({"hours": 1.2}, "1 hour after the session"),
        ({"patient_says": ("mistake",)}, "The patient says: I made a mistake."),
        ({"merged": ("an arm or leg",)}, "Together with: an arm or leg"),
        ({"level_now": "urgent"},
         "Level by the answers now: ❗ URGENT. The alert keeps its highest."),
    ],
)  # fmt: skip
def test_a_card_says_what_is_true_of_it(changed, line):
    assert line in group_card(facts(**changed)).splitlines()


def test_a_level_is_told_by_a_word_as_well_as_a_symbol():
    words = [level_words(level) for level in ("emergency", "urgent", "watch", "none")]
    assert [word.split(maxsplit=1)[1] for word in words] == [
        "EMERGENCY", "URGENT", "WATCH", "NO SIGN",
    ]  # fmt: skip
    assert len({word[0] for word in words}) == 4


anything = st.text(max_size=700)


@given(
    st.lists(anything, max_size=12), st.lists(anything, max_size=20), anything, anything,
    st.lists(st.sampled_from(RULES), max_size=30),
)  # fmt: skip
def test_no_input_makes_a_card_too_long_or_broken(words, signs, name, action, rules):
    full = facts(
        words=tuple(words), signs=tuple(signs), taken_by=name, taken_at="Tue 14:05",
        action=action, rules=tuple(rules), media=3, overdue=tuple(signs), merged=tuple(words),
    )  # fmt: skip
    for card in (private_card(full), group_card(full)):
        assert len(card) <= 3900
        assert well_formed(card)
        assert "P-7K3M" in card


def test_the_newest_words_are_kept_when_there_are_too_many():
    card = private_card(facts(words=("old " * 400, "new one")))
    assert "<blockquote>new one</blockquote>" in card
    assert "old old" not in card
    assert "and 1 more" in card


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
