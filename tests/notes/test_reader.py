"""The reader of patients' notes: how well it reads, that it only raises, that it explains."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.triage.notes import Reading, read

HERE = Path(__file__).parent
DEVELOPMENT = HERE.parents[2] / "shared" / "notes" / "development.jsonl"
SIGNS = ("infection", "nerve", "emergency")
LETTERS = {"I": "infection", "N": "nerve", "E": "emergency"}
QUIET = {
    "en": ["Thanks for today.", "What time is my appointment?", "See you on Monday 👍", "I slept well."],
    "es": ["Gracias por todo.", "¿A qué hora es mi cita?", "Nos vemos el lunes 👍", "He desayunado tostadas."],
}  # fmt: skip


@cache
def notes(name: str) -> tuple[dict[str, Any], ...]:
    path = DEVELOPMENT if name == "development" else HERE / "corpus" / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path.name} is not part of this tree")
    return tuple(json.loads(line) for line in path.read_text("utf-8").splitlines())


def wanted(note: dict[str, Any]) -> set[str]:
    if "labels" in note:
        return {sign for sign in SIGNS if note["labels"][sign]}
    return {LETTERS[letter] for letter in note["signs"]}


def read_signs(reading: Reading) -> set[str]:
    return {sign for sign in SIGNS if getattr(reading, sign)}


def rates(pairs: list[tuple[bool, bool]]) -> tuple[float, float]:
    """(sensitivity, specificity) of (wanted, found)."""
    seen = Counter(pairs)
    yes = seen[True, True] + seen[True, False]
    no = seen[False, True] + seen[False, False]
    return seen[True, True] / max(yes, 1), seen[False, False] / max(no, 1)


CORPORA = [*sorted(path.stem for path in (HERE / "corpus").glob("*.jsonl")), "development"]


@pytest.mark.parametrize("name", CORPORA)
def test_nineteen_of_twenty_signs_are_found_and_few_quiet_notes_are_flagged(name: str) -> None:
    read_so = [(wanted(one), read_signs(read(one["text"], one["lang"]))) for one in notes(name)]
    wrong = [
        (one["text"]) for one, (want, got) in zip(notes(name), read_so, strict=True) if want != got
    ]
    sensitivity, specificity = rates([(bool(want), bool(got)) for want, got in read_so])
    assert sensitivity >= 0.95, wrong
    assert specificity >= 0.93, wrong
    danger, _ = rates([("emergency" in want, "emergency" in got) for want, got in read_so])
    assert danger >= 0.95, wrong


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        ("no fever, chills or chest pain", "en", "negated by 'no'"),
        ("Fever? No.", "en", "denied by '? No'"),
        ("My son has a fever", "en", "someone else: 'My son'"),
        ("I had a fever last year", "en", "past: 'last year'"),
        ("The numbness went away this morning", "en", "over: 'went away'"),
        ("Should I call you if I get a fever?", "en", "a condition: 'if'"),
        ("numb with boredom at work", "en", "another meaning: 'numb with boredom'"),
        ("My thigh is numb", "en", "present, and the writer's own"),
        ("No tengo fiebre", "es", "negated by 'No'"),
        ("Mi hijo tiene fiebre", "es", "someone else: 'Mi hijo tiene'"),
    ],
)
def test_every_span_says_why_it_counts_or_was_set_aside(
    text: str, language: str, why: str
) -> None:
    assert why in {span.why for span in read(text, language).spans}


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("I used to have tingling only in one finger and now it's the whole hand", {"nerve"}),
        ("no redness, my foot is numb though", {"nerve"}),
        ("Mum thinks the spot looks infected and it's oozing", {"infection"}),
        ("fever's gone but the chest pain came back", {"emergency"}),
        ("cant breth proply since i got home", {"emergency"}),
        ("p&n in my foot", {"nerve"}),
        ("feeling 🤒", {"infection"}),
        ("sooooo swollennnn", {"infection"}),
        ("numb in 2 fingers", {"nerve"}),
    ],
)
def test_what_is_denied_or_over_does_not_hide_what_is_there(text: str, signs: set[str]) -> None:
    assert read_signs(read(text, "en")) == signs


def test_a_language_that_it_does_not_know_is_not_read() -> None:
    assert not read("ich habe fever", "de").known
    assert read("tengo fiebre", "es-MX").infection


def test_without_a_language_a_sign_in_either_is_found() -> None:
    assert read("tengo fiebre").infection
    assert read("my foot is numb").nerve
    assert read("pus").infection


def test_a_language_told_by_its_words_is_not_read_as_the_other() -> None:
    assert not read("Can I get an infection from needles?").infection
    assert not read("¿Puede causar una infección la punción?").infection


@given(st.text(max_size=400), st.sampled_from(["en", "es", None]))
def test_any_text_is_read_and_spans_quote_it(text: str, language: str | None) -> None:
    for span in read(text, language).spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text


WORDS = sorted(
    {word for name in ("en_1", "es_1") for one in notes(name) for word in one["text"].split()}
)


@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from(["en", "es"]))
def test_any_words_in_any_order_are_read(words: list[str], language: str) -> None:
    text = " ".join(words)
    for span in read(text, language).spans:
        assert text[span.start : span.end] == span.text


@given(st.sampled_from(["en_1", "en_2", "es_1"]), st.data())
def test_a_quiet_sentence_after_a_sign_never_hides_it(name: str, data: st.DataObject) -> None:
    note = data.draw(st.sampled_from([one for one in notes(name) if one["signs"]]))
    quiet = data.draw(st.sampled_from([*QUIET["en"], *QUIET["es"]]))
    language = data.draw(st.sampled_from([note["lang"], None]))
    alone = read_signs(read(note["text"], language))
    text = f"{note['text'].rstrip()}\n{quiet}"
    assert alone <= read_signs(read(text, language))


def test_a_sign_deep_in_a_long_text_is_found_where_it_stands() -> None:
    text = "I slept well. " * 5_000 + "My tongue is swelling."
    (span,) = [one for one in read(text, "en").spans if one.counts]
    assert (span.sign, span.text) == ("emergency", "tongue is swelling")
    assert text[span.start : span.end] == span.text
