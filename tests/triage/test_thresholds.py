"""No number that may become a version keeps an emergency rule from firing."""

import random
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.triage import Level, Protocol, assess, load_protocol
from care.triage.model import Thresholds
from care.triage.thresholds import (
    BOUNDS,
    InvalidThresholdError,
    changed,
    differences,
    stored,
    thresholds_from,
    weakened,
)
from tests.triage.cases import case, random_case

SHIPPED = load_protocol()


# Each is an emergency only because of a number, and by not one point more.
WEAK = (
    case(region="spine", new="fever", pain=7),
    case(region="spine", new="fever", pain=6, pain_before=4),
    case(region="spine", risks="bleed", pain=8, pain_before=5),
    case(region="spine", risks="bleed", pain=8),
    case(new="skin", skin_signs="hot", pain=8, pain_before=5),
    case(new="skin", skin_signs="hot", pain=8),
)


def with_numbers(thresholds: Thresholds) -> Protocol:
    return replace(SHIPPED, thresholds=thresholds)


numbers = st.fixed_dictionaries(
    {name: st.integers(int(b.least), int(b.most)) for name, b in BOUNDS.items()}
).map(lambda found: Thresholds(**found))


def test_every_number_of_the_rules_has_bounds_and_the_shipped_ones_lie_within() -> None:
    assert {field.name for field in fields(Thresholds)} == set(BOUNDS)
    for name, bounds in BOUNDS.items():
        assert bounds.least <= getattr(SHIPPED.thresholds, name) <= bounds.most


@settings(max_examples=400)
@given(numbers, st.integers(0, 2**32))
def test_numbers_that_are_not_refused_lose_no_emergency(thresholds: Thresholds, seed: int) -> None:
    floor = {n: min(getattr(thresholds, n), getattr(SHIPPED.thresholds, n))
             for n, bounds in BOUNDS.items() if bounds.emergencies}  # fmt: skip
    thresholds = replace(thresholds, **floor)
    assert weakened(thresholds, SHIPPED.thresholds) == ()
    found = random_case(random.Random(seed))
    shipped = assess(found, SHIPPED)
    now = assess(found, with_numbers(thresholds))
    assert {r for r in shipped.rules if r[0] == "E"} <= set(now.rules)
    if shipped.level is Level.emergency:
        assert now.level is Level.emergency


@pytest.mark.parametrize("name", [n for n, bounds in BOUNDS.items() if bounds.emergencies])
def test_each_refusal_names_a_number_and_rules_that_would_really_weaken(name: str) -> None:
    higher = changed(SHIPPED.thresholds, name, getattr(SHIPPED.thresholds, name) + 1)
    (refused,) = weakened(higher, SHIPPED.thresholds)
    now = getattr(SHIPPED.thresholds, name)
    assert (refused.name, refused.value, refused.shipped) == (name, now + 1, now)
    lost = set()
    for one in WEAK:
        before = set(assess(one, SHIPPED).rules)
        lost |= before - set(assess(one, with_numbers(higher)).rules)
    assert set(refused.rules) <= lost


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("no_such", 3, f"there is no no_such; there are {', '.join(BOUNDS)}"),
        ("high_pain", 11, "high_pain takes a whole number from 4 to 10"),
        ("high_pain", 0, "high_pain takes a whole number from 4 to 10"),
        ("rise", 2.5, "rise takes a whole number from 1 to 5"),
        ("rise", True, "rise takes a whole number from 1 to 5"),
        ("day_2_hours", 40, "day_2_hours takes a whole number from 42 to 42"),
    ],
)
def test_an_impossible_number_is_refused_with_what_it_may_be(
    name: str, value: float, why: str
) -> None:
    with pytest.raises(InvalidThresholdError) as refused:
        changed(SHIPPED.thresholds, name, value)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"more": 1}, "these are not the numbers of the protocol"),
        ({"rise": "3"}, "rise takes a whole number"),
        ({"rise": 9}, "rise takes a whole number from 1 to 5"),
    ],
)
def test_stored_numbers_that_somebody_spoilt_are_refused(more: dict, why: str) -> None:
    with pytest.raises(InvalidThresholdError) as refused:
        thresholds_from({**stored(SHIPPED.thresholds), **more})
    assert str(refused.value) == why


def test_what_changed_is_told_as_it_was_and_is_in_the_order_of_the_numbers() -> None:
    found = changed(changed(SHIPPED.thresholds, "several_signs", 5), "high_pain", 6)
    old = SHIPPED.thresholds
    assert differences(old, found) == (
        ("high_pain", old.high_pain, 6),
        ("several_signs", old.several_signs, 5),
    )


@given(numbers)
def test_numbers_are_stored_and_read_as_they_are(thresholds: Thresholds) -> None:
    assert thresholds_from(stored(thresholds)) == thresholds
