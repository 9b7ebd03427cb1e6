"""Getting worse never lowers the level: over 20,000 sets (100,000 when thorough), each made worse."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.triage import Case, Level, Previous, assess, validate_answer
from care.triage.rules import CONDITIONS
from tests.thorough import THOROUGH
from tests.triage.cases import PROTOCOL, REGIONS, RISKS, case, random_case, shown, smallest

EXAMPLES, BATCH, STEPS = 210 if THOROUGH else 40, 500, 2
HOURS = (42.0, 72.0, 144.0)
# From better to worse. What stands outside the order (cannot_see, unknown pain before, empty
# regions) is neither the start nor the end of a step.
ORDERS = {
    "danger": ("none", "yes"),
    "soreness": ("none", "mild", "moderate", "severe"),
    "bruising": ("none", "small", "large"),
    "touch": ("no", "cannot_tell", "yes"),
    "nerve_course": ("easing", "same", "constant", "worse"),
    "weakness": ("works", "not_sure", "broken", "spreading"),
    "temperature": ("under_38", "unknown", "38_or_more"),
}
Change = Mapping[str, Any]


def worse(found: Case) -> Iterator[Change]:
    """Every one step to the worse, as what it changes in the case."""
    for answers in (*worse_answers(found), *first_answers(found)):
        yield {"answers": {**found.answers, **answers}}
    yield from ({"risks": found.risks | {risk}} for risk in RISKS)
    yield from ({"timed_out": found.timed_out | {name}} for name in PROTOCOL.questions)
    if found.regions:
        yield from ({"regions": found.regions | {region}} for region in REGIONS)
    yield {"high_risk": True}
    yield {"worried": True}
    yield from ({"hours": hours} for hours in HOURS if hours > found.hours)
    yield from worse_course(found)


def worse_answers(found: Case) -> Iterator[dict[str, Any]]:
    for name, value in found.answers.items():
        if isinstance(value, frozenset):
            yield from ({name: value | {tick}} for tick in PROTOCOL.questions[name].values)
        elif isinstance(value, int):
            yield {name: min(10, value + 1)}
        elif value in ORDERS[name][:-1]:
            yield {name: ORDERS[name][ORDERS[name].index(value) + 1]}


def first_answers(found: Case) -> Iterator[dict[str, Any]]:
    """An answer where there was none: what is said later takes nothing back."""
    for name, question in PROTOCOL.questions.items():
        if name not in found.answers:
            for value in question.values:
                yield {name: validate_answer(PROTOCOL, name, value)}


def worse_course(found: Case) -> Iterator[Change]:
    """The same answers after a better start."""
    if found.pain_before:
        yield {"pain_before": found.pain_before - 1}
    earlier, order = found.previous, ORDERS["soreness"]
    if earlier and earlier.pain:
        yield {"previous": Previous(earlier.pain - 1, earlier.soreness)}
    if earlier and earlier.soreness in order[1:]:
        better = order[order.index(str(earlier.soreness)) - 1]
        yield {"previous": Previous(earlier.pain, better)}


def level(found: Case) -> Level:
    return assess(found, PROTOCOL).level


def lowers(found: Case) -> bool:
    """Some step to the worse lowers the level."""
    before = level(found)
    return any(level(replace(found, **change)) < before for change in worse(found))


def told(found: Case) -> str:
    """A case that a step to the worse lowers, made small, with that step."""
    small = smallest(found, lowers)
    step = next(c for c in worse(small) if level(replace(small, **c)) < level(small))
    return f"{shown(small)} is lowered by {dict(step)}"


@given(st.integers(0, 2**63))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_getting_worse_never_lowers_the_level(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(BATCH):
        found = random_case(choose)
        before = level(found)
        for _ in range(STEPS):
            following = replace(found, **choose.choice(list(worse(found))))
            after = level(following)
            if after < before:
                pytest.fail(told(found))
            found, before = following, after


def test_every_step_to_the_worse_of_a_few_hundred_sets_is_tried() -> None:
    choose = random.Random(3)
    for _ in range(400):
        found = random_case(choose)
        if lowers(found):
            pytest.fail(told(found))


def test_a_table_that_takes_something_back_is_noticed_and_shown_small(monkeypatch) -> None:
    def forgetful(f, _fired) -> bool:
        return bool(f.skin_signs) and "small_spot" not in f.ticks("skin_signs")

    monkeypatch.setitem(CONDITIONS, "U1", forgetful)
    choose = random.Random(4)
    found = next(one for one in (random_case(choose) for _ in range(5_000)) if lowers(one))
    assert len(told(found)) < 250


@pytest.mark.parametrize(("name", "values"), ORDERS.items())
def test_the_order_of_worse_holds_only_values_of_the_question(name, values) -> None:
    outside = {"bruising": {"cannot_see"}}.get(name, set())
    assert set(values) == set(PROTOCOL.questions[name].values) - outside


def test_an_answer_given_late_does_not_undo_that_its_time_ran_out() -> None:
    waiting = case(new="skin", timed_out="skin_signs")
    answered = case(new="skin", skin_signs="small_spot", timed_out="skin_signs")
    assert assess(waiting, PROTOCOL) == assess(answered, PROTOCOL)
    assert level(answered) is Level.urgent


@pytest.mark.parametrize(
    ("question", "cancelling", "parent"),
    [
        ("skin_signs", "small_spot", {"new": "skin"}),
        ("bruise_signs", "soft", {"bruising": "large"}),
        ("new", "none", {}),
    ],
)
def test_a_reassuring_tick_never_cancels_another(question, cancelling, parent) -> None:
    for tick in set(PROTOCOL.questions[question].values) - {cancelling}:
        alone = assess(case(**parent, **{question: tick}), PROTOCOL)
        both = assess(case(**parent, **{question: f"{tick} {cancelling}"}), PROTOCOL)
        assert both == alone, tick
