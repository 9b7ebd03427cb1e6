"""`make check-protocol` in small: it holds, and a rule broken on purpose fails with a replay."""

import io
import json

import pytest

from bot.triage_command import triage_lines
from care.triage.rules import CONDITIONS
from tests.triage import check_protocol
from tests.triage.cases import PROTOCOL
from tests.triage.check_protocol import Found, check, report

SETS = 1_500


def told(found: Found) -> tuple[bool, list[str]]:
    lines: list[str] = []
    return report(found, lines.append), lines


def test_a_sample_of_the_million_answer_sets_holds() -> None:
    found = check("a sample", SETS)
    assert found.failures == []
    asked = {*PROTOCOL.questions, "risks", "regions", "timed_out", "worried", "high_risk"}
    assert asked <= set(found.steps), "some kind of step was never tried"


def lost_when_late(f, _fired) -> bool:
    return bool(f.danger_signs & {"breathless", "chest_pain"}) and f.case.hours < 42


def cancelled_by_another(f, _fired) -> bool:
    return f.danger_signs == {"saddle"}


def test_a_rule_that_no_longer_fires_is_told_with_the_smallest_answers(monkeypatch) -> None:
    monkeypatch.setitem(CONDITIONS, "U7", lambda *_: False)
    good, lines = told(check("lost", 200))
    assert not good
    first = lines.index(next(line for line in lines if "the table read again ('U7'" in line))
    assert len(lines[first + 1]) < 320


@pytest.mark.parametrize(
    ("rule", "broken", "says"),
    [
        ("E1", lost_when_late, "must not"),
        ("E2", cancelled_by_another, "takes back|lowers"),
    ],
)
def test_a_rule_that_can_be_taken_back_fails_and_its_lines_replay(
    rule, broken, says, monkeypatch
) -> None:
    monkeypatch.setitem(CONDITIONS, rule, broken)
    # The table read a second time would notice at once: here it is the steps that must.
    monkeypatch.setattr(check_protocol, "disagrees", lambda _: False)
    runs = (check(f"broken {number}", 500) for number in range(30))
    good, lines = told(next(run for run in runs if run.failures))
    assert not good
    assert any(word in line for line in lines for word in says.split("|"))
    sink, pair = io.StringIO(), [line for line in lines if line.startswith("{")][:2]
    assert triage_lines(io.StringIO("\n".join(pair)), sink) == 0
    before, after = (json.loads(line) for line in sink.getvalue().splitlines())
    assert (before["id"], after["id"]) == ("before", "after")
    assert before["rules"] != after["rules"]


def test_a_rule_that_never_decides_is_named() -> None:
    found = check("few", 50)
    found.deciding.update(set(CONDITIONS) - {"U8"})
    found.deciding["U8"] = 0
    good, lines = told(found)
    assert not good
    assert "FAILED: never the one that decides: U8" in lines


def test_the_same_seed_sees_the_same_sets() -> None:
    first, second = check("again", 60), check("again", 60)
    assert (first.levels, first.steps) == (second.levels, second.steps)
