"""The reader of patients' notes: how well it reads, that it only raises, that it explains."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.triage.notes import Reading, Sign, read
from care.triage.notes.model import SIGNS
from tests.notes.notes import CORPUS, HERE, UNSEEN, Note, batches, lines, rates, wanted

DEVELOPMENT = HERE.parents[2] / "shared" / "notes" / "development.jsonl"
QUIET = {
    "en": ["Thanks for today.", "What time is my appointment?", "See you on Monday 👍", "I slept well."],
    "es": ["Gracias por todo.", "¿A qué hora es mi cita?", "Nos vemos el lunes 👍", "He desayunado tostadas."],
}  # fmt: skip


def read_signs(reading: Reading) -> set[str]:
    return {sign for sign in SIGNS if getattr(reading, sign)}


def assert_reads(notes: tuple[Note, ...], any_sign: float, quiet: float, danger: float) -> None:
    """At least these shares of noted signs found, of quiet notes kept quiet, of dangers found."""
    read_so = [(one, wanted(one), read_signs(read(one["text"], one["lang"]))) for one in notes]
    wrong = [(one["text"], want, got) for one, want, got in read_so if want != got]
    sensitivity, specificity = rates([(bool(want), bool(got)) for _, want, got in read_so])
    dangers = [("emergency" in want, "emergency" in got) for _, want, got in read_so]
    assert specificity >= quiet, wrong
    assert sensitivity >= any_sign or not any(want for _, want, _ in read_so), wrong
    assert rates(dangers)[0] >= danger or not any(want for want, _ in dangers), wrong


@pytest.mark.parametrize("name", sorted(batches(CORPUS)))
def test_what_it_was_taught_it_reads(name: str) -> None:
    # The numbered batches are those that the word lists were tuned on as well.
    if re.fullmatch(r"[a-z]+_\d+", name):
        assert_reads(batches(CORPUS)[name], 0.95, 0.93, 0.95)
    else:
        assert_reads(batches(CORPUS)[name], 0.90, 0.90 if name.startswith("en") else 0.80, 0.90)


@pytest.mark.parametrize(
    ("language", "any_sign", "quiet", "danger"),
    [("en", 0.95, 0.90, 0.95), ("es", 0.93, 0.80, 0.90)],
)
def test_signs_are_found_and_quiet_kept_in_notes_that_it_never_learnt_from(
    language: str, any_sign: float, quiet: float, danger: float
) -> None:
    notes = tuple(
        one for batch in batches(UNSEEN).values() for one in batch if one["lang"] == language
    )
    assert len(notes) > 190
    assert_reads(notes, any_sign, quiet, danger)


def test_the_sentences_of_consultations_and_patients_are_read() -> None:
    if not DEVELOPMENT.exists():
        pytest.skip(f"{DEVELOPMENT.name} is not part of this tree")
    assert_reads(lines(DEVELOPMENT), 0.95, 0.93, 0.95)


def test_no_unseen_note_stands_in_what_was_taught() -> None:
    taught = {_bare(one["text"]) for batch in batches(CORPUS).values() for one in batch}
    assert not [
        one for batch in batches(UNSEEN).values() for one in batch if _bare(one["text"]) in taught
    ]


def _bare(text: str) -> str:
    return " ".join("".join(c for c in text.casefold() if c.isalnum() or c == " ").split())


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
    {
        word
        for name in ("en_1", "es_1")
        for one in batches(CORPUS)[name]
        for word in one["text"].split()
    }
)


@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from(["en", "es"]))
def test_any_words_in_any_order_are_read(words: list[str], language: str) -> None:
    text = " ".join(words)
    for span in read(text, language).spans:
        assert text[span.start : span.end] == span.text


@given(st.sampled_from(["en_1", "en_2", "es_1"]), st.data())
def test_a_quiet_sentence_after_a_sign_never_hides_it(name: str, data: st.DataObject) -> None:
    note = data.draw(st.sampled_from([one for one in batches(CORPUS)[name] if one["signs"]]))
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


def test_what_only_the_learned_reader_finds_is_quoted_with_the_words_that_moved_it() -> None:
    text = "i'm up to three pillows now because flat on my back i go under like a drowning man"
    spans = [one for one in read(text, "en").spans if one.counts]
    assert {one.sign for one in spans} == {"emergency"}
    assert all(one.text and one.text in text for one in spans)


@given(st.sampled_from(sorted(batches(UNSEEN))), st.data())
def test_a_sign_is_set_exactly_where_a_quoted_span_counts(name: str, data: st.DataObject) -> None:
    note: dict[str, Any] = data.draw(st.sampled_from(batches(UNSEEN)[name]))
    reading = read(note["text"], note["lang"])
    counted: set[Sign] = {span.sign for span in reading.spans if span.counts}
    assert counted == read_signs(reading)
