"""SQLite locked by another program, and a full disk: the bot waits, says so, and loses nothing."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, make_url
from structlog.testing import capture_logs

import storage.engine
import storage.outbox
from tests.walk.process import press
from tests.walk.record import all_answers, notes
from tests.walk.world import Stage, check_in_for, session_for, stage_for

BUSY_MS = 200
LOCKING = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A clinic whose bot waits only a little for SQLite's lock."""
    monkeypatch.setattr(storage.engine, "BUSY_TIMEOUT_MS", BUSY_MS)
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as found:
        await found.world.limits(enabled=False)
        yield found


@asynccontextmanager
async def locked(found: Stage) -> AsyncIterator[None]:
    """Another process holds the database's write lock."""
    path = str(make_url(found.house.work.database.url).database)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCKING, path,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"locked\n"
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def until(condition: Callable[[], object], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def times(logs: list, event: str) -> int:
    return sum(line["event"] == event for line in logs)


def shown(found: Stage, words: str) -> int:
    return sum(words in message.text for message in found.ben.view().messages)


async def test_taps_made_while_the_database_is_locked_are_handled_after_it(
    impatient: Stage,
) -> None:
    found, database = impatient, impatient.house.work.database
    await check_in_for(found, found.ben)
    with capture_logs() as logs:
        async with locked(found):
            await press(found.ben, "No, none of these")
            await until(lambda: database.weather.fault == "locked by another program")
            # Several times longer than anybody waits for the lock.
            await asyncio.sleep(5 * BUSY_MS / 1000)
            assert shown(found, "How bad is your pain") == 0
        await found.ben.sees("How bad is your pain")
        await until(lambda: database.weather.fault is None)
    assert await all_answers(found, "24h") == [("danger", ["none"], True)]
    assert shown(found, "Sorry") == 0
    assert (times(logs, "database_unavailable"), times(logs, "database_back")) == (1, 1)
    assert not [line for line in logs if line.get("exc_info")]


async def test_a_check_in_that_comes_due_while_the_database_is_locked_leaves_once(
    impatient: Stage,
) -> None:
    found, database = impatient, impatient.house.work.database
    await session_for(found, found.ben)
    async with locked(found):
        await found.world.forward(hours=22)
        await until(lambda: database.weather.fault)
    await found.ben.sees("Check 1 of 5")
    await found.world.forward(minutes=5)
    assert shown(found, "Check 1 of 5") == 1
    assert shown(found, "In case you missed it") == 0


async def test_a_check_in_sent_just_before_the_lock_is_not_sent_again(
    impatient: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The lock outlasts the lease, so the row is free for anybody when it ends.
    monkeypatch.setattr(storage.outbox, "LEASE_SECONDS", 0.5)
    found, database = impatient, impatient.house.work.database
    await session_for(found, found.ben)
    sent, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await sent.wait()
        async with locked(found):
            await release.wait()

    post = found.house.courier._patiently

    async def patiently(row, outgoing):
        message_id = await post(row, outgoing)
        if row.kind == "check_in":
            sent.set()
            await until(lambda: holding.done() or lock_taken(database))
        return message_id

    found.house.courier._patiently = patiently
    holding = asyncio.create_task(hold())
    await found.world.forward(hours=22)
    await found.ben.sees("Check 1 of 5")
    await until(lambda: database.weather.fault)
    await asyncio.sleep(1.5)
    release.set()
    await holding
    await found.ben.taps("No, none of these")
    await found.ben.sees("How bad is your pain")
    await found.world.forward(minutes=5)
    await asyncio.sleep(2)
    assert shown(found, "In case you missed it") == 0
    calls = [
        call for call in await found.world.calls("sendMessage") if "Check 1 of 5" in str(call)
    ]
    assert len(calls) == 1


def lock_taken(database) -> bool:
    import sqlite3

    probe = sqlite3.connect(str(make_url(database.url).database), timeout=0)
    try:
        probe.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    else:
        probe.rollback()
        return False
    finally:
        probe.close()


class FullDisk:
    """Lets the database file grow no further, as a full disk does, until there is `room`."""

    def __init__(self, found: Stage) -> None:
        self._engine = found.house.work.database.engine
        self._pages = 0
        event.listen(self._engine.sync_engine, "begin", self._limit)

    def _limit(self, connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={self._pages or 2**30}")

    async def fill(self) -> None:
        async with self._engine.connect() as connection:
            pages = await connection.exec_driver_sql("PRAGMA page_count")
            self._pages = int(pages.scalar_one())

    def room(self) -> None:
        self._pages = 0


async def test_what_patients_write_while_the_disk_is_full_is_kept_when_there_is_room_again(
    clinic: Stage,
) -> None:
    found, database = clinic, clinic.house.work.database
    await session_for(found, found.ben)
    disk = FullDisk(found)
    with capture_logs() as logs:
        await disk.fill()
        said = [f"{number}: {'my arm is sore ' * 200}" for number in range(8)]
        for words in said:
            await found.ben.sends(words)
        await until(lambda: database.weather.fault == "the disk is full")
        await asyncio.sleep(1)
        assert not found.house.way_in.healthy
        assert len(await notes(found)) < len(said)
        disk.room()
        await until_notes(found, len(said))
    kept = sorted(found.house.work.cipher.open(note.body).strip() for note in await notes(found))
    assert kept == sorted(words.strip() for words in said)
    assert times(logs, "database_unavailable") == times(logs, "database_back") >= 1
    assert not [line for line in logs if line.get("exc_info")]


async def until_notes(found: Stage, number: int) -> None:
    async with asyncio.timeout(30):
        while len(await notes(found)) < number:
            await asyncio.sleep(0.1)
