"""Small helpers that every noun's queries share."""

from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable
from sqlmodel.ext.asyncio.session import AsyncSession


async def rows_changed(session: AsyncSession, statement: Executable) -> int:
    """Execute an UPDATE or DELETE and believe its row count: it says who won."""
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount


def insert_for(session: AsyncSession) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert
    return sqlite.insert
