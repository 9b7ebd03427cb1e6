"""What cannot be if nothing was lost: facts whose next step is missing, rows that do not move."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.leases import lease_now
from storage.tables import Alert, CheckIn, OutboxRow, Patient, TreatmentSession


async def alerts_without(
    session: AsyncSession, *, state: str, levels: Collection[str], kinds: Collection[str]
) -> list[int]:
    """Alerts of this state and these levels for which no row of these kinds is to come."""
    query = select(Alert.id).where(
        Alert.state == state,
        col(Alert.level).in_(levels),
        ~_there(kinds, col(OutboxRow.alert_id) == col(Alert.id)),
    )
    return [found or 0 for found in (await session.exec(query)).all()]


async def check_ins_without(
    session: AsyncSession,
    *,
    states: Collection[str],
    kinds: Collection[str],
    or_given_up: bool = False,
) -> list[int]:
    """Check-ins in these states, of patients who did not stop, for which no row of these kinds is
    to come (nor, with `or_given_up`, was given up for a reason that it names).
    """
    query = (
        select(CheckIn.id)
        .join(Patient, col(Patient.id) == col(CheckIn.patient_id))
        .where(
            col(CheckIn.state).in_(states),
            col(Patient.stopped_at).is_(None),
            ~_there(kinds, col(OutboxRow.check_in_id) == col(CheckIn.id), or_given_up),
        )
    )
    return [found or 0 for found in (await session.exec(query)).all()]


async def led_astray(session: AsyncSession) -> list[int]:
    """Check-ins to be asked, or being asked, within another that is not in the same state."""
    leader = aliased(CheckIn)
    query = (
        select(CheckIn.id)
        .outerjoin(leader, col(leader.id) == col(CheckIn.merged_into))
        .where(
            col(CheckIn.merged_into).is_not(None),
            col(CheckIn.state).in_(("planned", "open")),
            col(leader.id).is_(None) | (col(leader.state) != col(CheckIn.state)),
        )
    )
    return [found or 0 for found in (await session.exec(query)).all()]


async def alerts_sharing_a_session(session: AsyncSession) -> list[int]:
    """Alerts not yet closed about a session that another one is about, too; the later ones."""
    query = select(Alert).where(col(Alert.state) != "closed", col(Alert.session_id).is_not(None))
    seen: set[int] = set()
    found: list[int] = []
    for alert in (await session.exec(query.order_by(col(Alert.id)))).all():
        about = {alert.session_id or 0, *alert.also_sessions}
        found += [alert.id or 0] if about & seen else []
        seen |= about
    return found


async def sessions_without_check_ins(session: AsyncSession, since: datetime) -> list[int]:
    """Sessions recorded since then, and not cancelled, that have no check-in at all."""
    has = exists().where(col(CheckIn.session_id) == col(TreatmentSession.id))
    query = select(TreatmentSession.id).where(
        TreatmentSession.recorded_at >= since,
        col(TreatmentSession.cancelled_at).is_(None),
        ~has,
    )
    return [found or 0 for found in (await session.exec(query)).all()]


async def standing_still(
    session: AsyncSession, *, lane: str, now: datetime, after: timedelta
) -> list[int]:
    """Rows of a lane that were due so long ago and that nobody holds or puts off; none while the
    lane moves, because a long queue is no fault.
    """
    lease = await lease_now(session)
    moving = select(OutboxRow.id).where(
        OutboxRow.lane == lane, col(OutboxRow.ended_at) > now - after
    )
    query = select(OutboxRow.id).where(
        OutboxRow.state == "due",
        OutboxRow.lane == lane,
        OutboxRow.due_at < now - after,
        OutboxRow.held_until <= lease,
    )
    if (await session.exec(moving.limit(1))).first() is not None:
        return []
    return [found or 0 for found in (await session.exec(query.limit(100))).all()]


def _there(
    kinds: Collection[str], whose: ColumnElement[bool], or_given_up: bool = False
) -> ColumnElement[bool]:
    state = col(OutboxRow.state) == "due"
    if or_given_up:
        given_up = col(OutboxRow.state).in_(("failed", "cancelled"))
        state |= given_up & col(OutboxRow.error).is_not(None)
    return exists().where(state, col(OutboxRow.kind).in_(kinds), whose).correlate(Alert, CheckIn)
