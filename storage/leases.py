"""The clock that leases run on: one that nobody sets."""

import time

from sqlalchemy import ColumnElement, text
from sqlalchemy.orm import Mapped
from sqlmodel.ext.asyncio.session import AsyncSession

LEASE_SECONDS = 60.0
# No lease lies further ahead; one that seems to was given before the machine's clock began anew.
_FURTHEST_SECONDS = 86_400.0


async def lease_now(session: AsyncSession) -> float:
    """Seconds on a clock that nobody sets: the database's on PostgreSQL, else the machine's.

    SQLite's users share one machine, whose monotonic clock is the same in every process.
    """
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()
        now = await connection.execute(
            text("SELECT extract(epoch FROM clock_timestamp())::float8")
        )
        return float(now.scalar_one())
    return time.monotonic()


def is_over(held_until: Mapped[float], lease: float) -> ColumnElement[bool]:
    """Whether a lease until `held_until` is over at `lease` (seconds, see `lease_now`)."""
    return (held_until <= lease) | (held_until > lease + _FURTHEST_SECONDS)
