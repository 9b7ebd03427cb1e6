"""Worse answers never lower the level: over more than 100,000 sets."""

import random
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.triage import Case, Previous, assess
from tests.triage.cases import PROTOCOL, RISKS, random_case, shown

BATCH = 60
# From better to worse. What stands outside the order (cannot_see, unknown pain before, empty regions)
# is never changed by a step.
ORDERS = {
    "danger": ("none", "yes"),
    "bruising": ("none", "small", "large"),
    "weakness": ("works", "not_sure", "broken", "spreading"),
    "temperature": ("under_38", "unknown", "38_or_more"),
    "nerve_course": ("easing", "same", "constant", "worse"),
    "soreness": ("none", "mild", "moderate", "severe"),
}
TOUCH = ("no", "cannot_tell", "yes")


def worse(case: Case) -> Iterator[Case]:
    """Every case that is one step worse."""
    for answers in worse_answers(case):
        yield replace(case, answers=answers)
    for risk in RISKS:
        if not (risk == "bleed" and case.answers.get("touch") == "no"):
            yield replace(case, risks=case.risks | {risk})
    yield replace(case, high_risk=True)
    yield replace(case, worried=True)
    for question in PROTOCOL.questions:
        yield replace(case, timed_out=case.timed_out | {question})


def worse_answers(case: Case) -> Iterator[dict]:
    answers = dict(case.answers)
    for question, order in ORDERS.items():
        value = answers.get(question)
        if value in order[:-1]:
            yield {**answers, question: order[order.index(str(value)) + 1]}
    if answers.get("touch") in TOUCH[:-1] and "bleed" not in case.risks:
        following = TOUCH[TOUCH.index(str(answers["touch"])) + 1]
        yield {**answers, "touch": following}
    for question in PROTOCOL.questions.values():
        if question.kind == "many" and question.id in answers:
            for tick in question.values:
                more = frozenset(answers[question.id]) | {tick}
                yield {**answers, question.id: more}
    pain = answers.get("pain")
    if isinstance(pain, int) and pain < 10:
        yield {**answers, "pain": pain + 1}


@given(st.integers(0, 2**63))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_worse_answers_never_lower_the_level(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(BATCH):
        case = random_case(choose)
        level = assess(case, PROTOCOL).level
        for step in worse(case):
            assert assess(step, PROTOCOL).level >= level, (shown(case), shown(step))


def test_the_steps_cover_more_than_a_hundred_thousand_sets() -> None:
    choose = random.Random(1)
    steps = sum(1 for _ in range(200) for _ in worse(random_case(choose))) / 200
    assert steps * 120 * BATCH > 100_000


def test_a_first_follow_up_answer_never_lowers_the_level_of_its_parent_alone() -> None:
    choose = random.Random(3)
    for _ in range(4_000):
        case = random_case(choose)
        for question in PROTOCOL.questions.values():
            if question.after and question.kind == "many" and question.id not in case.answers:
                for tick in question.values:
                    more = {**case.answers, question.id: frozenset({tick})}
                    before, after = (
                        assess(case, PROTOCOL),
                        assess(replace(case, answers=more), PROTOCOL),
                    )
                    assert after.level >= before.level, (shown(case), question.id, tick)


def test_an_earlier_value_never_makes_known_danger_vanish() -> None:
    choose = random.Random(5)
    for _ in range(4_000):
        case = replace(random_case(choose), previous=None)
        emergency = [r for r in assess(case, PROTOCOL).rules if r.startswith("E")]
        with_earlier = replace(case, previous=Previous(choose.randint(0, 10), "severe"))
        assert [r for r in assess(with_earlier, PROTOCOL).rules if r.startswith("E")] == emergency
