"""Queries about alerts and their events."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.statements import rows_changed
from storage.tables import Alert, AlertEvent, Note


async def alert(session: AsyncSession, clinic_id: int, alert_id: int) -> Alert | None:
    """An alert of this clinic."""
    query = select(Alert).where(Alert.clinic_id == clinic_id, Alert.id == alert_id)
    return (await session.exec(query)).first()


async def open_alert(
    session: AsyncSession, patient_id: int, session_id: int | None
) -> Alert | None:
    """The alert not yet closed for this session, its own or one it shares with others; or for the
    patient where there is no session.
    """
    query = select(Alert).where(Alert.patient_id == patient_id, col(Alert.state) != "closed")
    found = (await session.exec(query.order_by(col(Alert.id)))).all()
    own = [alert for alert in found if alert.session_id == session_id]
    return next(
        iter([*own, *(alert for alert in found if session_id in alert.also_sessions)]), None
    )


async def open_alerts(session: AsyncSession, clinic_id: int) -> list[Alert]:
    """A clinic's alerts that nobody closed yet, most severe first, then oldest."""
    query = (
        select(Alert)
        .where(Alert.clinic_id == clinic_id, col(Alert.state) != "closed")
        .order_by(col(Alert.id))
    )
    severity = {"emergency": 0, "urgent": 1, "watch": 2, "none": 3}
    return sorted((await session.exec(query)).all(), key=lambda found: severity[found.level])


async def acknowledged(session: AsyncSession) -> list[Alert]:
    """Every alert that somebody has taken and nobody has closed, of all clinics."""
    query = select(Alert).where(Alert.state == "acknowledged").order_by(col(Alert.id))
    return list((await session.exec(query)).all())


async def alerts_of_patient(session: AsyncSession, patient_id: int) -> list[Alert]:
    """A patient's alerts, newest first."""
    query = select(Alert).where(Alert.patient_id == patient_id).order_by(col(Alert.id).desc())
    return list((await session.exec(query)).all())


async def acknowledge(session: AsyncSession, alert_id: int, person_id: int, at: datetime) -> bool:
    """Take an open alert; False when somebody was faster or it is closed."""
    changed = await rows_changed(
        session,
        update(Alert)
        .where(col(Alert.id) == alert_id, col(Alert.state) == "open")
        .values(state="acknowledged", acknowledged_by=person_id, acknowledged_at=at),
    )
    return changed == 1


async def close(session: AsyncSession, alert_id: int, values: dict[str, object]) -> bool:
    """Close an alert; False when it was closed already."""
    changed = await rows_changed(
        session,
        update(Alert)
        .where(col(Alert.id) == alert_id, col(Alert.state) != "closed")
        .values(state="closed", **values),
    )
    return changed == 1


async def events(session: AsyncSession, alert_id: int) -> list[AlertEvent]:
    """What happened to an alert, in order."""
    query = select(AlertEvent).where(AlertEvent.alert_id == alert_id).order_by(col(AlertEvent.id))
    return list((await session.exec(query)).all())


async def notes_since(
    session: AsyncSession, patient_id: int, since: datetime, kinds: Sequence[str]
) -> list[Note]:
    """The patient's notes of these kinds that came at or after a moment, oldest first."""
    query = (
        select(Note)
        .where(Note.patient_id == patient_id, Note.at >= since, col(Note.kind).in_(kinds))
        .order_by(col(Note.id))
    )
    return list((await session.exec(query)).all())
