"""Every reason that an import can give has words."""

import ast
from pathlib import Path

import pytest

import care.imports
from care.imports.importing import Difference, Outcome
from care.imports.rows import Fault
from care.imports.sheet import SheetError
from handlers.wording.imports import (
    FAULTS,
    SHEETS,
    count_lines,
    difference_words,
    fault_words,
    remark_lines,
    sheet_words,
)

MODULES = sorted(Path(care.imports.__file__).parent.glob("*.py"))
# Where in a call the code stands.
PLACES = {"CellError": 0, "SheetError": 0, "MomentError": 0, "Fault": 1}
PREFIXES = {"MomentError": "at_"}


def codes_given(wanted: set[str]) -> set[str]:
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in wanted:
                name = node.func.id
                code = node.args[PLACES[name]]
                if isinstance(code, ast.Constant):
                    found.add(PREFIXES.get(name, "") + code.value)
    return found


def test_every_reason_given_is_worded_and_every_word_is_given() -> None:
    lines = codes_given({"CellError", "MomentError", "Fault"})
    assert lines | {"unknown_region", "unknown_risk"} == set(FAULTS)
    assert codes_given({"SheetError"}) == set(SHEETS)


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_reason_names_its_line_and_leaves_no_gap(code: str) -> None:
    words = fault_words(Fault(7, code, "{odd} value"))
    assert words.startswith("Line 7: ")
    assert "{" not in words.replace("{odd}", "")


@pytest.mark.parametrize("code", sorted(SHEETS))
def test_a_file_that_cannot_be_read_says_what_to_do(code: str) -> None:
    assert "{" not in sheet_words(SheetError(code, "thing"))


def test_an_outcome_names_every_number_that_is_not_zero_and_no_other() -> None:
    outcome = Outcome(recorded=1, there=2, patients=1, faults=[Fault(3, "no_at")])
    assert count_lines(outcome, done=True) == [
        "1 session recorded.", "1 new patient.", "2 were here already.", "1 line left out.",
    ]  # fmt: skip
    assert count_lines(Outcome(), done=False) == ["0 sessions to import."]


def test_lines_left_out_come_first_in_their_order() -> None:
    outcome = Outcome(
        faults=[Fault(9, "no_at"), Fault(2, "no_patient")],
        differences=[Difference(4, "V1", ("at", "pain_before"))],
        remarks=[Fault(1, "no_regions")],
    )
    assert [line.split(":")[0] for line in remark_lines(outcome)] == [
        "Line 2", "Line 9", "Line 4", "Line 1",
    ]  # fmt: skip
    assert difference_words(outcome.differences[0]).endswith("time, pain before")
