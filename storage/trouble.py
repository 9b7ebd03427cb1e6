"""When the database is away: telling that from a mistake of ours, and saying it once, not on
every try.
"""

import sqlite3
import time

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

log = structlog.get_logger()

# What a later try may change: locked, out of memory, read-only, disk trouble, damaged, full, gone.
_SQLITE = {
    sqlite3.SQLITE_BUSY: "locked by another program",
    sqlite3.SQLITE_LOCKED: "locked by another program",
    sqlite3.SQLITE_NOMEM: "no memory left",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "locked by another program",
    sqlite3.SQLITE_NOTADB: "the file is no database",
}
# PostgreSQL's classes of errors, and single ones, that speak of the server and not of us.
_POSTGRESQL = {
    "08": "no connection",
    "25006": "it may not be written",
    "40": "another transaction was in the way",
    "53100": "the disk is full",
    "53": "the server has no room",
    "57": "the server stops or starts",
    "58": "the server's disk has a fault",
}


class DatabaseAwayError(Exception):
    """The database cannot be reached at all."""


def away(error: BaseException) -> str | None:
    """Why the database is away, in a few words; None when the error means something else."""
    if isinstance(error, DatabaseAwayError):
        return str(error)
    if isinstance(error, PoolTimeoutError):
        return "no free connection"
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return _SQLITE.get(getattr(original, "sqlite_errorcode", 0) & 0xFF)
    state = str(getattr(original, "sqlstate", None) or "")
    for length in (5, 2):
        if state and (words := _POSTGRESQL.get(state[:length])):
            return words
    return "the connection broke" if error.connection_invalidated else None


class Weather:
    """Whether the database was there when last used; a change is logged once.

    Attributes:
        fault: why it is away; None while it is there.
    """

    def __init__(self) -> None:
        self.fault: str | None = None
        self._since = 0.0

    def fair(self) -> None:
        """It was used and all went well."""
        if self.fault is not None:
            log.warning("database_back", after=round(time.monotonic() - self._since, 1))
            self.fault = None

    def foul(self, error: BaseException) -> None:
        """Something went wrong while it was used."""
        why = away(error)
        if why is None or why == _POSTGRESQL["40"]:
            return
        if self.fault is None:
            self._since = time.monotonic()
        if self.fault != why:
            log.error("database_unavailable", reason=why, error=type(error).__name__)
        self.fault = why
