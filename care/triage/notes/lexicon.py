"""Reads a language's word lists and makes its patterns ready; a language is one file.

A pattern is words with blanks between. `a|b` is either, `{name}` any entry of that list under
[lists], a `?` behind makes it optional, `..` is up to three words of any kind, `..n` up to n;
`~n` is a gap that ends at a comma or a "but" too. No gap steps over a negation.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("en", "es")
_VOWELS = frozenset("aeiouy")
_LIST = re.compile(r"\{(\w+)\}")
_GAP = re.compile(r"(\.\.|~)(\d*)$")
SIGN_KINDS = ("infection", "nerve", "emergency", "event")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, as written and as it is looked for from a word's beginning."""

    kind: str
    text: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """One place of a pattern: what may stand there, and as a regular expression."""

    choices: tuple[str, ...]
    regex: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All that one language needs."""

    language: str
    patterns: Mapping[str, tuple[Pattern, ...]]
    replace: Mapping[str, tuple[str, ...]]
    drop: frozenset[str]
    nouns: frozenset[str]
    joins: frozenset[str]
    either: frozenset[str]
    verbs: frozenset[str]
    asking: frozenset[str]
    marks: frozenset[str]
    speakers: frozenset[str]
    subjects: frozenset[str]
    stops: frozenset[str]
    turns: frozenset[str]
    known: frozenset[str]
    correctable: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]


@cache
def lexicon(language: str) -> Lexicon:
    """The word lists of this language, read once.

    Raises:
        KeyError: no lists for it are shipped.
    """
    if language not in LANGUAGES:
        raise KeyError(f"no word lists for the language {language!r}")
    text = resources.files("care.triage.notes").joinpath(f"lexicon_{language}.toml")
    data = tomllib.loads(text.read_text("utf-8"))
    single = {name: frozenset(words.split()) for name, words in data["single"].items()}
    lists = _expanded(data["lists"], single["drop"])
    found: dict[str, list[Pattern]] = defaultdict(list)
    known = set(data["common"]["words"].split()) | set(data["replace"])
    for kind, lines in data["patterns"].items():
        for line in lines:
            pieces = _pieces(line, lists, single)
            pattern = Pattern(kind, line, re.compile("".join(piece.regex for piece in pieces)))
            for first in _firsts(pieces):
                found[first].append(pattern)
            known |= {word for piece in pieces for one in piece.choices for word in one.split()}
    return Lexicon(
        language=language,
        patterns={word: tuple(each) for word, each in found.items()},
        replace={word: tuple(to.split()) for word, to in data["replace"].items()},
        known=frozenset(known.union(*single.values())),
        correctable=_by_beginning(data["common"]["misspelt"].split()),
        reasons=data["reasons"],
        **single,
    )


def beginning(word: str) -> str:
    """What a slip of the finger leaves of a word's beginning: its letter, or any vowel."""
    return "a" if word[0] in _VOWELS else word[0]


def _by_beginning(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        found[beginning(word)].append(word)
    return {letter: tuple(each) for letter, each in found.items()}


def _expanded(lists: Mapping[str, str], drop: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Entries of every list; an entry's `_` is a blank inside it."""
    return {name: tuple(_entry(one, drop) for one in line.split()) for name, line in lists.items()}


def _entry(one: str, drop: frozenset[str]) -> str:
    """An alternative as it stands in a note's words, where fillers are left out."""
    plain = one[:-1] if len(one) > 1 and one.endswith("?") else one
    return " ".join(word for word in plain.split("_") if word not in drop)


def _pieces(
    line: str, lists: Mapping[str, tuple[str, ...]], single: Mapping[str, frozenset[str]]
) -> list[Piece]:
    found = []
    # A gap steps over no negation: "the spot is not red" has no red spot.
    stops = "|".join(sorted(single["stops"]))
    between = {
        "..": rf"(?:(?!(?:{stops}) )[^ .!?]+ )",
        "~": rf"(?:(?!(?:{stops}|{'|'.join(sorted(single['turns']))}) )[^ ,.!?]+ )",
    }
    for piece in line.split():
        gap = _GAP.match(piece)
        if gap:
            found.append(Piece((), f"{between[gap[1]]}{{0,{gap[2] or 3}}}?", optional=True))
            continue
        choices: list[str] = []
        for one in piece.split("|"):
            named = _LIST.match(one)
            choices.extend(lists[named[1]] if named else (_entry(one, single["drop"]),))
        choices = sorted({one for one in choices if one}, key=lambda one: (-len(one), one))
        if choices:
            optional = len(piece) > 1 and piece.endswith("?")
            either = "|".join(re.escape(one) for one in choices)
            regex = f"(?:(?:{either}) ){'?' if optional else ''}"
            found.append(Piece(tuple(choices), regex, optional))
    return found


def _firsts(pieces: Sequence[Piece]) -> set[str]:
    """The words that a match can begin with."""
    found: set[str] = set()
    for piece in pieces:
        found |= {one.split()[0] for one in piece.choices}
        if not piece.optional:
            break
    return found
