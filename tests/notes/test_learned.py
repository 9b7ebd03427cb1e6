"""The learned reader: its pieces cover the text, half-way says what the end says, and it is small."""

import subprocess
import sys
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.triage.notes.learned import LONGEST, Learned
from care.triage.notes.wordpieces import Vocabulary
from tests.notes.notes import UNSEEN, batches

NETWORK = resources.files("care.triage.notes").joinpath("network")
MEGABYTES = """
import resource
from care.triage.notes.wordlists import mentions
mentions("numb foot", "en"), mentions("pie dormido", "es")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from care.triage.notes import read
read("my foot is numb and i can't catch my breath " * 60)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(NETWORK.joinpath("pieces.txt").read_text("utf-8").split("\n"))


@pytest.fixture(scope="module")
def learned() -> Learned:
    return Learned()


@given(text=st.text(max_size=200))
def test_every_letter_and_digit_of_any_text_lies_in_a_piece(
    vocabulary: Vocabulary, text: str
) -> None:
    pieces = vocabulary.pieces(text)
    assert [(one.start, one.end) for one in pieces] == sorted(
        (one.start, one.end) for one in pieces
    )
    covered = {at for one in pieces for at in range(one.start, one.end)}
    assert all(
        at in covered for at, letter in enumerate(text) if letter.isascii() and letter.isalnum()
    )


def test_accents_and_capitals_do_not_change_a_word(vocabulary: Vocabulary) -> None:
    plain, typed = vocabulary.pieces("respiracion"), vocabulary.pieces("RespiraciÓn")
    assert [one.number for one in plain] == [one.number for one in typed]
    assert {(one.start, one.end) for one in typed} == {(0, 11)}


def test_half_way_says_what_the_end_says_wherever_it_is_sure(learned: Learned) -> None:
    sure = learned.weights["en"].sure
    same = []
    for note in batches(UNSEEN)["en_1"]:
        for passage in learned.passages(note["text"]):
            early = list(passage.scores.values())
            if min(map(abs, early)) < sure:
                continue
            passage.read_on()
            same.append(
                [score > 0 for score in early] == [score > 0 for score in passage.scores.values()]
            )
    assert len(same) > 150
    assert sum(same) >= 0.99 * len(same)


@pytest.mark.parametrize("words", [1, LONGEST // 2, LONGEST, 3 * LONGEST])
def test_passages_of_a_text_of_any_length_cover_it(learned: Learned, words: int) -> None:
    text = "  " + "fine " * words + "\n\n and the rest"
    passages = list(learned.passages(text))
    covered = {at for one in passages for at in range(one.start, one.end)}
    assert all(at in covered for at, letter in enumerate(text) if not letter.isspace())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_the_learned_reader_costs_less_than_200_megabytes() -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEGABYTES], capture_output=True, text=True, check=True
    )
    assert float(told.stdout) < 200
