"""`make reader`: teaches the learned reader from `corpus/`, and says how well it reads.

First it learns three times, each time without a third of the batches, and prints how the batches
that were left out were read, the figures of docs/reader.md: from these come the weights of the
word lists' word. Then it learns from all.
"""

import argparse
import json
import math
import re
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tomlkit
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from rich.console import Console
from torch import nn

from care.triage.notes import reader
from care.triage.notes.lexicon import LANGUAGES
from care.triage.notes.model import SIGNS
from tests.notes import network, weights
from tests.notes.network import Example
from tests.notes.notes import CORPUS, UNSEEN, batches, measured, wanted

SHIPPED = Path(reader.__file__).parent / "network"
Scores = list[list[float]]
say = partial(Console(highlight=False).print, soft_wrap=True)
# The share of notes of which half-way says the same as the end.
AGREEMENT = 0.999


def examples_of(names: Sequence[str]) -> list[Example]:
    """The notes of these batches, with what they state."""
    every = batches(CORPUS)
    return [
        Example(note["text"], tuple(sign in wanted(note) for sign in SIGNS))
        for name in names
        for note in every[name]
    ]


def left_out(folds: int, seed: int) -> dict[str, Scores]:
    """Scores of every batch by a network that never saw it."""
    pieces, places = network.base_pieces()
    names = sorted(batches(CORPUS))
    found: dict[str, Scores] = {}
    for fold in range(folds):
        held = names[fold::folds]
        taught = network.taught(
            examples_of([name for name in names if name not in held]), pieces, places, seed
        )
        for name in held:
            texts = [one.text for one in examples_of([name])]
            found[name] = network.scores_of(taught, texts, pieces)
            say(name, measured(batches(CORPUS)[name], _signs(found[name])))
    return found


def _signs(scores: Scores) -> list[set[str]]:
    return [
        {sign for sign, score in zip(SIGNS, row[len(SIGNS) :], strict=True) if score > 0}
        for row in scores
    ]


def write(taught: network.Network, pieces: Sequence[str], folder: Path) -> None:
    """Both halves of the network, in bytes for numbers, and the pieces they know."""
    folder.mkdir(exist_ok=True)
    length = 8
    numbers = torch.ones(1, length, dtype=torch.long)
    states = torch.zeros(1, length, 384)
    _export(taught.lower, numbers, ("pieces",), ("states", "scores"), folder / "lower.onnx")
    _export(taught.upper, states, ("states",), ("scores",), folder / "upper.onnx")
    (folder / "pieces.txt").write_text("\n".join(pieces), "utf-8")


def _export(
    half: nn.Module, given: torch.Tensor, inputs: Sequence[str], outputs: Sequence[str], to: Path
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            half.eval(),
            (given,),
            whole,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: {1: "length"} for name in (*inputs, *outputs)},
            dynamo=False,
        )
        quantize_dynamic(whole, to, weight_type=QuantType.QInt8)
    onnx.checker.check_model(onnx.load(to))


def weigh(scores: dict[str, Scores]) -> dict[str, dict[str, Any]]:
    """Each language's weights, from batches that neither reader was fitted to; prints how both
    together read these.
    """
    found = {}
    for language in LANGUAGES:
        notes, rows = [], []
        for name, batch in batches(CORPUS).items():
            # The numbered ones are those that the word lists were tuned on.
            if (
                name.startswith(language)
                and not re.fullmatch(r"[a-z]+_\d+", name)
                and name in scores
            ):
                notes += batch
                rows += scores[name]
        these = weights.left(notes, rows)
        found[language] = {**weights.fitted(these), "sure": 0.0}
        sure = next(
            step / 2
            for step in range(20)
            if _agreement(these, found[language], step / 2) >= AGREEMENT
        )
        found[language]["sure"] = sure
        say(
            language,
            "both:",
            measured(notes, _named(weights.verdicts(these, found[language], sure))),
        )
        say(language, "the lists:", measured(notes, _named(these.said == 1)))
        say(language, "the network:", measured(notes, _named(these.scores[:, 3:] > 0)))
        on = weights.undecided(these, found[language], sure).mean()
        say(language, f"{on:.0%} are read to the end; sure at {sure}")
    return found


def _agreement(these: weights.Left, found: dict[str, Any], sure: float) -> float:
    early, late = weights.verdicts(these, found, sure), weights.verdicts(these, found, math.inf)
    return float((early == late).all(1).mean())


def _named(verdicts: NDArray[np.bool_]) -> list[set[str]]:
    return [{sign for sign, yes in zip(SIGNS, row, strict=True) if yes} for row in verdicts]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folds", type=int, default=3, help="0 keeps the weights as they are")
    asked.add_argument(
        "--scores", type=Path, help="a file that keeps the scores of what was left out"
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--measure-only", action="store_true", help="write no network")
    given = asked.parse_args()
    scores: dict[str, Scores] = {}
    if given.folds:
        scores = left_out(given.folds, given.seed)
        if given.scores:
            given.scores.write_text(json.dumps(scores), "utf-8")
    elif given.scores:
        scores = json.loads(given.scores.read_text("utf-8"))
    if scores:
        SHIPPED.mkdir(exist_ok=True)
        (SHIPPED / "weights.toml").write_text(tomlkit.dumps(weigh(scores)), "utf-8")
    if given.measure_only:
        return
    pieces, places = network.base_pieces()
    taught = network.taught(examples_of(sorted(batches(CORPUS))), pieces, places, given.seed)
    write(taught, pieces, SHIPPED)
    for name, notes in batches(UNSEEN).items():
        scores_there = network.scores_of(taught, [note["text"] for note in notes], pieces)
        say("unseen", name, "the network alone:", measured(notes, _signs(scores_there)))


if __name__ == "__main__":
    main()
