"""Queries for what is kept for so long only: identities, and raw updates."""

from datetime import datetime

from sqlalchemy import delete, exists
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.leases import is_over, lease_now
from storage.tables import ChatTurn, InboxUpdate, Patient, TreatmentSession


async def consents(session: AsyncSession, clinic_id: int) -> list[tuple[int, int]]:
    """Each version of the consent that patients agreed to, and how many did."""
    query = (
        select(Patient.consent_version, func.count())
        .where(Patient.clinic_id == clinic_id, col(Patient.consent_version).is_not(None))
        .group_by(col(Patient.consent_version))
        .order_by(col(Patient.consent_version))
    )
    return [(version or 0, number) for version, number in (await session.exec(query)).all()]


async def without_session_since(
    session: AsyncSession, clinic_id: int, before: datetime, most: int
) -> list[Patient]:
    """Up to `most` patients whose identity is still known and whose last session, and whose
    record's beginning, lie before then.
    """
    later = exists().where(
        col(TreatmentSession.patient_id) == col(Patient.id), col(TreatmentSession.at) >= before
    )
    known = col(Patient.chat_id).is_not(None) | (Patient.name != "") | (Patient.phone != "")
    query = (
        select(Patient)
        .where(Patient.clinic_id == clinic_id, Patient.created_at < before, known, ~later)
        .order_by(col(Patient.id))
        .limit(most)
    )
    return list((await session.exec(query)).all())


async def delete_handled(session: AsyncSession, before: datetime) -> None:
    """Delete the raw updates that were handled well before then, and the turns of chats that have
    none left. Those that failed are kept whole.
    """
    await session.exec(
        delete(InboxUpdate).where(
            col(InboxUpdate.done_at) < before, col(InboxUpdate.error).is_(None)
        )
    )
    lease = await lease_now(session)
    left = exists().where(col(InboxUpdate.chat_id) == col(ChatTurn.chat_id))
    await session.exec(delete(ChatTurn).where(~left, is_over(col(ChatTurn.held_until), lease)))
