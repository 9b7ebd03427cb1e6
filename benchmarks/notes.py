"""Microseconds a note for the reader, against a plain scan for keywords."""

import json
import re
import time
from pathlib import Path
from statistics import median

from care.triage.notes import read, words

CORPUS = Path(__file__).parents[1] / "tests" / "notes" / "corpus"
KEYWORDS = re.compile(
    r"\b(?:fever|chills|pus|red|hot|swollen|swelling|oozing|infected|numb|numbness|tingling|"
    r"pins and needles|weak|weakness|shooting|electric|breath|breathless|chest pain|faint|fainted|"
    r"passed out|bladder|throat|tongue|lips)\b",
    re.IGNORECASE,
)
ROUNDS = 5


def _notes() -> list[str]:
    return [
        json.loads(line)["text"]
        for file in sorted(CORPUS.glob("en*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]


def _ours(notes: list[str]) -> float:
    began = time.perf_counter()
    for note in notes:
        read(note, "en")
    return (time.perf_counter() - began) / len(notes) * 1e6


def _theirs(notes: list[str]) -> float:
    began = time.perf_counter()
    for note in notes:
        KEYWORDS.search(note)
    return (time.perf_counter() - began) / len(notes) * 1e6


def compare() -> tuple[float, float, float]:
    """(ours, theirs, ratio): medians over rounds that take turns; no word is remembered."""
    notes = _notes()
    read(notes[0], "en")
    pairs = []
    for _ in range(ROUNDS):
        words.forget()
        pairs.append((_ours(notes), _theirs(notes)))
    return (
        median(ours for ours, _ in pairs),
        median(theirs for _, theirs in pairs),
        median(ours / theirs for ours, theirs in pairs),
    )
