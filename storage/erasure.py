"""What is stored about one patient: read for their own file, and taken away when they ask."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import (
    Assessment,
    AuditEntry,
    ChatTurn,
    CheckIn,
    InboxUpdate,
    Invite,
    Note,
    OutboxRow,
    Patient,
    Person,
    StaffMessage,
    TreatmentSession,
)


async def messages_to(session: AsyncSession, patient_id: int) -> list[OutboxRow]:
    """Every message about this patient that was sent to the patient, oldest first."""
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.patient_id == patient_id,
            col(OutboxRow.person_id).is_(None),
            col(OutboxRow.message_id).is_not(None),
        )
        .order_by(col(OutboxRow.id))
    )
    return list((await session.exec(query)).all())


async def sessions(session: AsyncSession, patient_id: int) -> list[TreatmentSession]:
    """Every session of a patient, the cancelled ones too, oldest first."""
    query = (
        select(TreatmentSession)
        .where(TreatmentSession.patient_id == patient_id)
        .order_by(col(TreatmentSession.id))
    )
    return list((await session.exec(query)).all())


async def invites(session: AsyncSession, patient_id: int) -> list[Invite]:
    """Every link that was made for a patient, oldest first."""
    query = select(Invite).where(Invite.patient_id == patient_id).order_by(col(Invite.id))
    return list((await session.exec(query)).all())


async def assessments(session: AsyncSession, check_in_id: int) -> list[Assessment]:
    """What the rules said about a check-in, in order."""
    query = (
        select(Assessment)
        .where(Assessment.check_in_id == check_in_id)
        .order_by(col(Assessment.id))
    )
    return list((await session.exec(query)).all())


async def audit_about(
    session: AsyncSession, clinic_id: int, actor: str, subjects: Sequence[str]
) -> list[AuditEntry]:
    """The audit lines that this actor caused or that are about these subjects."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.clinic_id == clinic_id,
            (col(AuditEntry.actor) == actor) | col(AuditEntry.subject).in_(subjects),
        )
        .order_by(col(AuditEntry.seq))
    )
    return list((await session.exec(query)).all())


async def updates_from(session: AsyncSession, chat_id: int) -> list[InboxUpdate]:
    """The raw updates that came from a chat, oldest first."""
    query = (
        select(InboxUpdate)
        .where(InboxUpdate.chat_id == chat_id)
        .order_by(col(InboxUpdate.update_id))
    )
    return list((await session.exec(query)).all())


async def call_off(
    session: AsyncSession, patient_id: int, kinds: Sequence[str], at: datetime
) -> None:
    """Nothing of these kinds goes to the patient any more, and no check-in of theirs is due."""
    await session.exec(
        update(OutboxRow)
        .where(
            col(OutboxRow.patient_id) == patient_id,
            col(OutboxRow.person_id).is_(None),
            col(OutboxRow.state) == "due",
            col(OutboxRow.kind).in_(kinds),
        )
        .values(state="cancelled", ended_at=at)
    )
    await session.exec(
        update(CheckIn)
        .where(col(CheckIn.patient_id) == patient_id, col(CheckIn.state) == "planned")
        .values(state="cancelled", ended_at=at)
    )


async def forget(session: AsyncSession, patient: Patient, ref: str, at: datetime) -> None:
    """Take away who the patient is; `ref`, a new random id, cuts the tie to the audit chain.

    Their words and files go with it. Dates, ratings and alerts stay under the code.
    """
    patient_id, chat_id = patient.id or 0, patient.chat_id
    patient.name = patient.phone = patient.external_id = ""
    patient.ref, patient.chat_id, patient.zone = ref, None, None
    patient.stopped_at = patient.stopped_at or at
    session.add(patient)
    await session.exec(
        update(Note)
        .where(col(Note.patient_id) == patient_id)
        .values(body="", media="", update_id=None)
    )
    await session.exec(
        update(StaffMessage)
        .where(col(StaffMessage.patient_id) == patient_id)
        .values(body="", update_id=None)
    )
    await session.exec(
        update(CheckIn)
        .where(col(CheckIn.patient_id) == patient_id)
        .values(chat_id=None, message_id=None)
    )
    await session.exec(
        update(CheckIn)
        .where(col(CheckIn.patient_id) == patient_id, col(CheckIn.state) == "open")
        .values(state="cancelled", ended_at=at)
    )
    await session.exec(
        update(Invite)
        .where(col(Invite.patient_id) == patient_id)
        .values(opened_by=None, revoked_at=at)
    )
    if chat_id is not None:
        await session.exec(
            update(OutboxRow)
            .where(col(OutboxRow.patient_id) == patient_id, col(OutboxRow.chat_id) == chat_id)
            .values(chat_id=None, message_id=None)
        )


async def forget_chat(session: AsyncSession, chat_id: int) -> bool:
    """Delete the raw updates of a private chat that nobody we know uses; False when one does."""
    users = [
        (await session.exec(select(Patient.id).where(Patient.chat_id == chat_id))).first(),
        (await session.exec(select(Person.id).where(Person.telegram_id == chat_id))).first(),
    ]
    if any(user is not None for user in users):
        return False
    await session.exec(
        delete(InboxUpdate).where(
            col(InboxUpdate.chat_id) == chat_id, col(InboxUpdate.done_at).is_not(None)
        )
    )
    await session.exec(delete(ChatTurn).where(col(ChatTurn.chat_id) == chat_id))
    return True


async def scrub(session: AsyncSession, keys: Sequence[str]) -> None:
    """Empty what these outbox rows know: where they went, and their detail."""
    await session.exec(
        update(OutboxRow)
        .where(col(OutboxRow.key).in_(keys))
        .values(detail={}, chat_id=None, message_id=None)
    )
