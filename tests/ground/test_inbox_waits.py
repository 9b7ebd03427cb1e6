"""An update that meets a database fault is no bad update: it waits and is handled again."""

import asyncio
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import select

from bot.inbox import receive
from care.work import Work
from storage.tables import InboxUpdate
from storage.trouble import DatabaseAwayError, away
from tests.bot.test_inbox import message, until_done, working


def locked() -> OperationalError:
    """What SQLAlchemy makes of a real lock."""
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN IMMEDIATE", {}, original)


async def errors(work: Work) -> list[str | None]:
    async with work.reading() as session:
        return list((await session.exec(select(InboxUpdate.error))).all())


async def test_a_fault_before_anything_is_stored_lets_the_update_wait(work: Work) -> None:
    faults: list[Exception] = [locked(), DatabaseAwayError("no connection")]
    seen, told = [], []

    async def process(update: dict) -> None:
        if faults:
            raise faults.pop()
        seen.append(update["update_id"])

    async def failed(update: dict) -> None:
        told.append(update)

    await receive(work, [message(1, 7), message(2, 7)])
    async with working(work, process, failed):
        await until_done(work)
    assert seen == [1, 2]
    assert told == []
    assert await errors(work) == [None, None]


async def test_a_fault_after_it_was_stored_is_told_and_the_update_is_not_repeated(
    work: Work,
) -> None:
    handled, told = [], asyncio.Event()

    async def process(update: dict) -> None:
        handled.append(update["update_id"])
        async with work.writing():
            pass
        raise locked()

    async def failed(_update: dict) -> None:
        told.set()

    await receive(work, [message(1, 7)])
    async with working(work, process, failed), asyncio.timeout(10):
        await told.wait()
        await until_done(work)
    assert handled == [1]
    assert await errors(work) == [None]


def test_a_mistake_of_ours_is_no_fault_of_the_database() -> None:
    original = sqlite3.OperationalError("no such column: nane")
    original.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert away(OperationalError("SELECT nane", {}, original)) is None
    assert away(ValueError("x")) is None
    assert away(DBAPIError("COMMIT", {}, Exception(), connection_invalidated=True))
    assert away(locked()) == "locked by another program"
