"""The words of triage: levels, answer sets, verdicts, and the protocol they are judged by."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | frozenset[str]


class Level(enum.StrEnum):
    """How bad it is; ordered by severity: none < watch < urgent < emergency."""

    none = "none"
    watch = "watch"
    urgent = "urgent"
    emergency = "emergency"

    @property
    def rank(self) -> int:
        """0 for none to 3 for emergency."""
        return _RANKS[self.value]

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank


_RANKS = {"none": 0, "watch": 1, "urgent": 2, "emergency": 3}


class InvalidAnswer(ValueError):  # noqa: N818 - what it is called where it is raised and shown
    """A question has no such value; the text says which it takes."""


@dataclass(frozen=True)
class Previous:
    """The latest earlier values of this session, at least 12 hours older; None when unknown."""

    pain: int | None = None
    soreness: str | None = None


@dataclass(frozen=True)
class Case:
    """One answer set, as the rules see it.

    Attributes:
        hours: real hours from the session to the latest answer.
        pain_before: 0 to 10, None when unknown.
        regions: of thorax, spine, limb, other; empty is unknown, and counts as thorax and spine.
        risks: of bleed, infection, lung.
        high_risk: the clinician marked the session.
        answers: question id to value; lists are frozensets, pain an integer.
        previous: earlier pain and soreness, or None.
        worried: the patient asked to be called.
        timed_out: follow-up questions whose time is over, answered later or not.
    """

    hours: float
    pain_before: int | None = None
    regions: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    high_risk: bool = False
    answers: Mapping[str, Value] = field(default_factory=dict)
    previous: Previous | None = None
    worried: bool = False
    timed_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """The highest level of any rule that fires, and all that fire in the table's order."""

    level: Level
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: as stored and exported.
        kind: "one" (a single value), "many" (a list of ticks) or "score" (0 to 10).
        values: what it may be answered with.
        counted: it is one of "Check n of 5"; follow-ups are not.
        after: the question it follows up, None for the counted ones.
        when: it is asked when the parent's answer holds any of these.
        timeout_minutes: how long after delivery it is overdue, None: never.
    """

    id: str
    kind: str
    values: tuple[str, ...]
    counted: bool = False
    after: str | None = None
    when: frozenset[str] = frozenset()
    timeout_minutes: int | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: its level, the clinic's headline, and the keys of its sources and of the text
    that the patient gets.

    `workflow` rules are fired by what people do or leave undone, never by an answer set.
    """

    id: str
    level: Level
    headline: str
    source: tuple[str, ...]
    text_key: str
    workflow: bool = False


@dataclass(frozen=True)
class Thresholds:
    """The numbers in the rules: hours since the session, and points of pain (0 to 10)."""

    day_2_hours: float
    late_hours: float
    day_7_hours: float
    high_pain: int
    steep_pain: int
    steep_rise: int
    rise: int
    notable_pain: int
    several_signs: int


@dataclass(frozen=True)
class Protocol:
    """One version of the clinical protocol; `fingerprint` is the SHA-256 of its text."""

    version: int
    signed_by: str | None
    fingerprint: str
    thresholds: Thresholds
    questions: Mapping[str, Question]
    rules: Mapping[str, Rule]
