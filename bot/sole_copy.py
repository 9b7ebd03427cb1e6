"""Whether this process is the only copy of the bot on its database."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url, text

from storage.engine import Database

_LOCK = 7_350_117_002


@asynccontextmanager
async def sole_copy(database: Database) -> AsyncIterator[bool]:
    """True inside the block when no other copy runs on this database; the claim dies with the
    process.

    SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock held by one
    connection.
    """
    if database.is_sqlite:
        path = Path(f"{make_url(database.url).database}.lock")
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            yield _locked(handle)
        finally:
            os.close(handle)
        return
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        got = await connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": _LOCK})
        yield bool(got)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
