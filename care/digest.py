"""The clinic's day in one message: who is on the watch list, who did not answer, what is open."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.people
import storage.treatment
from care import drill
from care.protocols import Share, shares
from care.rota import to_tell
from care.work import Tx, Work
from storage.tables import Alert, CheckIn, Clinic, Patient

SAME_DAY = timedelta(hours=12)
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Digest:
    """What happened in the 24 hours before `at`, and what comes in the 24 hours after.

    Each entry pairs a patient with what concerns them; alerts are the open ones. `noted` are the
    ids of the check-ins in which words or pictures came. `shares`, on the first day of a month:
    what became of the alerts that were closed in the month before.
    """

    at: datetime
    watch: tuple[tuple[Patient, CheckIn], ...]
    noted: frozenset[int]
    no_answer: tuple[tuple[Patient, CheckIn], ...]
    missed: tuple[tuple[Patient, CheckIn], ...]
    unreachable: tuple[Patient, ...]
    open_alerts: tuple[tuple[Patient, Alert], ...]
    due: int
    shares: tuple[Share, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to tell but what is due."""
        return not (
            self.watch or self.no_answer or self.missed or self.unreachable or self.open_alerts
        )


def next_digest(clinic: Clinic, after: datetime) -> datetime:
    """The next moment (aware UTC) at which the clinic's digest is due."""
    zone = ZoneInfo(clinic.zone)
    local = after.astimezone(zone)
    day = local.date()
    at = datetime.combine(day, time(clinic.digest_hour), zone)
    if at <= local:
        at = datetime.combine(day + timedelta(days=1), time(clinic.digest_hour), zone)
    return at.astimezone(after.tzinfo)


async def schedule(work: Work) -> None:
    """Make sure that the next digest and the next weekly drill are in the outbox."""
    async with work.writing() as tx:
        clinic = await storage.people.first_clinic(tx.session)
        if clinic is not None:
            await schedule_next(tx, clinic)
            await drill.plan_week(tx, clinic)


async def schedule_next(tx: Tx, clinic: Clinic) -> None:
    """Write the next digest's rows: one for each member of staff who can be reached."""
    due = next_digest(clinic, tx.now)
    await tx.enqueue(
        "digest_day",
        f"digest_day:{clinic.id}:{due.isoformat()}",
        clinic_id=clinic.id or 0,
        due_at=due,
    )


async def fan_out(tx: Tx, clinic: Clinic, at: datetime) -> None:
    """The digest's hour has come: one message for everyone on duty (else all), and the next day's
    row.
    """
    for member in await to_tell(tx.session, clinic.id or 0, tx.now):
        await tx.enqueue(
            "digest",
            f"digest:{clinic.id}:{at.isoformat()}:{member.id}",
            clinic_id=clinic.id or 0,
            person_id=member.id,
            # Yesterday's is of no use today.
            useful_until=at + SAME_DAY,
            detail={"at": at.isoformat()},
        )
    await schedule_next(tx, clinic)


async def gather(session: AsyncSession, clinic: Clinic, at: datetime) -> Digest:
    """Collect the digest of the day that ends at `at`."""
    clinic_id = clinic.id or 0
    checks = await storage.treatment.check_ins_between(session, clinic_id, at - DAY, at + DAY)
    patients = {found.id: found for found in await storage.people.patients_of(session, clinic_id)}
    checks = [check for check in checks if check.patient_id in patients]
    ended = [check for check in checks if check.ended_at and at - DAY <= check.ended_at < at]

    def of(*states: str) -> tuple[tuple[Patient, CheckIn], ...]:
        return tuple(
            (patients[check.patient_id], check) for check in ended if check.state in states
        )

    found = await storage.alerts.open_alerts(session, clinic_id)
    alerts = [alert for alert in found if alert.patient_id in patients]
    return Digest(
        at=at,
        watch=tuple(pair for pair in of("complete", "abandoned") if pair[1].level == "watch"),
        noted=await storage.treatment.with_notes(session, [check.id or 0 for check in ended]),
        no_answer=of("no_answer"),
        missed=of("missed"),
        unreachable=tuple(
            found
            for found in patients.values()
            if found.unreachable_at is not None and at - DAY <= found.unreachable_at < at
        ),
        open_alerts=tuple((patients[alert.patient_id], alert) for alert in alerts),
        shares=await _month(session, clinic, at),
        due=sum(check.due_at >= at and check.state != "cancelled" for check in checks),
    )


async def _month(session: AsyncSession, clinic: Clinic, at: datetime) -> tuple[Share, ...]:
    """The month before, when a new one begins on the clinic's calendar."""
    zone = ZoneInfo(clinic.zone)
    today = at.astimezone(zone).date()
    if today.day != 1:
        return ()
    last = (today - timedelta(days=1)).replace(day=1)
    start, end = (
        datetime.combine(day, time(), zone).astimezone(at.tzinfo) for day in (last, today)
    )
    return await shares(session, clinic.id or 0, start, end)
