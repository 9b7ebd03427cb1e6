"""The learned reader: a small network that read thousands of labelled notes, beside the rules.

It scores every piece of a word for each sign; a passage's score is their log-sum-exp, and above 0
it reads like a note that states the sign. How it was taught and how well it reads: docs/reader.md.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import onnxruntime

from care.triage.notes.model import SIGNS, Sign
from care.triage.notes.wordpieces import Piece, Vocabulary

Array = np.ndarray[Any, Any]

# Pieces read at once, without the two marks around them, and how many of them are read again.
LONGEST = 94
OVERLAP = 30
# What log-sum-exp adds for the length of a passage; the same as in teaching.
OFFSET = 3.0
# Words beside the strongest one that are nearly as strong are quoted with it.
NEARLY = 2.0


@dataclass(frozen=True, slots=True)
class Weights:
    """How the word lists' finding and the score make one verdict; all in log-odds, as the score.

    Attributes:
        counts: added where the lists find a mention that counts.
        aside: added where they only find mentions that they set aside.
        bias: added for each sign; more of it finds more, and is wrong more often.
        sure: a half-way verdict that is further than this from 0 for every sign stands.
    """

    counts: Mapping[Sign, float]
    aside: Mapping[Sign, float]
    bias: Mapping[Sign, float]
    sure: float


class Passage:
    """A part of a text, `start` up to `end`: what it scores, and which of its words gave it.

    Attributes:
        scores: the log-odds that it states each sign, as far as it was read.
        whole: False for a part of a line that is longer than what the network was taught with.
    """

    def __init__(
        self, network: "Network", pieces: Sequence[Piece], start: int, *, whole: bool
    ) -> None:
        self.whole = whole
        self._network, self._pieces, self._offset = network, pieces, start
        self.start, self.end = start + pieces[0].start, start + pieces[-1].end
        self._states, scores = network.half_way([one.number for one in pieces])
        self._weigh(scores)

    def read_on(self) -> None:
        """From half-way to the end: slower, and surer."""
        self._weigh(self._network.to_the_end(self._states))

    def _weigh(self, scores: Array) -> None:
        self._scores = scores
        top = scores.max(axis=0)
        sums = top + np.log(np.exp(scores - top).sum(axis=0)) - OFFSET
        self.scores: dict[Sign, float] = dict(zip(SIGNS, sums.tolist(), strict=True))

    def words(self, sign: Sign) -> tuple[int, int]:
        """The place of the word that scores highest, with neighbours that come near."""
        scores = self._scores[1:-1, SIGNS.index(sign)]
        pieces = self._pieces
        first = last = int(scores.argmax())
        word = pieces[first]
        least = scores[first] - NEARLY
        while first and (scores[first - 1] >= least or pieces[first - 1].start == word.start):
            first -= 1
        while last + 1 < len(pieces) and (
            scores[last + 1] >= least or pieces[last + 1].start == word.start
        ):
            last += 1
        return self._offset + pieces[first].start, self._offset + pieces[last].end


class Network:
    """The two halves of the network, from pieces to scores of shape (pieces, signs)."""

    def __init__(self, folder: Traversable, vocabulary: Vocabulary) -> None:
        self._begin, self._end = vocabulary.begin, vocabulary.end
        options = onnxruntime.SessionOptions()
        # One note at a time and short ones: more threads would wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # What it would remember of one length helps no note of another.
        options.enable_mem_pattern = False
        self._lower, self._upper = (
            onnxruntime.InferenceSession(
                folder.joinpath(name).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            for name in ("lower.onnx", "upper.onnx")
        )

    def half_way(self, numbers: Sequence[int]) -> tuple[Array, Array]:
        """The states to read on from, and the scores so far."""
        marked = np.array([[self._begin, *numbers, self._end]], dtype=np.int64)
        states: Array
        states, scores = self._lower.run(None, {"pieces": marked})
        return states, scores[0]

    def to_the_end(self, states: Array) -> Array:
        """The scores after all layers."""
        scores: Array
        (scores,) = self._upper.run(None, {"states": states})
        one: Array = scores[0]
        return one


class Learned:
    """The network, its vocabulary and each language's weights, as shipped."""

    def __init__(self) -> None:
        folder = resources.files("care.triage.notes").joinpath("network")
        self._vocabulary = Vocabulary(folder.joinpath("pieces.txt").read_text("utf-8").split("\n"))
        self._network = Network(folder, self._vocabulary)
        weights = tomllib.loads(folder.joinpath("weights.toml").read_text("utf-8"))
        self.weights = {language: Weights(**each) for language, each in weights.items()}

    def passages(self, text: str) -> Iterator[Passage]:
        """The text's lines, long ones in parts; a line without words is left out.

        A new line is a new thought: what stands in the next never lessens what this one says.
        """
        start = 0
        for line in text.split("\n"):
            pieces = self._vocabulary.pieces(line)
            parts = max(0, len(pieces) - OVERLAP) or min(1, len(pieces))
            for at in range(0, parts, LONGEST - OVERLAP):
                part = pieces[at : at + LONGEST]
                yield Passage(self._network, part, start, whole=len(part) == len(pieces))
            start += len(line) + 1
