"""The labelled notes: `corpus/` is what readers learn from, `unseen/` only ever measures them."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from care.triage.notes.model import SIGNS

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
UNSEEN = HERE / "unseen"
LETTERS = {"I": "infection", "N": "nerve", "E": "emergency"}
Note = dict[str, Any]


@cache
def batches(folder: Path) -> dict[str, tuple[Note, ...]]:
    """Every file's notes, by the file's name."""
    return {path.stem: lines(path) for path in sorted(folder.glob("*.jsonl"))}


@cache
def lines(path: Path) -> tuple[Note, ...]:
    return tuple(json.loads(line) for line in path.read_text("utf-8").splitlines())


def wanted(note: Note) -> set[str]:
    """The signs that the note's label names."""
    if "labels" in note:
        return {sign for sign in SIGNS if note["labels"][sign]}
    return {LETTERS[letter] for letter in note["signs"]}


def rates(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """(sensitivity, specificity) of (wanted, found)."""
    seen = Counter(pairs)
    yes = seen[True, True] + seen[True, False]
    no = seen[False, True] + seen[False, False]
    return seen[True, True] / max(yes, 1), seen[False, False] / max(no, 1)


def measured(notes: Sequence[Note], found: Sequence[set[str]]) -> str:
    """Sensitivity and specificity for any sign and for each, in words."""
    said = []
    for name in ("any", *SIGNS):
        pairs = [
            (
                bool(want) if name == "any" else name in want,
                bool(got) if name == "any" else name in got,
            )
            for want, got in zip(map(wanted, notes), found, strict=True)
        ]
        sensitivity, specificity = rates(pairs)
        said.append(f"{name} {sensitivity:.3f}/{specificity:.3f}")
    return f"{len(notes)} notes: " + ", ".join(said)
