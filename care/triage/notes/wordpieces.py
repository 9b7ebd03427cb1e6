"""Cuts a text into the pieces of words that the learned reader knows, each with its place.

The way of uncased BERT (https://arxiv.org/abs/1810.04805): lower case, no accents, punctuation
apart, then the longest known piece from the left. Emoji are read by their names.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

UNKNOWN, BEGIN, END = "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 60
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_INSIDE = "##"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece's number in the vocabulary, and the characters of the text it is a part of."""

    number: int
    start: int
    end: int


class Vocabulary:
    """The known pieces; a piece's number is its line in the list."""

    def __init__(self, pieces: list[str]) -> None:
        self._numbers: Mapping[str, int] = {piece: at for at, piece in enumerate(pieces)}
        self.begin, self.end = self._numbers[BEGIN], self._numbers[END]
        self._cut = lru_cache(maxsize=20_000)(self._cut_word)

    def pieces(self, text: str) -> list[Piece]:
        """The text's pieces in order; a word's pieces all carry the whole word's place."""
        return [
            Piece(number, word.start(), word.end())
            for word in _WORD.finditer(text)
            for number in self._cut(word[0])
        ]

    def _cut_word(self, word: str) -> tuple[int, ...]:
        if _is_picture(word):
            named = unicodedata.name(word, "").lower()
            return tuple(one for each in re.findall(r"\w+", named) for one in self._cut(each))
        bare = "".join(_bare(word.lower()))
        if not bare:
            return ()
        numbers: list[int] = []
        start = 0
        while start < len(bare) and len(bare) <= LONGEST_WORD:
            for end in range(len(bare), start, -1):
                piece = bare[start:end] if start == 0 else _INSIDE + bare[start:end]
                if piece in self._numbers:
                    numbers.append(self._numbers[piece])
                    start = end
                    break
            else:
                return (self._numbers[UNKNOWN],)
        return tuple(numbers) or (self._numbers[UNKNOWN],)


def _is_picture(word: str) -> bool:
    return len(word) == 1 and unicodedata.category(word) == "So"


def _bare(word: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFD", word):
        if unicodedata.category(letter) != "Mn":
            yield letter
