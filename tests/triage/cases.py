"""Answer sets for the triage tests: short to write, and random ones that look like patients'."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from care.triage import Case, Previous, Protocol, assess, load_protocol

PROTOCOL: Protocol = load_protocol(1)
REGIONS = ("thorax", "spine", "limb", "other")
RISKS = ("bleed", "infection", "lung")
LISTS = tuple(name for name, found in PROTOCOL.questions.items() if found.kind == "many")


def case(hours: float = 24, *, region: str = "limb", **given: Any) -> Case:
    """A case from keywords: answers by question id (lists as words), the rest by `Case`'s names."""
    known = {"pain_before", "risks", "high_risk", "worried", "timed_out", "previous", "regions"}
    extra = {name: given.pop(name) for name in list(given) if name in known}
    regions = extra.pop("regions", None)
    return Case(
        hours=hours,
        regions=words(region) if regions is None else frozenset(regions),
        risks=words(extra.pop("risks", "")),
        timed_out=words(extra.pop("timed_out", "")),
        answers={name: words(v) if name in LISTS else v for name, v in given.items()},
        **extra,
    )


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def rules_of(found: Case) -> tuple[str, ...]:
    return assess(found, PROTOCOL).rules


def some(choose: random.Random, values: tuple[str, ...], most: int = 3) -> frozenset[str]:
    return frozenset(choose.sample(values, choose.randint(0, min(most, len(values)))))


def random_case(choose: random.Random) -> Case:
    """An answer set in which every value of every input turns up, most of them half-finished."""
    answers: dict[str, Any] = {}
    for name, question in PROTOCOL.questions.items():
        if choose.random() < 0.25:
            continue
        if question.kind == "many":
            ticked = some(choose, question.values)
            if ticked:
                answers[name] = ticked
        elif question.kind == "score":
            answers[name] = choose.randint(0, 10)
        else:
            answers[name] = choose.choice(question.values)
    soreness = ("none", "mild", "moderate", "severe")
    return Case(
        hours=choose.choice((3, 24, 41.9, 42, 48, 71.9, 72, 100, 143.9, 144, 300)),
        pain_before=choose.choice((None, *range(11))),
        regions=some(choose, REGIONS),
        risks=some(choose, RISKS, 2),
        high_risk=choose.random() < 0.2,
        answers=answers,
        previous=choose.choice(
            (
                None,
                Previous(choose.randint(0, 10), choose.choice(soreness)),
                Previous(None, choose.choice(soreness)),
                Previous(choose.randint(0, 10), None),
            )
        ),
        worried=choose.random() < 0.05,
        timed_out=some(choose, tuple(PROTOCOL.questions), 2)
        if choose.random() < 0.3
        else frozenset(),
    )


def smallest(found: Case, fails: Callable[[Case], bool]) -> Case:
    """A case that still fails, from which nothing can be left out any more."""
    while True:
        following = next((one for one in smaller(found) if fails(one)), None)
        if following is None:
            return found
        found = following


def smaller(found: Case) -> Iterator[Case]:
    """Every case with one thing left out."""
    for name, value in found.answers.items():
        yield replace(found, answers={k: v for k, v in found.answers.items() if k != name})
        if isinstance(value, frozenset) and len(value) > 1:
            for tick in sorted(value):
                yield replace(found, answers={**found.answers, name: value - {tick}})
    for field in ("risks", "timed_out", "regions"):
        for one in sorted(getattr(found, field)):
            yield replace(found, **{field: getattr(found, field) - {one}})
    for field in ("previous", "pain_before"):
        if getattr(found, field) is not None:
            yield replace(found, **{field: None})
    for field in ("worried", "high_risk"):
        if getattr(found, field):
            yield replace(found, **{field: False})


def size(found: Case) -> int:
    """How many things a case says."""
    ticks = sum(len(v) if isinstance(v, frozenset) else 1 for v in found.answers.values())
    rest = (found.previous, found.pain_before, found.worried or None, found.high_risk or None)
    sets = len(found.risks) + len(found.timed_out) + len(found.regions)
    return ticks + sets + sum(one is not None for one in rest)


def shown(found: Case) -> Mapping[str, Any]:
    """A case as a small readable mapping, for a failing test's message."""
    return {
        name: value
        for name, value in vars(found).items()
        if value is not None and value is not False and value != frozenset()
    }
