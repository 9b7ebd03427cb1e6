"""Raw updates: stored before Telegram is told that we have them, taken in order, done with their
effects.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.leases import LEASE_SECONDS, is_over, lease_now
from storage.statements import insert_for, rows_changed
from storage.tables import ChatTurn, InboxUpdate

# Updates handed out at once, of all chats together.
MOST_AT_ONCE = 400


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


async def waiting(session: AsyncSession, *, busy_chats: Collection[int] = ()) -> bool:
    """Whether an update is not done yet, apart from those of chats that are being served."""
    query = select(InboxUpdate.update_id).where(col(InboxUpdate.done_at).is_(None)).limit(1)
    if busy_chats:
        query = query.where(col(InboxUpdate.chat_id).not_in(busy_chats))
    return (await session.exec(query)).first() is not None


async def undone(session: AsyncSession) -> list[InboxUpdate]:
    """Every update not done yet, in order of their id."""
    query = select(InboxUpdate).where(col(InboxUpdate.done_at).is_(None))
    return list((await session.exec(query.order_by(col(InboxUpdate.update_id)))).all())


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


async def take_turns(
    session: AsyncSession, *, holder: str, finished: Collection[int], most: int
) -> list[InboxUpdate]:
    """Give back the chats that are `finished`, and take up to `most` that nobody serves.

    Of two copies that want the same chat one wins, so a chat's updates stay in order whatever the
    number of copies; a turn is a lease of `LEASE_SECONDS`.

    Returns:
        The updates not done yet of the chats taken, in order of their id.
    """
    await give_back(session, holder, finished)
    lease = await lease_now(session)
    held = select(ChatTurn.chat_id).where(~is_over(col(ChatTurn.held_until), lease))
    waiting_chats = (
        select(InboxUpdate.chat_id)
        .where(col(InboxUpdate.done_at).is_(None), col(InboxUpdate.chat_id).not_in(held))
        .group_by(col(InboxUpdate.chat_id))
        .order_by(func.min(InboxUpdate.update_id))
        .limit(most)
    )
    # In one order everywhere, so that copies that want the same chats never wait in a circle.
    wanted = sorted((await session.exec(waiting_chats)).all())
    if not wanted:
        return []
    turn = {"holder": holder, "held_until": lease + LEASE_SECONDS}
    statement = insert_for(session)(ChatTurn).values([{"chat_id": n, **turn} for n in wanted])
    taken = await session.exec(
        statement.on_conflict_do_update(
            index_elements=["chat_id"],
            set_=turn,
            where=is_over(col(ChatTurn.held_until), lease),
        ).returning(col(ChatTurn.chat_id))
    )
    query = (
        select(InboxUpdate)
        .where(
            col(InboxUpdate.done_at).is_(None),
            col(InboxUpdate.chat_id).in_([chat_id for (chat_id,) in taken.all()]),
        )
        .order_by(col(InboxUpdate.update_id))
        .limit(MOST_AT_ONCE)
    )
    return list((await session.exec(query)).all())


async def keep_turn(session: AsyncSession, holder: str, chat_id: int) -> bool:
    """Begin a chat's lease anew; False when another copy serves it by now."""
    lease = await lease_now(session)
    changed = await rows_changed(
        session,
        update(ChatTurn)
        .where(col(ChatTurn.chat_id) == chat_id, col(ChatTurn.holder) == holder)
        .values(held_until=lease + LEASE_SECONDS),
    )
    return changed == 1


async def give_back(
    session: AsyncSession, holder: str | None = None, chats: Collection[int] | None = None
) -> None:
    """End this copy's turns (without a name: everybody's) with these chats, or with all."""
    if chats is not None and not chats:
        return
    ending = update(ChatTurn).values(held_until=0.0)
    if holder is not None:
        ending = ending.where(col(ChatTurn.holder) == holder)
    if chats is not None:
        ending = ending.where(col(ChatTurn.chat_id).in_(chats))
    await session.exec(ending)
