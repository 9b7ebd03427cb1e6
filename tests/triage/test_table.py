"""The rule table, clause by clause: what fires it, and the nearest thing that does not."""

import hashlib
import random
import tomllib
from dataclasses import asdict, replace
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.triage import Case, Level, Previous, assess, load_protocol
from care.triage.rules import CONDITIONS
from tests.thorough import THOROUGH
from tests.triage.cases import PROTOCOL, case, random_case, rules_of, shown, size, smallest
from tests.triage.oracle import TABLE, clauses, expected

BATCH = 500

# (rule, what fires it, the nearest miss)
CLAUSES = [
    ("E0", {"danger": "yes", "danger_signs": "other_danger"}, {"danger": "none", "danger_signs": "other_danger"}),
    ("E0", {"danger": "yes", "timed_out": "danger_signs"}, {"danger": "none", "timed_out": "danger_signs"}),
    ("E1", {"danger": "yes", "danger_signs": "breathless"}, {"danger": "yes", "danger_signs": "dry_cough"}),
    ("E1", {"danger": "yes", "danger_signs": "chest_pain"}, {"danger": "none", "danger_signs": "chest_pain"}),
    ("E1", {"danger": "yes", "danger_signs": "dry_cough chest_wall_sore", "region": "thorax"},
     {"danger": "yes", "danger_signs": "dry_cough chest_wall_sore"}),
    ("E1", {"danger": "yes", "danger_signs": "dry_cough chest_wall_sore", "risks": "lung"},
     {"danger": "yes", "danger_signs": "chest_wall_sore", "risks": "lung"}),
    ("E1", {"danger": "yes", "danger_signs": "dry_cough chest_wall_sore", "region": ""},
     {"danger": "yes", "danger_signs": "dry_cough chest_wall_sore", "region": "other"}),
    ("E2", {"danger": "yes", "danger_signs": "saddle"}, {"danger": "yes", "danger_signs": "very_ill"}),
    ("E3", {"danger": "yes", "danger_signs": "sudden_neuro"}, {"danger": "yes", "danger_signs": "saddle"}),
    ("E3", {"new": "weak", "weakness": "spreading"}, {"new": "skin", "weakness": "spreading"}),
    ("E3", {"new": "numb", "nerve_place": "both_sides"}, {"new": "numb", "nerve_place": "arm"}),
    ("E3", {"new": "shock", "nerve_place": "arm leg"}, {"new": "shock", "nerve_place": "arm needle_spot"}),
    ("E3", {"new": "weak", "weakness": "not_sure", "region": "spine", "risks": "bleed"},
     {"new": "weak", "weakness": "works", "region": "spine", "risks": "bleed"}),
    ("E3", {"new": "weak", "weakness": "broken", "region": "spine", "risks": "bleed"},
     {"new": "weak", "weakness": "broken", "region": "spine", "risks": "infection"}),
    ("E3", {"pain": 8, "pain_before": 5, "region": "spine", "risks": "bleed"},
     {"pain": 8, "pain_before": 6, "region": "spine", "risks": "bleed"}),
    ("E4", {"danger": "yes", "danger_signs": "very_ill"}, {"danger": "yes", "danger_signs": "skin_black"}),
    ("E5", {"danger": "yes", "danger_signs": "skin_black"}, {"danger": "yes", "danger_signs": "cold_limb"}),
    ("E5", {"new": "skin fever", "skin_signs": "hot"}, {"new": "skin fever", "skin_signs": "small_spot"}),
    ("E5", {"new": "fever", "bruising": "cannot_see", "touch": "yes"},
     {"new": "fever", "bruising": "cannot_see", "touch": "cannot_tell"}),
    ("E5", {"new": "skin fever", "timed_out": "skin_signs"}, {"new": "skin", "timed_out": "skin_signs"}),
    ("E5", {"new": "skin", "skin_signs": "hot", "pain": 8}, {"new": "skin", "skin_signs": "hot", "pain": 7}),
    ("E5", {"new": "skin minor", "skin_signs": "red_streaks"}, {"new": "skin minor", "skin_signs": "hot"}),
    ("E5", {"new": "skin minor", "skin_signs": "spreading"}, {"new": "skin numb", "skin_signs": "spreading"}),
    ("E6", {"danger": "yes", "danger_signs": "allergy"}, {"danger": "yes", "danger_signs": "passed_out"}),
    ("E6", {"danger": "yes", "danger_signs": "passed_out", "region": "thorax"}, {"danger": "yes", "danger_signs": "passed_out", "region": "other"}),
    ("E6", {"danger": "yes", "danger_signs": "passed_out", "risks": "bleed"},
     {"danger": "yes", "danger_signs": "passed_out", "risks": "infection"}),
    ("E6", {"danger": "yes", "danger_signs": "passed_out", "new": "fever"},
     {"danger": "yes", "danger_signs": "passed_out", "new": "minor"}),
    ("E6", {"danger": "yes", "danger_signs": "passed_out dry_cough"}, {"danger": "yes", "danger_signs": "dry_cough"}),
    ("E7", {"danger": "yes", "danger_signs": "swelling_fast"}, {"danger": "none", "danger_signs": "swelling_fast"}),
    ("E7", {"danger": "yes", "danger_signs": "cold_limb"}, {"danger": "yes", "danger_signs": "allergy"}),
    ("E7", {"bruising": "large", "bruise_signs": "limb_cold"}, {"bruising": "small", "bruise_signs": "limb_cold"}),
    ("E7", {"bruising": "large", "bruise_signs": "growing", "risks": "bleed"}, {"bruising": "large", "bruise_signs": "growing"}),
    ("E7", {"bruising": "large", "bruise_signs": "growing hard very_painful"}, {"bruising": "large", "bruise_signs": "growing hard"}),
    ("E7", {"bruising": "large", "bruise_signs": "hard very_painful", "soreness": "severe"},
     {"bruising": "large", "bruise_signs": "hard very_painful", "soreness": "moderate"}),
    ("E7", {"bruising": "large", "bruise_signs": "hard very_painful", "risks": "bleed"},
     {"bruising": "large", "bruise_signs": "hard soft", "risks": "bleed"}),
    ("E8", {"new": "fever numb", "region": "spine"}, {"new": "fever numb", "region": "thorax"}),
    ("E8", {"new": "fever weak", "region": "spine"}, {"new": "fever minor", "region": "spine", "pain_before": 5, "pain": 6}),
    ("E8", {"new": "fever", "region": "spine", "pain_before": 3, "pain": 5}, {"new": "fever", "region": "spine", "pain_before": 3, "pain": 4}),
    ("E8", {"new": "fever", "region": "spine", "pain": 7}, {"new": "fever", "region": "spine", "pain": 6}),
    ("U1", {"new": "skin", "skin_signs": "pus"}, {"new": "minor", "skin_signs": "pus"}),
    ("U1", {"bruising": "cannot_see", "touch": "yes"}, {"bruising": "none", "touch": "yes"}),
    ("U1", {"new": "skin", "skin_signs": "small_spot", "hours": 42}, {"new": "skin", "skin_signs": "small_spot", "hours": 41.9}),
    ("U1", {"new": "skin", "skin_signs": "small_spot", "risks": "infection"}, {"new": "skin", "skin_signs": "small_spot", "risks": "bleed"}),
    ("U1", {"new": "skin", "timed_out": "skin_signs"}, {"new": "fever", "timed_out": "skin_signs"}),
    ("U2", {"new": "fever", "temperature": "38_or_more"}, {"new": "fever", "temperature": "under_38"}),
    ("U2", {"new": "fever", "temperature": "unknown"}, {"new": "minor", "temperature": "unknown"}),
    ("U2", {"new": "fever", "risks": "infection"}, {"new": "fever", "risks": "lung"}),
    ("U2", {"new": "fever", "region": "spine"}, {"new": "fever", "region": "thorax"}),
    ("U2", {"new": "fever", "timed_out": "temperature"}, {"new": "fever", "timed_out": "weakness"}),
    ("U3", {"new": "weak", "weakness": "broken"}, {"new": "weak", "weakness": "works"}),
    ("U3", {"new": "weak", "weakness": "not_sure"}, {"new": "weak"}),
    ("U3", {"new": "weak", "timed_out": "weakness"}, {"new": "numb", "timed_out": "weakness"}),
    ("U4", {"new": "numb", "region": "spine", "risks": "bleed"}, {"new": "numb", "region": "limb", "risks": "bleed"}),
    ("U4", {"new": "numb", "nerve_course": "worse"}, {"new": "numb", "nerve_course": "same"}),
    ("U4", {"new": "numb", "nerve_place": "arm", "nerve_course": "constant"}, {"new": "numb", "nerve_place": "needle_spot", "nerve_course": "constant"}),
    ("U4", {"new": "numb", "nerve_place": "arm", "nerve_course": "same", "hours": 42}, {"new": "numb", "nerve_place": "arm", "nerve_course": "same", "hours": 41}),
    ("U4", {"new": "numb", "nerve_place": "arm", "hours": 72}, {"new": "numb", "nerve_place": "arm", "hours": 71}),
    ("U4", {"new": "numb", "nerve_place": "needle_spot", "hours": 144}, {"new": "numb", "nerve_place": "needle_spot", "hours": 143}),
    ("U4", {"new": "shock", "timed_out": "nerve_place"}, {"new": "weak", "timed_out": "nerve_place"}),
    ("U4", {"new": "shock", "timed_out": "nerve_course"}, {"new": "shock", "timed_out": "temperature"}),
    ("U5", {"danger": "yes", "danger_signs": "dry_cough", "region": "spine"}, {"danger": "yes", "danger_signs": "dry_cough"}),
    ("U5", {"danger": "yes", "danger_signs": "chest_wall_sore", "risks": "lung"}, {"danger": "yes", "danger_signs": "chest_wall_sore"}),
    ("U5", {"danger": "yes", "danger_signs": "chest_wall_sore", "region": "thorax"}, {"danger": "yes", "danger_signs": "chest_wall_sore", "region": "other"}),
    ("U5", {"danger": "yes", "danger_signs": "dry_cough", "risks": "lung"}, {"danger": "yes", "danger_signs": "dry_cough", "risks": "bleed"}),
    ("U6", {"bruising": "large", "bruise_signs": "hard"}, {"bruising": "large", "bruise_signs": "soft"}),
    ("U6", {"bruising": "large", "bruise_signs": "growing"}, {"bruising": "small", "bruise_signs": "growing"}),
    ("U6", {"bruising": "large", "bruise_signs": "very_painful"}, {"bruising": "cannot_see", "bruise_signs": "very_painful"}),
    ("U6", {"bruising": "large", "risks": "bleed"}, {"bruising": "small", "risks": "bleed"}),
    ("U6", {"bruising": "large", "timed_out": "bruise_signs"}, {"bruising": "small", "timed_out": "bruise_signs"}),
    ("U7", {"pain": 8}, {"pain": 7}),
    ("U7", {"pain": 8, "pain_before": 5}, {"pain": 8, "pain_before": 6}),
    ("U7", {"pain": 7, "hours": 48, "pain_before": 7, "previous": Previous(5)}, {"pain": 7, "hours": 48, "pain_before": 7, "previous": Previous(6)}),
    ("U7", {"soreness": "severe", "hours": 48}, {"soreness": "severe", "hours": 41}),
    ("U7", {"soreness": "severe", "hours": 48, "previous": Previous(None, "moderate")}, {"soreness": "severe", "hours": 48, "previous": Previous(None, "severe")}),
    ("U7", {"soreness": "severe", "hours": 48, "pain": 7, "pain_before": 9, "previous": Previous(9, "severe")},
     {"soreness": "severe", "hours": 48, "pain": 6, "pain_before": 9, "previous": Previous(9, "severe")}),
    ("U7", {"soreness": "severe", "hours": 72, "previous": Previous(None, "severe")}, {"soreness": "severe", "hours": 71, "previous": Previous(None, "severe")}),
    ("U7", {"region": "spine", "risks": "infection", "hours": 48, "pain": 3, "pain_before": 1},
     {"region": "spine", "risks": "infection", "hours": 24, "pain": 3, "pain_before": 1}),
    ("U7", {"region": "spine", "risks": "infection", "hours": 48, "pain": 3, "previous": Previous(1)},
     {"region": "thorax", "risks": "infection", "hours": 48, "pain": 3, "previous": Previous(1)}),
    ("U8", {"danger": "yes", "danger_signs": "passed_out"}, {"danger": "yes", "danger_signs": "passed_out", "region": "thorax"}),
    ("U9", {"new": "numb minor", "bruising": "small", "risks": "bleed"}, {"new": "numb", "bruising": "small", "risks": "bleed"}),
    ("U9", {"new": "skin minor", "skin_signs": "small_spot", "soreness": "severe"}, {"new": "minor", "bruising": "small", "risks": "bleed", "soreness": "severe"}),
    ("U9", {"new": "fever", "temperature": "under_38", "bruising": "small", "risks": "bleed", "soreness": "severe"},
     {"new": "fever", "temperature": "under_38", "bruising": "small", "soreness": "severe"}),
    ("U9", {"risks": "infection", "hours": 48, "bruising": "cannot_see", "touch": "cannot_tell"},
     {"risks": "infection", "hours": 24, "bruising": "cannot_see", "touch": "cannot_tell"}),
    ("U10", {"worried": True}, {"high_risk": True}),
    ("U12", {"timed_out": "danger"}, {"timed_out": "danger_signs"}),
    ("W1", {"soreness": "severe"}, {"soreness": "moderate"}),
    ("W1", {"pain": 4, "pain_before": 2}, {"pain": 3, "pain_before": 1}),
    ("W1", {"pain": 7}, {"pain": 7, "pain_before": 8}),
    ("W1", {"pain": 7, "pain_before": 7}, {"pain": 6, "pain_before": 6}),
    ("W2", {"bruising": "large", "bruise_signs": "soft"}, {"bruising": "large", "bruise_signs": "hard"}),
    ("W2", {"bruising": "small", "risks": "bleed"}, {"bruising": "small"}),
    ("W3", {"new": "skin", "skin_signs": "small_spot"}, {"new": "skin", "skin_signs": "small_spot hot"}),
    ("W4", {"new": "numb", "nerve_place": "needle_spot"}, {"new": "numb", "nerve_place": "both_sides"}),
    ("W4", {"new": "weak", "weakness": "works"}, {"new": "weak", "weakness": "broken"}),
    ("W5", {"new": "minor"}, {"new": "none"}),
    ("W5", {"danger": "yes", "danger_signs": "chest_wall_sore"}, {"danger": "yes", "danger_signs": "chest_wall_sore", "risks": "lung"}),
    ("W5", {"danger": "yes", "danger_signs": "dry_cough"}, {"danger": "yes", "danger_signs": "dry_cough", "region": "thorax"}),
    ("W5", {"new": "fever", "temperature": "under_38"}, {"new": "fever", "temperature": "unknown"}),
    ("W6", {"soreness": "severe", "hours": 42}, {"soreness": "severe", "hours": 41}),
    ("W6", {"soreness": "moderate", "hours": 48}, {"soreness": "moderate", "hours": 48, "previous": Previous(None, "severe")}),
    ("W6", {"soreness": "moderate", "hours": 48, "previous": Previous(None, "moderate")}, {"soreness": "mild", "hours": 48, "previous": Previous(None, "moderate")}),
    ("W6", {"soreness": "mild", "hours": 48, "previous": Previous(None, "none")}, {"soreness": "mild", "hours": 48, "previous": Previous(None, "mild")}),
    ("W6", {"pain": 7, "hours": 48, "pain_before": 7}, {"pain": 7, "hours": 48, "pain_before": 8}),
    ("W6", {"pain": 7, "hours": 48}, {"pain": 6, "hours": 48}),
    ("W6", {"pain": 4, "hours": 48, "pain_before": 2}, {"pain": 3, "hours": 48, "pain_before": 1}),
    ("W6", {"pain": 4, "hours": 48, "previous": Previous(2)}, {"pain": 4, "hours": 48, "previous": Previous(3)}),
    ("W7", {"bruising": "cannot_see", "touch": "cannot_tell"}, {"bruising": "cannot_see", "touch": "no"}),
    ("W7", {"bruising": "cannot_see", "timed_out": "touch"}, {"bruising": "none", "timed_out": "touch"}),
    ("W7", {"bruising": "cannot_see", "touch": "no", "risks": "bleed"}, {"bruising": "cannot_see", "touch": "no", "risks": "lung"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fires", "misses"), CLAUSES)
def test_each_clause_fires_its_rule_and_its_nearest_miss_does_not(rule, fires, misses) -> None:
    assert rule in rules_of(case(**fires)), fires
    assert rule not in rules_of(case(**misses)), misses


def test_every_clause_of_the_table_has_an_example_that_fires_by_it_alone() -> None:
    held = [(rule, clauses(case(**fires), rule)) for rule, fires, _ in CLAUSES]
    alone = {(rule, found[0]) for rule, found in held if len(found) == 1}
    assert {(rule, clause) for rule in TABLE for clause in TABLE[rule]} == alone


def disagrees(found: Case) -> bool:
    return rules_of(found) != expected(found)


@given(st.integers(0, 2**63))
@settings(
    max_examples=220 if THOROUGH else 50, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_the_rules_agree_with_the_table_read_a_second_time(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(BATCH):
        found = random_case(choose)
        if disagrees(found):
            found = smallest(found, disagrees)
            pytest.fail(f"{shown(found)}: {rules_of(found)}, by the table {expected(found)}")


@pytest.mark.parametrize("rule", CONDITIONS)
def test_a_lost_rule_is_noticed_and_shown_small(rule, monkeypatch) -> None:
    monkeypatch.setitem(CONDITIONS, rule, lambda *_: False)
    choose = random.Random(11)
    found = next(one for one in (random_case(choose) for _ in range(5_000)) if disagrees(one))
    assert size(smallest(found, disagrees)) <= 9


def test_every_rule_can_be_the_one_that_decides() -> None:
    deciders = set()
    for rule, fires, _ in CLAUSES:
        verdict = assess(case(**fires), PROTOCOL)
        top = [one for one in verdict.rules if PROTOCOL.rules[one].level == verdict.level]
        if top == [rule]:
            deciders.add(rule)
    assert deciders == set(CONDITIONS)


def test_the_data_file_and_the_code_name_the_same_rules() -> None:
    in_data = {name for name, rule in PROTOCOL.rules.items() if not rule.workflow}
    assert in_data == set(CONDITIONS)
    assert {name for name, rule in PROTOCOL.rules.items() if rule.workflow} == {"U11", "W8"}


def test_a_rules_first_letter_says_its_level() -> None:
    letters = {"E": Level.emergency, "U": Level.urgent, "W": Level.watch}
    assert all(rule.level is letters[rule.id[0]] for rule in PROTOCOL.rules.values())


def test_a_rules_text_is_the_one_for_its_level() -> None:
    for rule in PROTOCOL.rules.values():
        per_rule = f"{rule.level}.{rule.id}"
        assert rule.text_key == ("urgent" if rule.level is Level.urgent else per_rule)


@pytest.mark.parametrize(("rule", "fires", "misses"), CLAUSES)
def test_the_level_is_the_highest_of_the_rules_that_fire(rule, fires, misses) -> None:
    for given_case in (case(**fires), case(**misses)):
        verdict = assess(given_case, PROTOCOL)
        fired = [PROTOCOL.rules[one].level for one in verdict.rules if one != "N1"]
        assert verdict.level is max(fired, default=Level.none)
    assert assess(case(**fires), PROTOCOL).level >= PROTOCOL.rules[rule].level


def test_levels_compare_by_severity_and_not_by_name() -> None:
    assert Level.none < Level.watch < Level.urgent < Level.emergency
    assert max(Level.emergency, Level.watch) is Level.emergency
    assert [level.value for level in sorted(Level, reverse=True)] == [
        "emergency",
        "urgent",
        "watch",
        "none",
    ]
    assert Level.urgent >= Level.urgent > Level.watch
    assert Level.watch <= Level.watch <= Level.urgent
    assert not Level.urgent > Level.urgent
    assert not Level.urgent < Level.urgent
    assert not Level.urgent <= Level.watch
    assert not Level.watch >= Level.urgent


def test_a_version_that_does_not_ship_is_refused() -> None:
    with pytest.raises(KeyError, match="version 2"):
        load_protocol(2)


def test_the_numbers_of_the_rules_are_data() -> None:
    later = replace(PROTOCOL, thresholds=replace(PROTOCOL.thresholds, steep_pain=9))
    assert assess(case(pain=8), PROTOCOL).rules == ("U7", "W1")
    assert assess(case(pain=8), later).rules == ("W1",)


def test_no_answers_at_all_fire_nothing() -> None:
    assert assess(case(), PROTOCOL) == assess(case(region="spine thorax"), PROTOCOL)
    assert rules_of(case()) == ("N1",)


def test_the_protocol_is_its_data_file_and_nothing_else() -> None:
    text = resources.files("care.triage").joinpath("protocol.toml").read_text("utf-8")
    data = tomllib.loads(text)
    # Read anew: the one that the rules use was read long before.
    read = load_protocol.__wrapped__(1)
    assert read.fingerprint == hashlib.sha256(text.encode()).hexdigest()
    assert asdict(read.thresholds) == data["thresholds"]
    for name, found in data["questions"].items():
        assert asdict(read.questions[name]) == {
            "counted": False, "after": None, "timeout_minutes": None, **found,
            "id": name, "values": tuple(found["values"]), "when": frozenset(found.get("when", ())),
        }  # fmt: skip
    for name, found in data["rules"].items():
        assert asdict(read.rules[name]) == {
            "workflow": False, **found, "id": name, "level": Level(found["level"]),
            "source": tuple(found["source"]),
        }  # fmt: skip
    assert (list(read.questions), list(read.rules)) == (
        list(data["questions"]),
        list(data["rules"]),
    )


def test_the_version_that_ships_is_unsigned() -> None:
    assert PROTOCOL.version == 1
    assert PROTOCOL.signed_by is None
