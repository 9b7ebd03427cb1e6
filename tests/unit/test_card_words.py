"""An alert as clinicians read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.wording.cards import group_card, headline, level_words, private_card
from tests.unit.texts import RULES, facts, well_formed


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
