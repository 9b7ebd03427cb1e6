"""What the reader makes of a text."""

from dataclasses import dataclass
from typing import Literal

Sign = Literal["infection", "nerve", "emergency"]
SIGNS: tuple[Sign, ...] = ("infection", "nerve", "emergency")


@dataclass(frozen=True, slots=True)
class Span:
    """A sign's words: `text` is exactly `note[start:end]`, `why` says why they count or not."""

    start: int
    end: int
    text: str
    sign: Sign
    pattern: str
    counts: bool
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Which signs a text holds, and every place that was looked at; `known` is its language's."""

    infection: bool
    nerve: bool
    emergency: bool
    spans: tuple[Span, ...]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A word as patterns see it, and the characters of the text that it stands for."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern of `kind` met at tokens `first` up to `last`, not included."""

    kind: str
    pattern: str
    first: int
    last: int
