"""Reads a language's word lists and makes its patterns ready; a language is one file.

A pattern is words with blanks between. `a|b` is either, `{name}` any entry of that list under
[lists], a `?` behind makes it optional, `..` is up to three words of any kind, `..n` up to n.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "es")
_LIST = re.compile(r"\{(\w+)\}")
_GAP = re.compile(r"\.\.(\d*)$")
SPECIAL = frozenset({",", ".", "?", "!", "/"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, as written and as it is looked for from a word's beginning."""

    kind: str
    text: str
    regex: re.Pattern[str]


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
    known: frozenset[str]
    correctable: tuple[str, ...]
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
    lists = _expanded(data["lists"])
    found: dict[str, list[Pattern]] = defaultdict(list)
    words: set[str] = set()
    for kind, lines in data["patterns"].items():
        for line in lines:
            pattern = Pattern(kind, line, re.compile(_regex(line, lists)))
            for first in _firsts(line, lists):
                found[first].append(pattern)
            words |= _words(line, lists)
    common = set(data["common"]["words"].split())
    single = {name: frozenset(data["single"][name].split()) for name in data["single"]}
    return Lexicon(
        language=language,
        patterns={word: tuple(each) for word, each in found.items()},
        replace={word: tuple(to.split()) for word, to in data["replace"].items()},
        known=frozenset(words | common | set(data["replace"]) | set().union(*single.values())),
        correctable=tuple(sorted(w for w in words if len(w) > 3 and w.isalpha())),
        reasons=data["reasons"],
        **single,
    )


def _expanded(lists: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Entries of every list, longest first; an entry's `_` is a blank inside it."""
    return {
        name: tuple(sorted((one.replace("_", " ") for one in line.split()), key=len, reverse=True))
        for name, line in lists.items()
    }


def _choices(piece: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: list[str] = []
    for one in piece.split("|"):
        named = _LIST.fullmatch(one)
        found.extend(lists[named[1]] if named else (one.replace("_", " "),))
    return tuple(sorted(found, key=len, reverse=True))


def _regex(line: str, lists: Mapping[str, tuple[str, ...]]) -> str:
    parts = []
    for piece in line.split():
        gap = _GAP.match(piece)
        if gap:
            parts.append(rf"(?:[^ .!?]+ ){{0,{gap[1] or 3}}}?")
            continue
        optional = "?" if len(piece) > 1 and piece.endswith("?") else ""
        choices = _choices(piece[: len(piece) - len(optional)], lists)
        parts.append(_blank(choices, optional))
    return "".join(parts)


def _blank(choices: Iterable[str], optional: str) -> str:
    """Any of these, each with the blank that follows it in the text as patterns see it."""
    return f"(?:(?:{'|'.join(re.escape(one) for one in choices)}) ){optional}"


def _firsts(line: str, lists: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The words that a match can begin with."""
    found: set[str] = set()
    for piece in line.split():
        optional = len(piece) > 1 and piece.endswith("?")
        choices = _choices(piece[:-1] if optional else piece, lists)
        found |= {one.split()[0] for one in choices}
        if not optional:
            break
    return found


def _words(line: str, lists: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    for piece in line.split():
        if not _GAP.match(piece):
            for one in _choices(piece.rstrip("?") or piece, lists):
                found |= set(one.split()) - SPECIAL
    return found
