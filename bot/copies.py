"""This copy of the bot among the others on one database: who lives, who has the duty."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

import storage.copies
from care.work import Work
from storage.engine import Database
from storage.trouble import DatabaseAwayError

log = structlog.get_logger()

LOOK_SECONDS = 1.0
# A copy whose lock is gone is dead only after so long: a database that restarts takes every lock.
DEAD_AFTER_SECONDS = 3.0
ANSWER_WITHIN = 5.0


class Copies:
    """PostgreSQL: any number of copies serve side by side; one of them has the duty (polling, or
    keeping the webhook). SQLite: one copy serves, another stands by until its process has ended.
    """

    def __init__(self, work: Work, on_count: Callable[[int], None]) -> None:
        """`on_count` is told how many copies live whenever they were counted."""
        self._work = work
        self._on_count = on_count
        self._number: int | None = None
        self._missing: dict[str, float] = {}
        self._joined = asyncio.Event()
        self._duty = asyncio.Event()
        self._no_duty = asyncio.Event()

    @property
    def on_duty(self) -> bool:
        """Whether this copy has the duty now."""
        return self._duty.is_set()

    @asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """Be one of the copies inside the block; entering waits until this one may serve.

        Afterwards everything it still holds is free for the others.
        """
        if self._work.database.is_sqlite:
            async with self._alone():
                try:
                    yield
                finally:
                    await self._leave()
            return
        looking = asyncio.create_task(self._look_about(), name="copies")
        try:
            await self._joined.wait()
            try:
                yield
            finally:
                # Also when it is told to stop, which comes as a cancellation.
                await self._leave()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def whenever_on_duty(self, job: Callable[[], Awaitable[None]]) -> None:
        """Do `job` while this copy has the duty: cancelled when it is lost, begun anew with it.

        Raises:
            Exception: what the job raised.
        """
        while True:
            await self._duty.wait()
            doing = asyncio.ensure_future(job())
            losing = asyncio.create_task(self._no_duty.wait())
            try:
                await asyncio.wait({doing, losing}, return_when=asyncio.FIRST_COMPLETED)
                if doing.done():
                    doing.result()
            finally:
                doing.cancel()
                losing.cancel()
                await asyncio.gather(doing, losing, return_exceptions=True)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lock on a file beside the database; it ends with the process."""
        handle = _lock_file(self._work.database)
        try:
            told = False
            while not _locked(handle):
                if not told:
                    log.warning("standing_by", why="another copy serves this database")
                    told = True
                await asyncio.sleep(LOOK_SECONDS / 4)
            async with self._work.writing() as tx:
                await storage.copies.begin_alone(tx.session)
            self._gain_duty()
            yield
        finally:
            os.close(handle)

    async def _look_about(self) -> None:
        """Stay connected to PostgreSQL, and look once a second who else is there."""
        while True:
            try:
                async with self._work.database.engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    await storage.copies.prepare(connection)
                    try:
                        while True:
                            async with asyncio.timeout(ANSWER_WITHIN):
                                await self._look(connection)
                            await asyncio.sleep(LOOK_SECONDS)
                    finally:
                        # Never back into the pool: the locks live as long as the connection.
                        with suppress(Exception):
                            await connection.invalidate()
            except Exception as error:  # noqa: BLE001 - whatever it is, connect anew
                log.warning("copies_not_seen", error=type(error).__name__)
            self._lose_duty()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, connection: AsyncConnection) -> None:
        async with self._work.reading() as session:
            known = await storage.copies.registered(session)
        mine = [copy.number for copy in known if copy.holder == self._work.holder]
        if not mine:
            async with self._work.writing() as tx:
                number = await storage.copies.register(tx.session, self._work.holder, tx.now)
            mine = [number]
        self._number = mine[0]
        if not await storage.copies.live(connection, self._number or 0):
            raise RuntimeError("another process goes by the number of this copy")
        alive = await storage.copies.living(connection)
        if storage.copies.KEPT_OUT in alive and not self._joined.is_set():
            log.warning("standing_by", why="a backup is being restored")
            return
        dead = {c.holder for c in known if c.number not in alive and c.number != self._number}
        await self._bury(dead, at_once=not self._joined.is_set() and len(alive) == 1)
        self._on_count(max(len(alive), 1))
        if not self._duty.is_set() and await storage.copies.take_duty(connection):
            self._gain_duty()
        self._joined.set()

    async def _bury(self, missing: set[str], *, at_once: bool) -> None:
        """Free what the dead held, once they were missing long enough."""
        now = time.monotonic()
        self._missing = {holder: self._missing.get(holder, now) for holder in missing}
        for holder, since in self._missing.items():
            if at_once or now - since >= DEAD_AFTER_SECONDS:
                async with self._work.writing() as tx:
                    freed = await storage.copies.bury(tx.session, holder)
                log.warning("copy_died", messages_freed=freed)
                self._work.wake()

    async def _leave(self) -> None:
        with suppress(SQLAlchemyError, DatabaseAwayError):  # else the leases end by themselves
            async with self._work.writing() as tx:
                await storage.copies.leave(tx.session, self._work.holder)

    def _gain_duty(self) -> None:
        log.info("on_duty")
        self._no_duty.clear()
        self._duty.set()

    def _lose_duty(self) -> None:
        self._duty.clear()
        self._no_duty.set()


@asynccontextmanager
async def nobody_serves(database: Database) -> AsyncIterator[bool]:
    """True inside the block when no copy serves this database; none begins meanwhile."""
    if database.is_sqlite:
        handle = _lock_file(database)
        try:
            yield _locked(handle)
        finally:
            os.close(handle)
        return
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            yield await storage.copies.keep_out(connection)
        finally:
            await connection.invalidate()


def _lock_file(database: Database) -> int:
    """A file beside the SQLite database; who has locked it serves."""
    path = Path(f"{make_url(database.url).database}.lock")
    return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
