"""docs/faults.md and the tests agree: every row is shown by a test, every test has its row."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE.parents[1] / "docs" / "faults.md").read_text()


def named_here() -> set[str]:
    found = set()
    for path in HERE.glob("test_*.py"):
        if path != Path(__file__):
            tree = ast.parse(path.read_text())
            found |= {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                and node.name.startswith("test_")
            }
    return found


def test_every_row_names_a_test_that_exists_and_every_test_has_a_row() -> None:
    assert set(re.findall(r"`(test_\w+)`", TABLE)) == named_here()


def test_every_row_of_the_tables_is_shown_by_a_test() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| ")]
    rows = [line for line in lines if "shown by" not in line]
    assert len(rows) >= 20
    assert all("`test_" in line for line in rows)
