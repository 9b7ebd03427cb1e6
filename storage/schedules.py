"""Queries about a clinic's schedule: its versions, drafts of the next, and whom a change meets."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import CheckIn, OutboxRow, Patient, ScheduleVersion, TreatmentSession


async def newest(session: AsyncSession, clinic_id: int) -> ScheduleVersion | None:
    """The version in force."""
    return await version(session, clinic_id, None)


async def version(
    session: AsyncSession, clinic_id: int, number: int | None
) -> ScheduleVersion | None:
    """The applied version with this number, or the newest."""
    query = (
        select(ScheduleVersion)
        .where(ScheduleVersion.clinic_id == clinic_id, ScheduleVersion.state == "applied")
        .order_by(col(ScheduleVersion.number).desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(ScheduleVersion.number == number)
    return (await session.exec(query)).first()


async def draft(session: AsyncSession, clinic_id: int, draft_id: int) -> ScheduleVersion | None:
    """A draft of this clinic that was neither applied nor cancelled."""
    query = select(ScheduleVersion).where(
        ScheduleVersion.clinic_id == clinic_id,
        ScheduleVersion.id == draft_id,
        ScheduleVersion.state == "draft",
    )
    return (await session.exec(query)).first()


async def highest_number(session: AsyncSession, clinic_id: int) -> int:
    """The number of the newest version; 0 when there is none."""
    query = select(func.max(ScheduleVersion.number)).where(ScheduleVersion.clinic_id == clinic_id)
    return (await session.exec(query)).one() or 0


async def followed_sessions(
    session: AsyncSession, clinic_id: int, since: datetime
) -> list[tuple[TreatmentSession, Patient]]:
    """Sessions since then of patients who are followed, with whose they are, oldest first."""
    query = (
        select(TreatmentSession, Patient)
        .join(Patient, col(Patient.id) == col(TreatmentSession.patient_id))
        .where(
            TreatmentSession.clinic_id == clinic_id,
            TreatmentSession.at >= since,
            col(TreatmentSession.cancelled_at).is_(None),
            col(Patient.stopped_at).is_(None),
        )
        .order_by(col(TreatmentSession.at), col(TreatmentSession.id))
    )
    return [(found, whose) for found, whose in (await session.exec(query)).all()]


async def scheduled_check_ins(
    session: AsyncSession, clinic_id: int, since: datetime
) -> list[CheckIn]:
    """Every check-in of the schedule, cancelled ones left out, of sessions since then."""
    query = (
        select(CheckIn)
        .join(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(
            CheckIn.clinic_id == clinic_id,
            CheckIn.kind == "check_in",
            CheckIn.state != "cancelled",
            TreatmentSession.at >= since,
        )
        .order_by(col(CheckIn.due_at), col(CheckIn.id))
    )
    return list((await session.exec(query)).all())


async def queued_reminders(
    session: AsyncSession, clinic_id: int
) -> dict[int, tuple[datetime, ...]]:
    """When the reminders to come are due, in order, by check-in."""
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.clinic_id == clinic_id,
            OutboxRow.kind == "reminder",
            OutboxRow.state == "due",
        )
        .order_by(col(OutboxRow.due_at))
    )
    found: dict[int, tuple[datetime, ...]] = {}
    for row in (await session.exec(query)).all():
        check_in_id = row.check_in_id or 0
        found[check_in_id] = (*found.get(check_in_id, ()), row.due_at)
    return found
