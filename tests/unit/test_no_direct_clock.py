"""Only `bot/clock.py` reads the machine's time; everything else is told what time it is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for room in ("bot", "handlers", "care", "storage")
    for path in (ROOT / room).rglob("*.py")
    if path != ROOT / "bot" / "clock.py"
)

CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
}


def clock_calls(tree: ast.AST) -> list[int]:
    """Lines that call the machine's clock, under whatever name it was imported."""
    names, functions = aliases(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and reads_clock(node.func, names, functions)
    ]


def aliases(tree: ast.AST) -> tuple[dict[str, str], set[str]]:
    names = {name: name for name in CLOCKS}
    functions = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in node.names:
                if imported.name in CLOCKS:
                    names[imported.asname or imported.name] = imported.name
                if getattr(node, "module", "") == "time" and imported.name in CLOCKS["time"]:
                    functions.add(imported.asname or imported.name)
    return names, functions


def reads_clock(target: ast.expr, names: dict[str, str], functions: set[str]) -> bool:
    if isinstance(target, ast.Name):
        return target.id in functions
    if not isinstance(target, ast.Attribute):
        return False
    owner = target.value
    if isinstance(owner, ast.Attribute):
        return target.attr in CLOCKS.get(owner.attr, ())
    known = names.get(owner.id, "") if isinstance(owner, ast.Name) else ""
    return target.attr in CLOCKS.get(known, ())


def test_nothing_but_the_clock_reads_the_machines_time():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line in clock_calls(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "ask the injected clock instead:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import time_ns as ns\nns()",
        "import time as t\nt.time()",
    ],
)
def test_a_direct_reading_is_found(source):
    assert clock_calls(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "clock.now()",
        "work.clock.now()",
        "import time\ntime.monotonic()",
        "from datetime import datetime\ndatetime.fromisoformat(text)",
        "from datetime import time\ntime(8)",
    ],
)
def test_the_injected_clock_and_durations_are_left_alone(source):
    assert not clock_calls(ast.parse(source))
