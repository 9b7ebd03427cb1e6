"""Engines and sessions: how the product opens SQLite and PostgreSQL so that neither loses
anything.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.trouble import DatabaseAwayError, Weather

BUSY_TIMEOUT_MS = 20_000
CONNECT_SECONDS = 10
# A connection that went silent must not hold a lane for ever; no statement of ours takes so long.
STATEMENT_SECONDS = 60
# Whether a writing transaction is open in this task: nothing slow may be awaited inside one.
writing_here: ContextVar[bool] = ContextVar("writing_here", default=False)


class Database:
    """One database with a way to read and a way to write.

    SQLite: WAL, full synchronous writes, foreign keys on; reading sessions are deferred and query-
    only, writing ones
    start IMMEDIATE and take turns behind one lock per process, because waiting for SQLite's own
    lock is not fair.
    PostgreSQL: one pool, ordinary transactions.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.weather = Weather()
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, writing=True)
            self._reader = _sqlite_engine(url, writing=False)
            self._turn: Any = asyncio.Lock()
        else:
            self._writer = self._reader = create_async_engine(
                url,
                pool_size=10,
                pool_pre_ping=True,
                connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
            )
            self._turn = nullcontext()

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes (for migrations and checks)."""
        return self._writer

    @property
    def reader(self) -> AsyncEngine:
        """The engine that only reads, on SQLite."""
        return self._reader

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one moment and cannot change anything on SQLite; never commits."""
        async with self._watched(), AsyncSession(self._reader, expire_on_commit=False) as session:
            await _connect(session)
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well and rolls back when it does not."""
        async with self._turn, self._transaction() as session:
            token = writing_here.set(True)
            try:
                yield session
            finally:
                writing_here.reset(token)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._watched(), AsyncSession(self._writer, expire_on_commit=False) as session:
            await _connect(session)
            yield session
            await session.commit()
        self.weather.fair()

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        try:
            yield
        except TimeoutError as error:
            # The driver's own: time limits of callers show as cancellations in here.
            silent = DatabaseAwayError("no answer")
            self.weather.foul(silent)
            raise silent from error
        except Exception as error:
            self.weather.foul(error)
            raise

    async def dispose(self) -> None:
        """Close every connection; an engine left open keeps the process alive."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


async def _connect(session: AsyncSession) -> None:
    """Take the connection first, where a server that is away shows as errors of many kinds."""
    try:
        await session.connection()
    except SQLAlchemyError:
        raise
    except Exception as error:
        raise DatabaseAwayError("no connection") from error


def _sqlite_engine(url: str, *, writing: bool) -> AsyncEngine:
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late, see `begin`
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "synchronous=FULL",
            "journal_mode=WAL",
            f"query_only={'OFF' if writing else 'ON'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
            if pragma.startswith("journal") and cursor.fetchone()[0] != "wal":
                raise RuntimeError(
                    "SQLite refused write-ahead logging; is the database on a network disk?"
                )
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN DEFERRED")

    return engine
