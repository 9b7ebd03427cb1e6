"""docs/protocol.md says what the product does: every clause in words is the one that runs."""

import ast
import re
from dataclasses import asdict, replace

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.protocol_page import page
from bot.protocol_page.clauses import in_words
from care.evidence.described import covered, described, measured, sources_of, words
from care.evidence.simulation import EXPECTED, simulate
from care.triage import Level
from handlers.wording.questions import option_label, option_sentence
from tests.triage.cases import PROTOCOL
from tests.triage.covering import covering
from tests.triage.oracle import TABLE
from tests.triage.protocol_page import PAGE, examples, kept

LISTS = {
    "signs": "danger_signs", "bruise": "bruise_signs", "place": "nerve_place",
    "course": "nerve_course", "new": "new", "skin_signs": "skin_signs", "weakness": "weakness",
    "temperature": "temperature", "soreness": "soreness", "earlier_sore": "soreness",
    "bruising": "bruising", "touch": "touch", "danger": "danger",
}  # fmt: skip
TERMS = (
    "day1",
    "day2",
    "chest",
    "spine",
    "steep",
    "skin_sign",
    "nerve",
    "away",
    "fever",
    "worried",
)
SLOT = re.compile(r"\{([\w.]+)\}")
PAGE_TEXT = page(PROTOCOL)


def names_in(clause: str) -> set[str]:
    """What a clause of the second reading speaks of, as the words' slots name it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(clause, mode="eval")):
        if isinstance(node, ast.Compare):
            found |= values_in(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= called(node)
        elif isinstance(node, ast.Name) and node.id in TERMS:
            found.add(f"is.{node.id}")
        elif isinstance(node, ast.Name) and node.id in ("bleed", "infection", "lung"):
            found.add(f"risk.{node.id}")
        elif isinstance(node, ast.BinOp) and "small_spot" in ast.dump(node):
            found.add("skin_signs.small_spot")
    if "range(1, 8)" in clause:
        found |= {"rule.W1", "rule.W7"}
    return found | numbers_in(clause)


def values_in(node: ast.Compare) -> set[str]:
    sides = [node.left, *node.comparators]
    names = [one.id for one in sides if isinstance(one, ast.Name) and one.id in LISTS]
    values = [
        one.value
        for side in sides
        for one in ast.walk(side)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return {f"{LISTS[name]}.{value}" for name in names for value in values}


def called(node: ast.Call) -> set[str]:
    kinds = {"overdue": "overdue", "fired": "rule"}
    kind = kinds.get(getattr(node.func, "id", ""))
    first = node.args[0] if node.args else None
    return {f"{kind}.{first.value}"} if kind and isinstance(first, ast.Constant) else set()


def numbers_in(clause: str) -> set[str]:
    names = {
        "high_pain": r"pain >= 7", "notable_pain": r"pain >= 4", "rise": r"(before|earlier) \+ 2",
        "late_hours": r"hours >= 72", "day_7_hours": r"hours >= 144", "several_signs": r"\) >= 3",
    }  # fmt: skip
    return {name for name, pattern in names.items() if re.search(pattern, clause)}


CLAUSES = [
    (rule, number, clause)
    for rule, clauses in TABLE.items()
    for number, clause in enumerate(clauses)
]


@pytest.mark.parametrize(("rule", "number", "clause"), CLAUSES)
def test_a_clause_in_words_names_what_the_second_reading_of_the_table_names(
    rule, number, clause
) -> None:
    said = described(rule).fires[number]
    assert set(SLOT.findall(said)) == names_in(clause), clause
    assert in_words(said, PROTOCOL)
    text = SLOT.sub("", said)
    assert ("pain before the session" in text) == ("before" in clause), text
    assert ("earlier check" in text or "of the earlier" in text) == ("earlier" in clause), text
    assert ("unknown" in text) == bool(re.search(r"(before|earlier_sore) is None", clause)), text
    assert ("either" in text or "none of" in text or "does not" in text) == (
        "not fired" in clause
    ), text


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_has_a_sentence_for_each_of_its_clauses_and_no_other(rule) -> None:
    assert len(described(rule).fires) == len(TABLE[rule])


def test_a_term_says_the_numbers_and_answers_that_the_second_reading_uses() -> None:
    assert set(words().terms) == set(words().shown) == set(TERMS)
    named = {name: set(SLOT.findall(text)) for name, text in words().terms.items()}
    assert named == {
        "day1": {"day_2_hours"}, "day2": {"day_2_hours"}, "chest": set(), "spine": set(),
        "steep": {"steep_pain", "steep_rise"}, "skin_sign": {"new.skin", "touch.yes"},
        "nerve": {"new.numb", "new.shock"}, "away": {"nerve_place.needle_spot"},
        "fever": {"new.fever"}, "worried": set(),
    }  # fmt: skip


def test_the_page_in_the_documents_is_the_one_the_product_prints() -> None:
    printed = CliRunner().invoke(app, ["protocol", "show", "--markdown"])
    assert printed.exit_code == 0
    assert PAGE.read_text("utf-8") == printed.output, "make protocol-page"


def test_unsigned_is_said_before_anything_else() -> None:
    assert "NOT SIGNED" in PAGE_TEXT.split("\n\n")[1]
    signed = page(replace(PROTOCOL, signed_by="Ana Ruiz, physiotherapist"))
    assert "NOT SIGNED" not in signed
    assert "Signed by Ana Ruiz, physiotherapist." in signed.split("\n\n")[1]


def test_every_question_value_and_rule_is_on_the_page() -> None:
    for rule in PROTOCOL.rules.values():
        assert f"### {rule.id} · {rule.headline}" in PAGE_TEXT
    for question in PROTOCOL.questions.values():
        if question.kind != "score":
            for value in question.values:
                row = f"| `{value}` | {option_label(question.id, value)} "
                assert f"{row}| {option_sentence(question.id, value)} |" in PAGE_TEXT
    assert "{EMERGENCY_NUMBER}" in PAGE_TEXT
    assert "<b>" not in PAGE_TEXT


def test_a_changed_number_changes_the_words() -> None:
    changed = replace(
        PROTOCOL, thresholds=replace(PROTOCOL.thresholds, high_pain=6, late_hours=70)
    )
    text = page(changed)
    assert "pain 6 or more" in text
    assert "70 real hours or more" in text
    assert "pain 7 or more" not in text


def test_every_source_is_written_out_and_only_proposals_have_none() -> None:
    for rule in PROTOCOL.rules.values():
        sources = sources_of(rule)
        assert bool(sources) == (rule.source != ("proposed",)), rule.id
        for source in sources:
            assert f"- [{source.key}] {source.text}. *Read: {source.read}.*" in PAGE_TEXT
            assert re.search(r"\b(19|20)\d\d\b|year", source.text), source.key


def test_the_tests_named_for_a_rule_exist_and_speak_of_it() -> None:
    found = covering()
    for rule in PROTOCOL.rules.values():
        clauses, tests = covered(rule.id)
        assert set(tests) <= set(found[rule.id]), f"{rule.id}: make protocol-page"
        assert clauses == examples()[rule.id] >= len(TABLE.get(rule.id, ())), rule.id
        assert clauses or tests, f"{rule.id} is covered by nothing"


@pytest.mark.parametrize("rate", EXPECTED)
def test_the_measured_table_is_what_these_rules_give_today(rate) -> None:
    found = measured()
    again = simulate(PROTOCOL, sessions=found["sample"], seed=found["seed"], rate=rate)
    assert kept(again) == found[f"sample_{rate}"], "make protocol-page"
    assert found["fingerprint"] == PROTOCOL.fingerprint


def test_the_alarm_rate_stays_near_what_clinicians_were_told_to_expect() -> None:
    found = measured()["central"]
    for check, guess in EXPECTED["central"].items():
        share = {level: 100 * found[check][level] / found["sessions"] for level in Level}
        assert abs(share[Level.urgent] - guess[2]) < 1.5, check
        assert abs(share[Level.emergency] - guess[3]) < 0.3, check


def test_simulate_prints_both_tables_and_says_that_every_alarm_is_false() -> None:
    asked = ["protocol", "simulate", "--sessions", "300", "--rates", "all", "--seed", "5"]
    first, second = (CliRunner().invoke(app, asked) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output == second.output
    for said in ("Per cent: measured (expected)", "Emergency a week", "every alarm is false"):
        assert said in " ".join(first.output.split())


def test_a_number_of_the_protocol_is_named_on_the_page_with_its_users() -> None:
    for name in asdict(PROTOCOL.thresholds):
        assert re.search(rf"\(`{name}`\) \| [\d.]+ \| [EUW]\d", PAGE_TEXT), name
