"""Which tests name which rule: read from the tests' own text, the lists they are fed included."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

TESTS = Path(__file__).parent.parent
RULE = re.compile(r"\b(E[0-8]|U(?:1[0-2]|[1-9])|W[1-8])\b")
# A test that runs through the whole table covers each rule without naming it.
WHOLE_TABLE = {"CONDITIONS", "TABLE"}
GENERATED = "test_protocol_page.py"


def covering() -> dict[str, list[str]]:
    """Rule to the tests that name it, as "tests/file.py::test", sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(TESTS.rglob("test_*.py")):
        if path.name == GENERATED:
            continue
        module = ast.parse(path.read_text("utf-8"))
        lists = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for test in tests_in(module):
            name = f"{path.relative_to(TESTS.parent).as_posix()}::{test.name}"
            for rule in rules_named(test, lists):
                found[rule].add(name)
    return {rule: sorted(names) for rule, names in found.items()}


def tests_in(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_":
            yield node


def rules_named(test: ast.AST, lists: Mapping[str, ast.AST]) -> set[str]:
    """The rules in the strings of a test, and in those of the module's lists that it uses."""
    found: set[str] = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(RULE.findall(node.value))
        elif isinstance(node, ast.Name) and node.id in lists:
            found |= rules_named(lists[node.id], {})
    return found
