"""The audit chain's rows: appended last in a transaction, under a lock per clinic."""

from collections.abc import AsyncIterator

from sqlalchemy import String, cast, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import AuditEntry

_LOCK_SPACE = 7350


async def lock(session: AsyncSession, clinic_id: int) -> None:
    """Hold the clinic's chain until the transaction ends, so that copies of the bot cannot fork
    it.
    """
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:space, :clinic)"),
            {"space": _LOCK_SPACE, "clinic": clinic_id},
        )


async def last(session: AsyncSession, clinic_id: int) -> AuditEntry | None:
    """The newest entry of the chain."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.clinic_id == clinic_id)
        .order_by(col(AuditEntry.seq).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def entries(session: AsyncSession, clinic_id: int) -> AsyncIterator[AuditEntry]:
    """The chain from its beginning, a few hundred at a time."""
    after = 0
    while True:
        query = (
            select(AuditEntry)
            .where(AuditEntry.clinic_id == clinic_id, AuditEntry.seq > after)
            .order_by(col(AuditEntry.seq))
            .limit(500)
        )
        batch = (await session.exec(query)).all()
        for entry in batch:
            yield entry
        if not batch:
            return
        after = batch[-1].seq


async def page(
    session: AsyncSession, clinic_id: int, *, before: int | None, limit: int, about: str = ""
) -> list[AuditEntry]:
    """The newest entries with a `seq` below `before`, newest first; `about`: only those that name
    this ref.
    """
    query = select(AuditEntry).where(AuditEntry.clinic_id == clinic_id)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    if about:
        query = query.where(
            or_(
                col(AuditEntry.subject).contains(about, autoescape=True),
                col(AuditEntry.actor).contains(about, autoescape=True),
                cast(AuditEntry.detail, String).contains(about, autoescape=True),
            )
        )
    return list(
        (await session.exec(query.order_by(col(AuditEntry.seq).desc()).limit(limit))).all()
    )
