"""How much the word lists' word weighs beside the learned reader's score: fitted on what both had
not seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care.triage.notes.model import SIGNS
from care.triage.notes.wordlists import mentions
from tests.notes.notes import Note, wanted

# A mistake costs this many times more when a sign is missed than when a quiet note is flagged.
MISSED = {"infection": 2.0, "nerve": 2.0, "emergency": 2.0}
ROUNDS = 4000
STEP = 0.05


@dataclass(frozen=True)
class Left:
    """Notes that were left out of teaching, and what each reader made of them.

    Attributes:
        scores: (notes, 6), three half-way and three of the end.
        said: (notes, 3), 1 where a mention counts, -1 where all are set aside, else 0.
        wanted: (notes, 3).
    """

    scores: NDArray[np.float64]
    said: NDArray[np.int64]
    wanted: NDArray[np.bool_]


def left(notes: Sequence[Note], scores: Sequence[Sequence[float]]) -> Left:
    """What both readers made of these notes."""
    return Left(
        np.array(scores),
        np.array([_said(note) for note in notes]),
        np.array([[sign in wanted(note) for sign in SIGNS] for note in notes]),
    )


def _said(note: Note) -> list[int]:
    counts: dict[str, int] = {}
    for span in mentions(note["text"], note["lang"]):
        counts[span.sign] = max(counts.get(span.sign, -1), 1 if span.counts else -1)
    return [counts.get(sign, 0) for sign in SIGNS]


def fitted(these: Left) -> dict[str, dict[str, float]]:
    """Weights of counting and set-aside mentions and the bias, by logistic regression in which
    the score's own weight is 1.
    """
    found: dict[str, dict[str, float]] = {"counts": {}, "aside": {}, "bias": {}}
    for at, sign in enumerate(SIGNS):
        given = np.stack(
            [these.said[:, at] == 1, these.said[:, at] == -1, np.ones(len(these.said))], 1
        ).astype(float)
        score, yes = np.clip(these.scores[:, 3 + at], -8, 8), these.wanted[:, at]
        cost = np.where(yes, MISSED[sign], 1.0)
        weights = np.zeros(3)
        for _ in range(ROUNDS):
            chance = 1 / (1 + np.exp(-(score + given @ weights)))
            weights -= STEP * (given * (cost * (chance - yes))[:, None]).mean(0) * 10
        for name, weight in zip(found, weights, strict=True):
            found[name][sign] = round(float(weight), 2)
    return found


def verdicts(
    these: Left, weights: Mapping[str, Mapping[str, float]], sure: float
) -> NDArray[np.bool_]:
    """(notes, 3): what the two together say, read on only where half-way was not sure."""
    leaning = _leanings(these, weights)
    half, end = these.scores[:, :3] + leaning, these.scores[:, 3:] + leaning
    unsure = undecided(these, weights, sure)
    verdict: NDArray[np.bool_] = np.where(unsure[:, None], end > 0, half > 0)
    return verdict


def undecided(
    these: Left, weights: Mapping[str, Mapping[str, float]], sure: float
) -> NDArray[np.bool_]:
    """(notes,): which are read to the end."""
    half = these.scores[:, :3] + _leanings(these, weights)
    near: NDArray[np.bool_] = np.abs(half).min(1) < sure
    return near


def _leanings(these: Left, weights: Mapping[str, Mapping[str, float]]) -> NDArray[np.float64]:
    counts, aside, bias = (
        np.array([weights[name][sign] for sign in SIGNS]) for name in ("counts", "aside", "bias")
    )
    return bias + np.where(these.said == 1, counts, 0.0) + np.where(these.said == -1, aside, 0.0)
