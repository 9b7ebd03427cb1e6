"""Reading whole tables for an export: page by page along the key, each in a short session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.drills import of_real_patients
from storage.tables import (
    Alert,
    AlertEvent,
    Answer,
    Assessment,
    CheckIn,
    Note,
    OutboxRow,
    Patient,
    TreatmentSession,
)

# Small enough that an export needs few megabytes, large enough that queries cost little.
PAGE = 200
# The moment that places a row which belongs to no session.
_OWN_TIME: dict[type[SQLModel], Any] = {
    CheckIn: CheckIn.due_at,
    Alert: Alert.opened_at,
    Note: Note.at,
    OutboxRow: OutboxRow.due_at,
}
# The row through which an answer, an assessment or an event has its patient and its session.
_THROUGH: dict[type[SQLModel], tuple[Any, type[Any]]] = {
    Answer: (Answer.check_in_id, CheckIn),
    Assessment: (Assessment.check_in_id, CheckIn),
    AlertEvent: (AlertEvent.alert_id, Alert),
}


@dataclass(frozen=True)
class Selection:
    """Which rows: a clinic's, with all that belongs to sessions held in [since, until).

    What belongs to no session is placed by its own time. `kinds` narrows outbox rows.
    """

    clinic_id: int
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()


async def ceiling(session: AsyncSession, table: Any) -> int:
    """The highest key in the table now; 0 when it is empty."""
    return (await session.exec(select(func.max(table.id)))).one() or 0


async def count(session: AsyncSession, table: Any, wanted: Selection, *, upto: int) -> int:
    """How many rows an export of the table will hold."""
    query = select(func.count(table.id)).where(*_conditions(table, wanted), table.id <= upto)
    return (await session.exec(query)).one()


async def page(
    session: AsyncSession,
    table: Any,
    wanted: Selection,
    *,
    after: int,
    upto: int,
    limit: int = PAGE,
) -> list[tuple[Any, Patient | None]]:
    """The next rows with keys in (after, upto], in order, each with its patient."""
    query = _with_patient(table).where(
        *_conditions(table, wanted), table.id > after, table.id <= upto
    )
    rows = (await session.exec(query.order_by(table.id).limit(limit))).all()
    return [(row, row) for row in rows] if table is Patient else [(row[0], row[1]) for row in rows]


async def answers_of(session: AsyncSession, check_in_ids: list[int], *, upto: int) -> list[Answer]:
    """Every answer to these check-ins, corrected ones included, in the order given."""
    query = select(Answer).where(col(Answer.check_in_id).in_(check_in_ids), col(Answer.id) <= upto)
    return list((await session.exec(query.order_by(col(Answer.id)))).all())


async def check_ins_by_id(session: AsyncSession, ids: list[int]) -> list[CheckIn]:
    """These check-ins."""
    return list((await session.exec(select(CheckIn).where(col(CheckIn.id).in_(ids)))).all())


async def alerts_by_id(session: AsyncSession, ids: list[int]) -> list[Alert]:
    """These alerts."""
    return list((await session.exec(select(Alert).where(col(Alert.id).in_(ids)))).all())


def _with_patient(table: Any) -> Any:
    if table is Patient:
        return select(Patient)
    if table in _THROUGH:
        link, parent = _THROUGH[table]
        return (
            select(table, Patient)
            .join(parent, parent.id == link)
            .join(Patient, col(Patient.id) == parent.patient_id)
        )
    return select(table, Patient).outerjoin(Patient, col(Patient.id) == table.patient_id)


def _conditions(table: Any, wanted: Selection) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [table.clinic_id == wanted.clinic_id, _real(table)]
    if table is OutboxRow and wanted.kinds:
        found.append(col(OutboxRow.kind).in_(wanted.kinds))
    if wanted.since is not None or wanted.until is not None:
        found.append(_in_period(table, wanted))
    return found


def _real(table: Any) -> ColumnElement[bool]:
    """Drills leave no trace in what the clinic takes out."""
    if table is Patient:
        return col(Patient.synthetic).is_(False)
    if table in _THROUGH:
        link, parent = _THROUGH[table]
        synthetic = select(Patient.id).where(col(Patient.synthetic).is_(True))
        theirs: ColumnElement[bool] = link.not_in(
            select(parent.id).where(parent.patient_id.in_(synthetic))
        )
        return theirs
    return of_real_patients(table.patient_id)


def _in_period(table: Any, wanted: Selection) -> ColumnElement[bool]:
    if table is TreatmentSession:
        return _between(TreatmentSession.at, wanted)
    if table is Patient:
        seen = (TreatmentSession, CheckIn, Alert, Note, OutboxRow)
        return or_(
            *(
                col(Patient.id).in_(select(other.patient_id).where(_in_period(other, wanted)))
                for other in seen
            )
        )
    if table in _THROUGH:
        link, parent = _THROUGH[table]
        return col(link).in_(select(parent.id).where(_in_period(parent, wanted)))
    held = select(TreatmentSession.id).where(
        TreatmentSession.clinic_id == wanted.clinic_id, _between(TreatmentSession.at, wanted)
    )
    return or_(
        table.session_id.in_(held),
        and_(table.session_id.is_(None), _between(_OWN_TIME[table], wanted)),
    )


def _between(moment: Any, wanted: Selection) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        bounds.append(moment >= wanted.since)
    if wanted.until is not None:
        bounds.append(moment < wanted.until)
    return and_(*bounds)
