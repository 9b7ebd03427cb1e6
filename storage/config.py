"""Queries about what a clinic has set."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import ScheduleStep


async def all_steps(session: AsyncSession, clinic_id: int) -> list[ScheduleStep]:
    """Every step of the schedule, those switched off included, in the order they come."""
    query = (
        select(ScheduleStep)
        .where(ScheduleStep.clinic_id == clinic_id)
        .order_by(col(ScheduleStep.hours), col(ScheduleStep.step))
    )
    return list((await session.exec(query)).all())
