"""Queries about what clinicians write to patients, or note about them."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.statements import rows_changed
from storage.tables import StaffMessage


async def letter(session: AsyncSession, clinic_id: int, letter_id: int) -> StaffMessage | None:
    """A message of this clinic's staff."""
    query = select(StaffMessage).where(
        StaffMessage.clinic_id == clinic_id, StaffMessage.id == letter_id
    )
    return (await session.exec(query)).first()


async def of_patient(session: AsyncSession, patient_id: int) -> list[StaffMessage]:
    """What staff kept or sent about a patient, oldest first; drafts are nobody's business yet."""
    query = (
        select(StaffMessage)
        .where(StaffMessage.patient_id == patient_id, StaffMessage.state != "draft")
        .order_by(col(StaffMessage.id))
    )
    return list((await session.exec(query)).all())


async def decide(session: AsyncSession, letter_id: int, state: str, at: datetime) -> bool:
    """A draft becomes "kept" or "sent"; False when that was decided already."""
    changed = await rows_changed(
        session,
        update(StaffMessage)
        .where(col(StaffMessage.id) == letter_id, col(StaffMessage.state) == "draft")
        .values(state=state, ended_at=at),
    )
    return changed == 1


async def awaiting(
    session: AsyncSession, patient_ids: list[int], since: datetime
) -> StaffMessage | None:
    """The newest message sent to one of these patients since then that has no answer yet."""
    query = (
        select(StaffMessage)
        .where(
            col(StaffMessage.patient_id).in_(patient_ids),
            StaffMessage.state == "sent",
            col(StaffMessage.ended_at) >= since,
        )
        .order_by(col(StaffMessage.id).desc())
    )
    return (await session.exec(query)).first()
