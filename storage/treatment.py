"""Queries about sessions, check-ins, answers and notes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Answer, CheckIn, Note, TreatmentSession

RUNNING = ("open",)
TO_COME = ("planned",)


async def treatment_session(
    session: AsyncSession, clinic_id: int, session_id: int
) -> TreatmentSession | None:
    """A session of this clinic."""
    query = select(TreatmentSession).where(
        TreatmentSession.clinic_id == clinic_id, TreatmentSession.id == session_id
    )
    return (await session.exec(query)).first()


async def sessions_of(
    session: AsyncSession, patient_id: int, *, since: datetime | None = None
) -> list[TreatmentSession]:
    """A patient's sessions that were not cancelled, newest first."""
    query = (
        select(TreatmentSession)
        .where(
            TreatmentSession.patient_id == patient_id,
            col(TreatmentSession.cancelled_at).is_(None),
        )
        .order_by(col(TreatmentSession.at).desc(), col(TreatmentSession.id).desc())
    )
    if since is not None:
        query = query.where(TreatmentSession.at >= since)
    return list((await session.exec(query)).all())


async def check_in(session: AsyncSession, clinic_id: int, check_in_id: int) -> CheckIn | None:
    """A check-in of this clinic."""
    query = select(CheckIn).where(CheckIn.clinic_id == clinic_id, CheckIn.id == check_in_id)
    return (await session.exec(query)).first()


async def due_between(
    session: AsyncSession, clinic_id: int, start: datetime, end: datetime
) -> list[CheckIn]:
    """The schedule's check-ins that were due in [start, end), in order."""
    query = (
        select(CheckIn)
        .where(
            CheckIn.clinic_id == clinic_id,
            CheckIn.kind == "check_in",
            CheckIn.due_at >= start,
            CheckIn.due_at < end,
        )
        .order_by(col(CheckIn.due_at), col(CheckIn.id))
    )
    return list((await session.exec(query)).all())


async def check_ins_of_session(session: AsyncSession, session_id: int) -> list[CheckIn]:
    """Every check-in and report of a session, in the order they are due."""
    query = (
        select(CheckIn)
        .where(CheckIn.session_id == session_id)
        .order_by(col(CheckIn.due_at), col(CheckIn.id))
    )
    return list((await session.exec(query)).all())


async def check_ins_of_patient(
    session: AsyncSession, patient_id: int, *, states: Sequence[str] = ()
) -> list[CheckIn]:
    """A patient's check-ins and reports, newest first, in the given states or all."""
    query = (
        select(CheckIn)
        .where(CheckIn.patient_id == patient_id)
        .order_by(col(CheckIn.due_at).desc(), col(CheckIn.id).desc())
    )
    if states:
        query = query.where(col(CheckIn.state).in_(states))
    return list((await session.exec(query)).all())


async def merged_with(session: AsyncSession, check: CheckIn) -> list[CheckIn]:
    """The others that are asked in one message with this check-in, in the order they are due."""
    leader = check.merged_into or check.id
    query = (
        select(CheckIn)
        .where(
            CheckIn.patient_id == check.patient_id,
            (col(CheckIn.id) == leader) | (col(CheckIn.merged_into) == leader),
            col(CheckIn.id) != check.id,
            col(CheckIn.state) != "cancelled",
        )
        .order_by(col(CheckIn.due_at), col(CheckIn.id))
    )
    return list((await session.exec(query)).all())


async def open_check_ins(session: AsyncSession) -> list[CheckIn]:
    """Every check-in that waits for a patient's answer, in any clinic."""
    query = select(CheckIn).where(CheckIn.state == "open").order_by(col(CheckIn.id))
    return list((await session.exec(query)).all())


async def check_ins_between(
    session: AsyncSession, clinic_id: int, start: datetime, end: datetime
) -> list[CheckIn]:
    """A clinic's check-ins that are due or ended in [start, end), in order of their due time."""
    query = (
        select(CheckIn)
        .where(
            CheckIn.clinic_id == clinic_id,
            ((col(CheckIn.due_at) >= start) & (col(CheckIn.due_at) < end))
            | ((col(CheckIn.ended_at) >= start) & (col(CheckIn.ended_at) < end)),
        )
        .order_by(col(CheckIn.due_at), col(CheckIn.id))
    )
    return list((await session.exec(query)).all())


async def answers(
    session: AsyncSession, check_in_id: int, *, with_corrected: bool = False
) -> list[Answer]:
    """A check-in's answers in the order they were given; those in force, or all."""
    query = select(Answer).where(Answer.check_in_id == check_in_id).order_by(col(Answer.id))
    if not with_corrected:
        query = query.where(col(Answer.superseded_at).is_(None))
    return list((await session.exec(query)).all())


async def answers_to(
    session: AsyncSession, session_id: int, questions: Sequence[str], *, before: datetime
) -> list[tuple[Answer, CheckIn]]:
    """Final answers in force to these questions in a session's check-ins, newest first."""
    query = (
        select(Answer, CheckIn)
        .join(CheckIn, col(CheckIn.id) == col(Answer.check_in_id))
        .where(
            CheckIn.session_id == session_id,
            col(CheckIn.state) != "cancelled",
            col(Answer.question).in_(questions),
            col(Answer.superseded_at).is_(None),
            col(Answer.final).is_(True),
            Answer.at <= before,
        )
        .order_by(col(Answer.at).desc(), col(Answer.id).desc())
    )
    return [(answer, check) for answer, check in (await session.exec(query)).all()]


async def supersede(session: AsyncSession, check_in_id: int, question: str, at: datetime) -> None:
    """The answer in force to this question is corrected: it stays on record, out of force."""
    await session.exec(
        update(Answer)
        .where(
            col(Answer.check_in_id) == check_in_id,
            col(Answer.question) == question,
            col(Answer.superseded_at).is_(None),
        )
        .values(superseded_at=at)
    )


async def notes_of(
    session: AsyncSession, patient_id: int, *, since: datetime | None = None
) -> list[Note]:
    """A patient's notes and media, oldest first."""
    query = select(Note).where(Note.patient_id == patient_id).order_by(col(Note.id))
    if since is not None:
        query = query.where(Note.at >= since)
    return list((await session.exec(query)).all())


async def with_notes(session: AsyncSession, check_in_ids: Sequence[int]) -> frozenset[int]:
    """Which of these check-ins have a note or picture."""
    query = select(Note.check_in_id).where(col(Note.check_in_id).in_(check_in_ids))
    return frozenset(found for found in (await session.exec(query)).all() if found is not None)


async def note(session: AsyncSession, clinic_id: int, note_id: int) -> Note | None:
    """A note of this clinic's patients."""
    query = select(Note).where(Note.clinic_id == clinic_id, Note.id == note_id)
    return (await session.exec(query)).first()


async def session_by_visit(
    session: AsyncSession, clinic_id: int, visit_key: str
) -> TreatmentSession | None:
    """The session recorded for the clinic's own visit id."""
    query = select(TreatmentSession).where(
        TreatmentSession.clinic_id == clinic_id, TreatmentSession.visit_key == visit_key
    )
    return (await session.exec(query)).first()
