"""Queries about the bot's own heartbeat and the protocol versions in use."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Heartbeat, ProtocolVersion


async def beat(session: AsyncSession, name: str, at: datetime) -> None:
    """Note that `name` was alive at this moment."""
    found = await session.get(Heartbeat, name)
    if found is None:
        found = Heartbeat(name=name, at=at)
    found.at = at
    session.add(found)
    await session.flush()


async def last_beat(session: AsyncSession, name: str) -> datetime | None:
    """When `name` was last known alive."""
    found = await session.get(Heartbeat, name)
    return found.at if found else None


async def protocol_versions(session: AsyncSession, clinic_id: int) -> list[ProtocolVersion]:
    """The protocol versions a clinic has used, oldest first."""
    query = (
        select(ProtocolVersion)
        .where(ProtocolVersion.clinic_id == clinic_id)
        .order_by(col(ProtocolVersion.version))
    )
    return list((await session.exec(query)).all())
