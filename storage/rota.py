"""Queries about the rota: who is away, and every change with what was before."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Absence, Clinic, RotaChange


async def absences(session: AsyncSession, clinic_id: int) -> list[Absence]:
    """Every absence on file, soonest first."""
    query = (
        select(Absence)
        .where(Absence.clinic_id == clinic_id)
        .order_by(col(Absence.first), col(Absence.last), col(Absence.id))
    )
    return list((await session.exec(query)).all())


async def absent_on(session: AsyncSession, clinic_id: int, day: date) -> frozenset[int]:
    """The ids of those who are away on this day of the clinic's calendar."""
    query = select(Absence.person_id).where(
        Absence.clinic_id == clinic_id, Absence.first <= day, Absence.last >= day
    )
    return frozenset((await session.exec(query)).all())


async def replace_absences(
    session: AsyncSession, clinic_id: int, spans: Iterable[tuple[int, date, date]]
) -> None:
    """From now on the absences are these: (person id, first day, last day)."""
    await session.exec(delete(Absence).where(col(Absence.clinic_id) == clinic_id))
    for person_id, first, last in sorted(set(spans)):
        session.add(Absence(clinic_id=clinic_id, person_id=person_id, first=first, last=last))
    await session.flush()


async def locked_clinic(session: AsyncSession, clinic_id: int) -> Clinic | None:
    """The clinic, held until this transaction ends: its rota is changed by one at a time."""
    query = (
        select(Clinic)
        .where(Clinic.id == clinic_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(query)).first()


async def latest_change(session: AsyncSession, clinic_id: int) -> RotaChange | None:
    """The newest change of the rota."""
    query = (
        select(RotaChange)
        .where(RotaChange.clinic_id == clinic_id)
        .order_by(col(RotaChange.version).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def change(session: AsyncSession, clinic_id: int, version: int) -> RotaChange | None:
    """The change that made this version."""
    query = select(RotaChange).where(
        RotaChange.clinic_id == clinic_id, RotaChange.version == version
    )
    return (await session.exec(query)).first()
