"""The rule table, clause by clause: what fires it, and the nearest thing that does not."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.triage import Level, Previous, assess
from care.triage.rules import CONDITIONS
from tests.triage.cases import PROTOCOL, case, random_case, rules_of, shown
from tests.triage.oracle import TABLE, expected

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
    ("E6", {"danger": "yes", "danger_signs": "allergy"}, {"danger": "yes", "danger_signs": "passed_out"}),
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
    ("U6", {"bruising": "large", "bruise_signs": "hard"}, {"bruising": "large", "bruise_signs": "soft"}),
    ("U6", {"bruising": "large", "risks": "bleed"}, {"bruising": "small", "risks": "bleed"}),
    ("U6", {"bruising": "large", "timed_out": "bruise_signs"}, {"bruising": "small", "timed_out": "bruise_signs"}),
    ("U7", {"pain": 8}, {"pain": 7}),
    ("U7", {"pain": 8, "pain_before": 5}, {"pain": 8, "pain_before": 6}),
    ("U7", {"pain": 7, "hours": 48, "pain_before": 7, "previous": Previous(5)}, {"pain": 7, "hours": 48, "pain_before": 7, "previous": Previous(6)}),
    ("U7", {"soreness": "severe", "hours": 48}, {"soreness": "severe", "hours": 41}),
    ("U7", {"soreness": "severe", "hours": 48, "pain": 7, "pain_before": 9, "previous": Previous(9, "severe")},
     {"soreness": "severe", "hours": 48, "pain": 6, "pain_before": 9, "previous": Previous(9, "severe")}),
    ("U7", {"soreness": "severe", "hours": 72, "previous": Previous(None, "severe")}, {"soreness": "severe", "hours": 71, "previous": Previous(None, "severe")}),
    ("U7", {"region": "spine", "risks": "infection", "hours": 48, "pain": 3, "pain_before": 1},
     {"region": "spine", "risks": "infection", "hours": 24, "pain": 3, "pain_before": 1}),
    ("U8", {"danger": "yes", "danger_signs": "passed_out"}, {"danger": "yes", "danger_signs": "passed_out", "region": "thorax"}),
    ("U9", {"new": "numb minor", "bruising": "small", "risks": "bleed"}, {"new": "numb", "bruising": "small", "risks": "bleed"}),
    ("U9", {"risks": "infection", "hours": 48, "bruising": "cannot_see", "touch": "cannot_tell"},
     {"risks": "infection", "hours": 24, "bruising": "cannot_see", "touch": "cannot_tell"}),
    ("U10", {"worried": True}, {"high_risk": True}),
    ("U12", {"timed_out": "danger"}, {"timed_out": "danger_signs"}),
    ("W1", {"soreness": "severe"}, {"soreness": "moderate"}),
    ("W1", {"pain": 4, "pain_before": 2}, {"pain": 3, "pain_before": 1}),
    ("W1", {"pain": 7}, {"pain": 7, "pain_before": 8}),
    ("W2", {"bruising": "large", "bruise_signs": "soft"}, {"bruising": "large", "bruise_signs": "hard"}),
    ("W2", {"bruising": "small", "risks": "bleed"}, {"bruising": "small"}),
    ("W3", {"new": "skin", "skin_signs": "small_spot"}, {"new": "skin", "skin_signs": "small_spot hot"}),
    ("W4", {"new": "numb", "nerve_place": "needle_spot"}, {"new": "numb", "nerve_place": "both_sides"}),
    ("W4", {"new": "weak", "weakness": "works"}, {"new": "weak", "weakness": "broken"}),
    ("W5", {"new": "minor"}, {"new": "none"}),
    ("W5", {"danger": "yes", "danger_signs": "dry_cough"}, {"danger": "yes", "danger_signs": "dry_cough", "region": "thorax"}),
    ("W5", {"new": "fever", "temperature": "under_38"}, {"new": "fever", "temperature": "unknown"}),
    ("W6", {"soreness": "severe", "hours": 42}, {"soreness": "severe", "hours": 41}),
    ("W6", {"soreness": "moderate", "hours": 48}, {"soreness": "moderate", "hours": 48, "previous": Previous(None, "severe")}),
    ("W6", {"soreness": "mild", "hours": 48, "previous": Previous(None, "none")}, {"soreness": "mild", "hours": 48, "previous": Previous(None, "mild")}),
    ("W6", {"pain": 7, "hours": 48, "pain_before": 7}, {"pain": 7, "hours": 48, "pain_before": 8}),
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


def test_every_clause_of_the_table_has_an_example() -> None:
    missing = set(TABLE) - {rule for rule, _, _ in CLAUSES}
    assert not missing


@given(st.integers(0, 2**63))
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_rules_agree_with_the_table_read_a_second_time(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(BATCH):
        found = random_case(choose)
        assert rules_of(found) == expected(found), shown(found)


def test_every_rule_can_be_the_one_that_decides() -> None:
    choose, deciders = random.Random(7), Counter[str]()
    for _ in range(60_000):
        verdict = assess(random_case(choose), PROTOCOL)
        top = [r for r in verdict.rules if r != "N1" and PROTOCOL.rules[r].level == verdict.level]
        if len(top) == 1:
            deciders[top[0]] += 1
    for rule, fires, _ in CLAUSES:
        verdict = assess(case(**fires), PROTOCOL)
        if verdict.rules == (rule,):
            deciders[rule] += 1
    assert set(CONDITIONS) - set(deciders) == set()


def test_the_data_file_and_the_code_name_the_same_rules() -> None:
    in_data = {name for name, rule in PROTOCOL.rules.items() if not rule.workflow}
    assert in_data == set(CONDITIONS)
    assert {name for name, rule in PROTOCOL.rules.items() if rule.workflow} == {"U11", "W8"}


def test_a_rules_first_letter_says_its_level() -> None:
    letters = {"E": Level.emergency, "U": Level.urgent, "W": Level.watch}
    assert all(rule.level is letters[rule.id[0]] for rule in PROTOCOL.rules.values())


def test_no_answers_at_all_fire_nothing() -> None:
    assert assess(case(), PROTOCOL) == assess(case(region="spine thorax"), PROTOCOL)
    assert rules_of(case()) == ("N1",)


def test_the_version_that_ships_is_unsigned() -> None:
    assert PROTOCOL.version == 1
    assert PROTOCOL.signed_by is None
