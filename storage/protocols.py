"""A clinic's protocol versions and drafts, and the assessments of a period to be judged again."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.drills import of_real_patients
from storage.tables import Alert, Assessment, CheckIn, Patient, ProtocolDraft, ProtocolVersion

PAGE = 500


async def version(session: AsyncSession, clinic_id: int, number: int) -> ProtocolVersion | None:
    """One version of a clinic's protocol."""
    query = select(ProtocolVersion).where(
        ProtocolVersion.clinic_id == clinic_id, ProtocolVersion.version == number
    )
    return (await session.exec(query)).first()


async def newest(session: AsyncSession, clinic_id: int) -> int:
    """The highest number a clinic has given; 0 when it has none."""
    query = select(func.max(ProtocolVersion.version)).where(ProtocolVersion.clinic_id == clinic_id)
    return (await session.exec(query)).one() or 0


async def draft(session: AsyncSession, clinic_id: int) -> ProtocolDraft | None:
    """The clinic's open draft."""
    query = select(ProtocolDraft).where(
        ProtocolDraft.clinic_id == clinic_id, ProtocolDraft.state == "open"
    )
    return (await session.exec(query)).first()


async def count_assessments(session: AsyncSession, clinic_id: int, since: datetime) -> int:
    """How many assessments of real patients a clinic has from then on."""
    query = (
        select(func.count(col(Assessment.id)))
        .join(CheckIn, col(CheckIn.id) == col(Assessment.check_in_id))
        .where(
            Assessment.clinic_id == clinic_id,
            Assessment.at >= since,
            of_real_patients(col(CheckIn.patient_id)),
        )
    )
    return (await session.exec(query)).one()


async def assessments_page(
    session: AsyncSession, clinic_id: int, since: datetime, *, after: int, limit: int = PAGE
) -> list[tuple[Assessment, CheckIn]]:
    """The next assessments of real patients with keys above `after`, each with its check-in."""
    query = (
        select(Assessment, CheckIn)
        .join(CheckIn, col(CheckIn.id) == col(Assessment.check_in_id))
        .where(
            Assessment.clinic_id == clinic_id,
            Assessment.at >= since,
            col(Assessment.id) > after,
            of_real_patients(col(CheckIn.patient_id)),
        )
        .order_by(col(Assessment.id))
        .limit(limit)
    )
    return [(found, check) for found, check in (await session.exec(query)).all()]


async def alerts_since(
    session: AsyncSession, clinic_id: int, since: datetime
) -> list[tuple[Alert, str]]:
    """Alerts of real patients that were open at some time since then, each with the patient's
    code, oldest first.
    """
    query = (
        select(Alert, Patient.code)
        .join(Patient, col(Patient.id) == col(Alert.patient_id))
        .where(
            Alert.clinic_id == clinic_id,
            col(Alert.closed_at).is_(None) | (col(Alert.closed_at) >= since),
            col(Patient.synthetic).is_(False),
        )
        .order_by(col(Alert.id))
    )
    return [(alert, code) for alert, code in (await session.exec(query)).all()]


async def outcomes(
    session: AsyncSession, clinic_id: int, since: datetime, until: datetime
) -> Iterable[tuple[list[str], str]]:
    """The rules and the outcome of each alert that was closed in [since, until)."""
    query = select(Alert.rules, Alert.outcome).where(
        Alert.clinic_id == clinic_id,
        col(Alert.outcome).is_not(None),
        col(Alert.closed_at) >= since,
        col(Alert.closed_at) < until,
        of_real_patients(col(Alert.patient_id)),
    )
    return [(list(rules), outcome or "") for rules, outcome in (await session.exec(query)).all()]
