"""Raw updates: stored before Telegram is told that we have them, taken in order, done with their
effects.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.statements import insert_for, rows_changed
from storage.tables import InboxUpdate


async def store(session: AsyncSession, updates: Sequence[InboxUpdate]) -> None:
    """Add the updates that are not there yet; one that came twice is known by its `update_id`."""
    if not updates:
        return
    rows = [row.model_dump() for row in updates]
    await session.exec(
        insert_for(session)(InboxUpdate)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["update_id"])
    )


async def waiting(
    session: AsyncSession, *, busy_chats: Collection[int], limit: int
) -> list[InboxUpdate]:
    """Updates not done yet, in order of their id, without those of chats that are being served."""
    query = (
        select(InboxUpdate)
        .where(col(InboxUpdate.done_at).is_(None))
        .order_by(col(InboxUpdate.update_id))
        .limit(limit)
    )
    if busy_chats:
        query = query.where(col(InboxUpdate.chat_id).not_in(busy_chats))
    return list((await session.exec(query)).all())


async def finish(session: AsyncSession, update_id: int, at: datetime) -> bool:
    """Mark an update done; False when another copy of the bot has done it already."""
    changed = await rows_changed(
        session,
        update(InboxUpdate)
        .where(col(InboxUpdate.update_id) == update_id, col(InboxUpdate.done_at).is_(None))
        .values(done_at=at),
    )
    return changed == 1


async def fail(session: AsyncSession, update_id: int, error: str, at: datetime) -> None:
    """An update that failed for its own sake: kept whole with the error's class, and no longer
    waiting.
    """
    await session.exec(
        update(InboxUpdate)
        .where(col(InboxUpdate.update_id) == update_id)
        .values(error=error, done_at=at, attempts=InboxUpdate.attempts + 1)
    )


async def newest_id(session: AsyncSession) -> int | None:
    """The highest update id stored, so that polling goes on behind it."""
    return (await session.exec(select(func.max(InboxUpdate.update_id)))).one()
