"""Finds every pattern of a language in a note's words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from care.triage.notes.lexicon import SIGN_KINDS, Lexicon
from care.triage.notes.model import Found, Token

ENDS = frozenset({".", "?", "!"})


class Note:
    """A note's words, its sentences and all that was found in it, by kind and in order."""

    def __init__(self, text: str, tokens: Sequence[Token], words: Lexicon) -> None:
        self.text = text
        self.words = words
        self.tokens = tokens
        self.found = _found(tokens, words)
        self.sentence_of = _sentences(tokens)

    def quote(self, first: int, last: int) -> str:
        """The text as typed that these tokens stand for."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def bounds(self, place: int) -> tuple[int, int]:
        """The sentence around a token: its first token, and the first behind it."""
        number, first, last = self.sentence_of[place], place, place
        while first and self.sentence_of[first - 1] == number:
            first -= 1
        while last < len(self.tokens) and self.sentence_of[last] == number:
            last += 1
        return first, last

    def within(self, kind: str, first: int, last: int) -> list[Found]:
        """What of this kind lies wholly between two tokens."""
        return [one for one in self.found[kind] if first <= one.first and one.last <= last]

    def word(self, place: int) -> str:
        """The word there, empty outside the note."""
        return self.tokens[place].word if 0 <= place < len(self.tokens) else ""


def _sentences(tokens: Sequence[Token]) -> list[int]:
    numbers, number = [], 0
    for token in tokens:
        numbers.append(number)
        number += token.word in ENDS
    return numbers


def _found(tokens: Sequence[Token], words: Lexicon) -> Mapping[str, list[Found]]:
    """Of each pattern kind, the longest match at each word; none that lies inside another."""
    starts, place = [], 0
    for token in tokens:
        starts.append(place)
        place += len(token.word) + 1
    line = "".join(f"{token.word} " for token in tokens)
    index = {start: number for number, start in enumerate(starts)}
    index[len(line)] = len(tokens)
    found: dict[str, list[Found]] = defaultdict(list)
    for number, token in enumerate(tokens):
        best: dict[str, Found] = {}
        for pattern in words.patterns.get(token.word, ()):
            met = pattern.regex.match(line, starts[number])
            if met is None:
                continue
            last = index[met.end()]
            if pattern.kind not in best or best[pattern.kind].last < last:
                best[pattern.kind] = Found(pattern.kind, pattern.text, number, last)
        for kind, one in best.items():
            before = found[kind]
            if before and one.last <= before[-1].last and kind not in SIGN_KINDS:
                continue
            before.append(one)
    return found
