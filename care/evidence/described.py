"""The rules in words, and the sources they name, as data for those who sign the protocol."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from care.triage.model import Rule

# What stands in a rule's source list for its author's own judgement.
PROPOSED = "proposed"
_RANGE = re.compile(r"([A-Z])(\d+)-\1(\d+)")


@dataclass(frozen=True)
class Described:
    """A rule in words: one template a clause (any of them fires it), why, what is a proposal."""

    fires: tuple[str, ...]
    why: str
    proposed: str


@dataclass(frozen=True)
class Source:
    """Author, title, journal and year, and how far it was read for the table."""

    key: str
    text: str
    read: str


@dataclass(frozen=True)
class Words:
    """The vocabulary of the clauses: terms by name in full and as shown, and the risks."""

    terms: Mapping[str, str]
    shown: Mapping[str, str]
    risks: Mapping[str, str]
    risks_in_full: Mapping[str, str]


def described(rule: str) -> Described:
    """A rule of the table in words, the two workflow rules as well.

    Raises:
        KeyError: there is no such rule.
    """
    found = _read("described.toml")["rules"][rule]
    return Described(tuple(found["fires"]), found["why"], found.get("proposed", ""))


@cache
def words() -> Words:
    """The words that the clauses use."""
    data = _read("described.toml")
    return Words(data["terms"], data["shown"], data["risks"], data["risks_in_full"])


def sources_of(rule: Rule) -> tuple[Source, ...]:
    """The sources of a rule in its own order, ranges written out; none for a mere proposal.

    Raises:
        KeyError: the rule names a source that is not written out.
    """
    data = _read("sources.toml")
    keys = [key for name in rule.source if name != PROPOSED for key in _keys(name)]
    return tuple(Source(key, data[key]["text"], data[key]["read"]) for key in keys)


def covered(rule: str) -> tuple[int, tuple[str, ...]]:
    """How many clauses of this rule have an example of their own, and the other tests that name
    the rule, as "file::test".
    """
    found = _read("covered.toml").get(rule, {})
    return found.get("examples", 0), tuple(found.get("tests", ()))


def measured() -> Mapping[str, Any]:
    """The last simulation kept: seed, sessions, and counts by assumed rate and check."""
    return _read("measured.toml")


def _keys(name: str) -> list[str]:
    match = _RANGE.fullmatch(name)
    if match is None:
        return [name]
    letter, first, last = match.groups()
    # Keys that the note does not hold (a gap in a range) would be a KeyError: ranges are whole.
    return [f"{letter}{number}" for number in range(int(first), int(last) + 1)]


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("care.evidence").joinpath(name).read_text("utf-8"))
