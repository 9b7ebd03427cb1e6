"""The outbox: what is to be sent or done, and when; taken by lease, most urgent first."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy import select as core_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.leases import LEASE_SECONDS, is_over, lease_now
from storage.statements import insert_for, rows_changed
from storage.tables import OutboxRow


async def add(session: AsyncSession, row: OutboxRow) -> OutboxRow | None:
    """Write a row unless its key is there already; returns it with its id, or None."""
    values = row.model_dump(exclude={"id"})
    result = await session.exec(
        insert_for(session)(OutboxRow)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxRow.id)
    )
    row.id = result.scalar_one_or_none()
    return row if row.id is not None else None


async def claim(
    session: AsyncSession, *, now: datetime, lane: str, holder: str, limit: int
) -> list[OutboxRow]:
    """Take up to `limit` due rows of a lane for `LEASE_SECONDS`, most urgent first.

    1. A row is free when nobody holds it: its lease is over, or lies further ahead than any lease
       can (the
       machine's clock began anew).
    2. The choice is made in a materialized subquery that skips rows another copy is taking
       (PostgreSQL); SQLite has
       one writer at a time anyway.
    3. RETURNING has no order, so the rows are sorted here.
    """
    lease = await lease_now(session)
    free = (
        core_select(col(OutboxRow.id))
        .where(
            col(OutboxRow.state) == "due",
            col(OutboxRow.lane) == lane,
            col(OutboxRow.due_at) <= now,
            is_over(col(OutboxRow.held_until), lease),
        )
        .order_by(col(OutboxRow.priority), col(OutboxRow.due_at), col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    claimed = (
        await session.exec(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(core_select(free.c.id)))
            .values(
                held_until=lease + LEASE_SECONDS,
                uncertain=col(OutboxRow.uncertain) | col(OutboxRow.holder).is_not(None),
                holder=holder,
                claims=OutboxRow.claims + 1,
            )
            .returning(OutboxRow)
            .execution_options(synchronize_session=False)
        )
    ).scalars()
    return sorted(claimed, key=lambda row: (row.priority, row.due_at, row.id))


async def finish(
    session: AsyncSession, row_id: int, holder: str, values: dict[str, object]
) -> bool:
    """Write how a row ended; False when the lease was lost to another copy meanwhile."""
    changed = await rows_changed(
        session,
        update(OutboxRow)
        .where(
            col(OutboxRow.id) == row_id,
            col(OutboxRow.holder) == holder,
            col(OutboxRow.state) == "due",
        )
        .values(holder=None, **values),
    )
    return changed == 1


async def release(session: AsyncSession, holder: str) -> None:
    """Give back every row this process holds: it is stopping in good order."""
    await session.exec(
        update(OutboxRow)
        .where(col(OutboxRow.holder) == holder, col(OutboxRow.state) == "due")
        .values(holder=None, held_until=0.0)
    )


async def row(session: AsyncSession, row_id: int) -> OutboxRow | None:
    """One row."""
    return await session.get(OutboxRow, row_id)


async def by_key(session: AsyncSession, key: str) -> OutboxRow | None:
    """The row with this unique key."""
    return (await session.exec(select(OutboxRow).where(OutboxRow.key == key))).first()


async def sent_as(session: AsyncSession, chat_id: int, message_id: int) -> OutboxRow | None:
    """The row that became this message."""
    query = select(OutboxRow).where(
        OutboxRow.chat_id == chat_id, OutboxRow.message_id == message_id
    )
    return (await session.exec(query)).first()


async def copies(session: AsyncSession, alert_id: int, kinds: Sequence[str]) -> list[OutboxRow]:
    """The messages of these kinds that were sent for an alert, oldest first."""
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.alert_id == alert_id,
            col(OutboxRow.kind).in_(kinds),
            col(OutboxRow.message_id).is_not(None),
        )
        .order_by(col(OutboxRow.id))
    )
    return list((await session.exec(query)).all())


async def cancel(
    session: AsyncSession,
    *,
    at: datetime,
    kinds: Collection[str],
    check_in_id: int | None = None,
    session_id: int | None = None,
    alert_id: int | None = None,
    patient_id: int | None = None,
) -> int:
    """Call off rows still due of these kinds that belong to what is named; returns how many.

    Raises:
        ValueError: nothing is named; a whole table is never called off.
    """
    named = {
        "check_in_id": check_in_id,
        "session_id": session_id,
        "alert_id": alert_id,
        "patient_id": patient_id,
    }
    conditions = [
        col(getattr(OutboxRow, name)) == value
        for name, value in named.items()
        if value is not None
    ]
    if not conditions:
        raise ValueError("say whose rows are called off")
    return await rows_changed(
        session,
        update(OutboxRow)
        .where(col(OutboxRow.state) == "due", col(OutboxRow.kind).in_(kinds), *conditions)
        .values(state="cancelled", ended_at=at),
    )


async def due_rows(
    session: AsyncSession, *, kinds: Collection[str] = (), check_in_id: int | None = None,
    alert_id: int | None = None,
) -> list[OutboxRow]:  # fmt: skip
    """Rows still to come, soonest first."""
    query = select(OutboxRow).where(OutboxRow.state == "due").order_by(col(OutboxRow.due_at))
    if kinds:
        query = query.where(col(OutboxRow.kind).in_(kinds))
    if check_in_id is not None:
        query = query.where(OutboxRow.check_in_id == check_in_id)
    if alert_id is not None:
        query = query.where(OutboxRow.alert_id == alert_id)
    return list((await session.exec(query)).all())


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next row is due."""
    query = select(func.min(OutboxRow.due_at)).where(OutboxRow.state == "due")
    return (await session.exec(query)).one()


async def written_for(
    session: AsyncSession, clinic_id: int, kinds: Collection[str], since: datetime
) -> int:
    """How many rows of these kinds a clinic has from then on, whatever became of them."""
    query = select(func.count()).where(
        OutboxRow.clinic_id == clinic_id,
        col(OutboxRow.kind).in_(kinds),
        OutboxRow.created_at >= since,
    )
    return (await session.exec(query)).one()


async def hurry(session: AsyncSession, patient_id: int, now: datetime) -> None:
    """What waited for this patient to join is due now."""
    await session.exec(
        update(OutboxRow)
        .where(
            col(OutboxRow.patient_id) == patient_id,
            col(OutboxRow.state) == "due",
            col(OutboxRow.error) == "not joined",
        )
        .values(due_at=now)
    )


async def postpone(
    session: AsyncSession, row_id: int, holder: str, due_at: datetime, reason: str
) -> None:
    """The row cannot go now: it is due again at `due_at`."""
    await finish(
        session,
        row_id,
        holder,
        {"due_at": due_at, "held_until": 0.0, "error": reason, "claims": 0},
    )


async def note_sent(session: AsyncSession, row_id: int, values: dict[str, object]) -> None:
    """A message left although its row was called off or taken over meanwhile: remember its ids.

    A row that is still due has no more to do, whoever holds it: it ends as `values` say.
    """
    named = col(OutboxRow.id) == row_id
    ids = {"chat_id": values["chat_id"], "message_id": values["message_id"]}
    await session.exec(update(OutboxRow).where(named).values(**ids))
    await session.exec(
        update(OutboxRow).where(named, col(OutboxRow.state) == "due").values(holder=None, **values)
    )


async def recover(session: AsyncSession, holder: str | None = None) -> int:
    """Free what a dead copy of the bot held, or (without a name) what anybody held: for a start
    that knows that no other copy is running.

    The holder's name stays, so that whoever takes a row next knows it may have been sent.
    """
    named = col(OutboxRow.holder)
    held = named.is_not(None) if holder is None else named == holder
    return await rows_changed(
        session,
        update(OutboxRow).where(col(OutboxRow.state) == "due", held).values(held_until=0.0),
    )


async def from_the_future(
    session: AsyncSession, now: datetime, *, apart_from: Collection[str]
) -> list[OutboxRow]:
    """Urgent rows still due, of other kinds than these, that were written after `now`: the clock
    has been set back since.
    """
    query = select(OutboxRow).where(
        OutboxRow.state == "due",
        OutboxRow.lane == "urgent",
        OutboxRow.created_at > now,
        col(OutboxRow.kind).not_in(apart_from),
    )
    return list((await session.exec(query)).all())
