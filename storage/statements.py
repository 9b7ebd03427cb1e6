"""Small helpers that every noun's queries share."""

from typing import Any

from sqlalchemy import CursorResult, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession


async def rows_changed(session: AsyncSession, statement: UpdateBase) -> int:
    """Execute an UPDATE or DELETE and believe its row count: it says who won."""
    result: CursorResult[Any] = await session.exec(statement)
    return result.rowcount


def insert_for(session: AsyncSession) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert
    return sqlite.insert


def is_deadlock(error: Exception) -> bool:
    """Whether PostgreSQL ended the transaction so that another could go on: simply try again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "40P01"
