"""Queries of an import: which visits are known, and all patients a page at a time."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Patient, TreatmentSession

_PAGE = 500
# What a transaction raises whose visit somebody else recorded meanwhile.
CONFLICT = IntegrityError


async def sessions_by_visits(
    session: AsyncSession, clinic_id: int, visit_keys: Sequence[str]
) -> dict[str, TreatmentSession]:
    """The sessions recorded for these visits, cancelled ones included, by visit key."""
    found: dict[str, TreatmentSession] = {}
    for first in range(0, len(visit_keys), _PAGE):
        query = select(TreatmentSession).where(
            TreatmentSession.clinic_id == clinic_id,
            col(TreatmentSession.visit_key).in_(visit_keys[first : first + _PAGE]),
        )
        found |= {row.visit_key or "": row for row in (await session.exec(query)).all()}
    return found


async def patients(session: AsyncSession, clinic_id: int) -> AsyncIterator[list[Patient]]:
    """Every patient of the clinic, oldest first, a page at a time."""
    after = 0
    while True:
        query = (
            select(Patient)
            .where(Patient.clinic_id == clinic_id, col(Patient.id) > after)
            .order_by(col(Patient.id))
            .limit(_PAGE)
        )
        page = list((await session.exec(query)).all())
        if not page:
            return
        yield page
        after = page[-1].id or 0
