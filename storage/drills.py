"""Drills: how they stand, what their synthetic patient has, and its removal when all is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import (
    Alert,
    AlertEvent,
    Answer,
    Assessment,
    CheckIn,
    Drill,
    InboxUpdate,
    Invite,
    Note,
    OutboxRow,
    Patient,
    StaffMessage,
    TreatmentSession,
)


async def drill(session: AsyncSession, drill_id: int) -> Drill | None:
    """One drill."""
    return await session.get(Drill, drill_id)


async def running(session: AsyncSession, clinic_id: int) -> Drill | None:
    """The clinic's drill that is under way."""
    query = select(Drill).where(Drill.clinic_id == clinic_id, Drill.state == "running")
    return (await session.exec(query.order_by(col(Drill.id).desc()))).first()


async def latest(session: AsyncSession, clinic_id: int) -> Drill | None:
    """The clinic's newest drill, under way or over."""
    query = select(Drill).where(Drill.clinic_id == clinic_id)
    return (await session.exec(query.order_by(col(Drill.id).desc()).limit(1))).first()


async def is_synthetic(session: AsyncSession, patient_id: int) -> bool:
    """Whether this patient is nobody real."""
    query = select(Patient.synthetic).where(Patient.id == patient_id)
    return bool((await session.exec(query)).first())


async def invite(session: AsyncSession, patient_id: int) -> Invite | None:
    """The patient's link."""
    return (await session.exec(select(Invite).where(Invite.patient_id == patient_id))).first()


async def update(session: AsyncSession, update_id: int) -> InboxUpdate | None:
    """One update of the inbox."""
    return await session.get(InboxUpdate, update_id)


async def check_in(session: AsyncSession, patient_id: int) -> CheckIn | None:
    """The check-in of a drill: the only one its patient has by schedule."""
    query = select(CheckIn).where(CheckIn.patient_id == patient_id, CheckIn.kind == "check_in")
    return (await session.exec(query)).first()


async def alert(session: AsyncSession, patient_id: int) -> Alert | None:
    """The alert that a drill's danger sign has raised."""
    query = select(Alert).where(Alert.patient_id == patient_id)
    return (await session.exec(query.order_by(col(Alert.id)))).first()


async def alert_has(session: AsyncSession, alert_id: int, kind: str) -> bool:
    """Whether this happened to the alert."""
    query = select(AlertEvent.id).where(AlertEvent.alert_id == alert_id, AlertEvent.kind == kind)
    return (await session.exec(query.limit(1))).first() is not None


async def rows(session: AsyncSession, patient_id: int, *kinds: str) -> list[OutboxRow]:
    """Messages of these kinds about the patient, in the order they were written."""
    query = select(OutboxRow).where(
        OutboxRow.patient_id == patient_id, col(OutboxRow.kind).in_(kinds)
    )
    return list((await session.exec(query.order_by(col(OutboxRow.id)))).all())


async def cancel_all(session: AsyncSession, patient_id: int, at: datetime, *but: str) -> None:
    """Whatever is still to come about the patient is called off, but for these kinds."""
    query = select(OutboxRow).where(
        OutboxRow.patient_id == patient_id,
        OutboxRow.state == "due",
        col(OutboxRow.kind).not_in(but),
    )
    for row in (await session.exec(query)).all():
        row.state, row.ended_at, row.holder = "cancelled", at, None
        session.add(row)


async def still_due(session: AsyncSession, patient_id: int, *but: str) -> int:
    """How many rows about the patient have not ended yet, apart from these kinds."""
    query = select(func.count()).where(
        OutboxRow.patient_id == patient_id,
        OutboxRow.state == "due",
        col(OutboxRow.kind).not_in(but),
    )
    return (await session.exec(query)).one()


def of_real_patients(patient_id: Any) -> ColumnElement[bool]:
    """The condition that a column names no synthetic patient."""
    synthetic = select(Patient.id).where(col(Patient.synthetic).is_(True))
    return or_(patient_id.is_(None), patient_id.not_in(synthetic))


async def remove(session: AsyncSession, patient_id: int) -> None:
    """Take a synthetic patient away with everything that belongs to them.

    Raises:
        ValueError: the patient is real; nothing is removed.
    """
    if not await is_synthetic(session, patient_id):
        raise ValueError("a real patient is never removed")
    checks = select(CheckIn.id).where(CheckIn.patient_id == patient_id)
    alerts = select(Alert.id).where(Alert.patient_id == patient_id)
    for table, condition in (
        (OutboxRow, or_(col(OutboxRow.patient_id) == patient_id,
                        col(OutboxRow.alert_id).in_(alerts))),
        (StaffMessage, col(StaffMessage.patient_id) == patient_id),
        (Note, col(Note.patient_id) == patient_id),
        (AlertEvent, col(AlertEvent.alert_id).in_(alerts)),
        (Alert, col(Alert.patient_id) == patient_id),
        (Answer, col(Answer.check_in_id).in_(checks)),
        (Assessment, col(Assessment.check_in_id).in_(checks)),
        (CheckIn, col(CheckIn.patient_id) == patient_id),
        (TreatmentSession, col(TreatmentSession.patient_id) == patient_id),
        (Invite, col(Invite.patient_id) == patient_id),
        (Patient, col(Patient.id) == patient_id),
    ):  # fmt: skip
        await session.exec(
            delete(table).where(condition).execution_options(synchronize_session=False)
        )
