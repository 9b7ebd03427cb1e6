"""Microseconds a note for the reader, against a plain scan for keywords."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from care.triage.notes import read, words
from tests.notes.notes import UNSEEN, batches

KEYWORDS = re.compile(
    r"\b(?:fever|chills|pus|red|hot|swollen|swelling|oozing|infected|numb|numbness|tingling|"
    r"pins and needles|weak|weakness|shooting|electric|breath|breathless|chest pain|faint|fainted|"
    r"passed out|bladder|throat|tongue|lips)\b",
    re.IGNORECASE,
)
ROUNDS = 5


@dataclass(frozen=True)
class Compared:
    """Medians over rounds that take turns, in microseconds; every note is new to the reader.

    Attributes:
        ours: a typical note (the median one).
        slowest: what 95 of 100 notes stay under.
        theirs: a typical note for the scan.
    """

    ours: float
    slowest: float
    theirs: float


def _each(notes: list[str], read_one: Callable[[str], object]) -> list[float]:
    took = []
    for note in notes:
        began = time.perf_counter()
        read_one(note)
        took.append((time.perf_counter() - began) * 1e6)
    return sorted(took)


def compare() -> Compared:
    """Notes in English that nobody taught the reader."""
    notes = [
        one["text"] for batch in batches(UNSEEN).values() for one in batch if one["lang"] == "en"
    ]
    read(notes[0], "en")
    rounds = []
    for _ in range(ROUNDS):
        words.forget()
        ours, theirs = _each(notes, lambda note: read(note, "en")), _each(notes, KEYWORDS.search)
        rounds.append((median(ours), ours[len(ours) * 95 // 100], median(theirs)))
    return Compared(*(median(each) for each in zip(*rounds, strict=True)))
