"""Any copy serves any tap: nothing about a conversation is kept in a process."""

import ast
from pathlib import Path

import pytest

from tests.conftest import new_postgres_database
from tests.copies.clinic import several
from tests.walk.world import WELL_UNTIL_NEW, taps

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for room in ("bot", "handlers", "care") for p in (ROOT / room).rglob("*.py"))
# What python-telegram-bot offers to remember a conversation with, in one process.
MEMORY = {"ConversationHandler", "user_data", "chat_data", "drop_user_data", "drop_chat_data",
          "arbitrary_callback_data", "PicklePersistence", "DictPersistence"}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_keeps_a_conversation_in_memory(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        assert name not in MEMORY, f"line {node.lineno}: {name}"
        if isinstance(node, ast.keyword):
            assert node.arg not in MEMORY
            assert node.arg != "block", f"line {node.value.lineno}: handlers are awaited in order"


EMPTY_BOXES = {"dict", "list", "set", "defaultdict", "deque", "Counter", "OrderedDict"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_has_an_empty_box_to_remember_things_in(path: Path) -> None:
    for node in ast.parse(path.read_text()).body:
        value = getattr(node, "value", None)
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        made = isinstance(value, ast.Call) and getattr(value.func, "id", "") in EMPTY_BOXES
        literal = isinstance(value, (ast.Dict, ast.List, ast.Set))
        empty = literal and not (getattr(value, "keys", None) or getattr(value, "elts", None))
        assert True not in (made, empty), f"line {node.lineno}: {ast.unparse(node)}"


async def test_a_check_in_goes_on_whichever_copy_gets_the_next_tap(
    tmp_path: Path, postgres_host: str
) -> None:
    async with several(tmp_path, new_postgres_database(postgres_host), webhook=True) as found:
        await found.start()
        ben, clinician = found.stage.ben, found.stage.clinician
        await found.stage.world.forward(hours=24, minutes=1)
        await ben.sees("Check 1 of 5")
        await taps(ben, *WELL_UNTIL_NEW, ("Skin red", "About the skin"), ("Hot", "About"),
                   ("Swollen", "About"), ("Done", "This needs a call"))  # fmt: skip
        await clinician.sees("Local infection signs")
        await clinician.taps("I'm on it")
        await ben.sees("Your clinic saw this")
        first, second = found.balancer.ports
        assert min(found.balancer.answered_by[first], found.balancer.answered_by[second]) >= 4
