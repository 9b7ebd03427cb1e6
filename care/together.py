"""A merged check-in: several sessions asked in one message, each with answers of its own.

What is shared (danger, and everything where the same regions were needled) is asked once and kept
with each session; the rest is asked session after session.
"""

from dataclasses import dataclass, replace

from care.evaluation import Facts
from care.triage import WEEK, Level
from storage.tables import CheckIn


@dataclass(frozen=True)
class Standing:
    """How a check-in stands, merged or not: the highest level it ever had, and all its rules."""

    state: str
    step: str
    level: Level
    rules: tuple[str, ...]


SHARED = frozenset({"danger", "danger_signs"})


def members(facts: Facts) -> tuple[Facts, ...]:
    """All that are asked together, in the order they are asked: whole checks before one-tap ones,
    the leading one first.
    """
    alone = (replace(one, others=()) for one in (facts, *facts.others))
    return tuple(
        sorted(
            alone,
            key=lambda one: (
                one.check_in.step == WEEK,
                one.check_in.merged_into is not None,
                one.check_in.due_at,
                one.check_in.id or 0,
            ),
        )
    )


def lead(facts: Facts) -> CheckIn:
    """The check-in that holds the message, the reminders and the closing of all."""
    every = (facts, *facts.others)
    return next(
        (one.check_in for one in every if one.check_in.merged_into is None), every[0].check_in
    )


def sharing(facts: Facts, question: str) -> tuple[Facts, ...]:
    """Those for whom an answer given to this one counts as well, itself among them."""
    every = members(facts)
    if question in SHARED:
        return every
    return tuple(one for one in every if _regions(one) == _regions(facts))


def asked(facts: Facts) -> tuple[tuple[Facts, str], ...]:
    """Every question asked so far, answered or not, with whom it is asked for."""
    found: list[tuple[Facts, str]] = []
    seen: set[tuple[int, str]] = set()
    for one in members(facts):
        for question in one.asked:
            if (one.check_in.id or 0, question) not in seen:
                found.append((one, question))
                alike = sharing(seen_from(facts, one), question)
                seen |= {(other.check_in.id or 0, question) for other in alike}
    return tuple(found)


def coming(facts: Facts) -> tuple[Facts, str] | None:
    """The first question without an answer, with whom it is asked for; None: all is answered."""
    return next(
        ((one, question) for one, question in asked(facts) if question not in one.final), None
    )


def seen_from(facts: Facts, one: Facts) -> Facts:
    """The same check-in with `one` of its members in front."""
    every = members(facts)
    return replace(
        one, others=tuple(other for other in every if other.check_in.id != one.check_in.id)
    )


def by_area(facts: Facts) -> bool:
    """Whether anything is asked for each area by itself."""
    return len({_regions(one) for one in members(facts)}) > 1


def _regions(one: Facts) -> frozenset[str]:
    return frozenset(one.session.regions if one.session else ())


def as_one(facts: Facts) -> Standing:
    """How all stand together: the highest level, every rule; complete only when each one is."""
    head, every = lead(facts), [one.check_in for one in members(facts)]
    states = {check.state for check in every}
    rules = {rule for check in every for rule in check.rules}
    order = [*facts.protocol.rules, *sorted(rules)]
    return Standing(
        state=head.state if len(states) == 1 else "abandoned",
        step=next((check.step for check in every if check.step != WEEK), head.step),
        level=max(Level(check.level) for check in every),
        rules=tuple(dict.fromkeys(rule for rule in order if rule in rules)),
    )
