"""Copies of the bot on one PostgreSQL database: who lives, who has the duty, what the dead held.

A living copy holds an advisory lock on a connection of its own; the server lets go of it the
moment the process dies, whatever killed it.
"""

from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.inbox
import storage.outbox
from storage.tables import Copy

# The two halves of an advisory lock's name; any numbers will do, the same ones in every copy.
_LIFE, _DUTY = 7_350_117, 7_350_118
# The number of who keeps every copy out, to restore a backup; copies are numbered from 1.
KEPT_OUT = 0
# A process that is frozen asks nothing for so long: the server ends its connection, and its locks.
_FROZEN_AFTER = "10s"


async def register(session: AsyncSession, holder: str, at: datetime) -> int:
    """Write a copy down; returns its number."""
    copy = Copy(holder=holder, started_at=at)
    session.add(copy)
    await session.flush()
    return copy.number or 0


async def prepare(connection: AsyncConnection) -> None:
    """Make the connection one that ends soon after its process froze or its machine vanished."""
    for setting in (
        f"idle_session_timeout = '{_FROZEN_AFTER}'",
        "tcp_keepalives_idle = 5",
        "tcp_keepalives_interval = 2",
        "tcp_keepalives_count = 3",
    ):
        await connection.execute(text(f"SET {setting}"))


async def live(connection: AsyncConnection, number: int) -> bool:
    """Show that the copy with this number lives, for as long as this connection does."""
    return await _lock(connection, _LIFE, number)


async def take_duty(connection: AsyncConnection) -> bool:
    """Take what only one copy does at a time; False while another has it."""
    return await _lock(connection, _DUTY, 0)


async def keep_out(connection: AsyncConnection) -> bool:
    """Let no copy begin to serve for as long as this connection lives; False when one serves."""
    return await _lock(connection, _LIFE, KEPT_OUT) and await living(connection) == {KEPT_OUT}


async def living(connection: AsyncConnection) -> set[int]:
    """The numbers of the copies that live."""
    found = await connection.execute(
        text(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            " AND classid::bigint = CAST(:life AS bigint) AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ),
        {"life": _LIFE},
    )
    return {int(number) for number in found.scalars()}


async def registered(session: AsyncSession) -> list[Copy]:
    """Every copy that has not ended in good order, oldest first."""
    return list((await session.exec(select(Copy).order_by(col(Copy.number)))).all())


async def leave(session: AsyncSession, holder: str) -> None:
    """A copy ends in good order: what it holds is free."""
    await storage.outbox.release(session, holder)
    await storage.inbox.give_back(session, holder)
    await session.exec(delete(Copy).where(col(Copy.holder) == holder))


async def begin_alone(session: AsyncSession) -> None:
    """No other copy can be there: whatever is held, a dead one held."""
    await storage.outbox.recover(session)
    await storage.inbox.give_back(session)
    await session.exec(delete(Copy))


async def bury(session: AsyncSession, holder: str) -> int:
    """A copy died: what it held is free, messages among it as possibly sent; returns how many."""
    freed = await storage.outbox.recover(session, holder)
    await storage.inbox.give_back(session, holder)
    await session.exec(delete(Copy).where(col(Copy.holder) == holder))
    return freed


async def _lock(connection: AsyncConnection, name: int, number: int) -> bool:
    """Take an advisory lock for this connection; asking again when it has it changes nothing."""
    held = await connection.scalar(
        text(
            "SELECT CASE WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
            " AND objsubid = 2 AND pid = pg_backend_pid()"
            " AND classid::bigint = CAST(:held AS bigint) AND objid::bigint = CAST(:by AS bigint))"
            " THEN true ELSE pg_try_advisory_lock(CAST(:name AS int), CAST(:number AS int)) END"
        ),
        {"held": name, "by": number, "name": name, "number": number},
    )
    return bool(held)
