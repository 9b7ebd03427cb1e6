"""Counts for the health page, the metrics and /status; nothing here changes anything."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.drills import of_real_patients
from storage.tables import Alert, InboxUpdate, Note, OutboxRow


@dataclass(frozen=True)
class Due:
    """Rows of one kind that are due: how many, and since when the oldest is (aware UTC)."""

    lane: str
    kind: str
    rows: int
    oldest: datetime


@dataclass(frozen=True)
class OpenAlerts:
    """Alerts of one level and state that nobody closed; `oldest`: since when one is like that."""

    level: str
    state: str
    count: int
    oldest: datetime


async def due(session: AsyncSession, now: datetime) -> list[Due]:
    """What is due now, by lane and kind."""
    query = (
        select(OutboxRow.lane, OutboxRow.kind, func.count(), func.min(OutboxRow.due_at))
        .where(OutboxRow.state == "due", OutboxRow.due_at <= now)
        .group_by(OutboxRow.lane, OutboxRow.kind)
    )
    return [Due(*row) for row in (await session.exec(query)).all()]


async def alerts(session: AsyncSession) -> list[OpenAlerts]:
    """Alerts that nobody closed, by level and state."""
    query = (
        select(Alert.level, Alert.state, func.count(), func.min(Alert.opened_at))
        .where(Alert.state != "closed", of_real_patients(col(Alert.patient_id)))
        .group_by(Alert.level, Alert.state)
    )
    return [OpenAlerts(*row) for row in (await session.exec(query)).all()]


async def inbox_waiting(session: AsyncSession) -> int:
    """Updates that were stored and not handled yet."""
    query = select(func.count()).where(col(InboxUpdate.done_at).is_(None))
    return (await session.exec(query)).one()


async def ended(
    session: AsyncSession, clinic_id: int, start: datetime, end: datetime
) -> dict[str, int]:
    """How a clinic's messages ended in [start, end): by state, and "late" and "uncertain" among
    those sent (late: more than 15 minutes after they were due).
    """
    query = select(OutboxRow.state, OutboxRow.uncertain, OutboxRow.due_at, OutboxRow.ended_at)
    query = query.where(
        OutboxRow.clinic_id == clinic_id,
        col(OutboxRow.chat_id).is_not(None) | (OutboxRow.state != "sent"),
        col(OutboxRow.ended_at) >= start,
        col(OutboxRow.ended_at) < end,
    )
    counts = dict.fromkeys(("sent", "missed", "failed", "cancelled", "late", "uncertain"), 0)
    for state, uncertain, due_at, ended_at in (await session.exec(query)).all():
        counts[state] += 1
        if state == "sent" and ended_at is not None:
            counts["late"] += (ended_at - due_at).total_seconds() > _LATE_SECONDS
            counts["uncertain"] += bool(uncertain)
    return counts


_LATE_SECONDS = 15 * 60


async def notes(session: AsyncSession, clinic_id: int, since: datetime) -> int:
    """What patients wrote or sent since then."""
    query = select(func.count()).where(Note.clinic_id == clinic_id, Note.at >= since)
    return (await session.exec(query)).one()
