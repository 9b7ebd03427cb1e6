"""Treatment sessions: recorded, edited, cancelled, each with the check-ins that follow it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import storage.outbox
import storage.people
import storage.treatment
from care import merging, planning, schedules, timing
from care.actors import Actor, RefusedError
from care.work import Tx, Work
from storage.tables import CheckIn, Clinic, Patient, TreatmentSession

REGIONS = ("thorax", "spine", "limb", "other")
RISKS = ("bleed", "infection", "lung")
OLDEST = timedelta(days=30)


class InvalidSessionError(ValueError):
    """The session cannot be recorded as given; the text says why in one sentence."""


@dataclass(frozen=True)
class SessionFacts:
    """What a clinician says about a session. `pain_before`: 0 to 10, None when unknown."""

    at: datetime
    regions: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    pain_before: int | None = None
    high_risk: bool = False

    def checked(self, now: datetime) -> "SessionFacts":
        """Itself, when every value is possible.

        Raises:
            InvalidSessionError: an unknown code, pain out of range, or a time ahead or too long
            ago.
        """
        if not set(self.regions) <= set(REGIONS) or not set(self.risks) <= set(RISKS):
            raise InvalidSessionError("unknown region or risk")
        if self.pain_before is not None and not 0 <= self.pain_before <= 10:
            raise InvalidSessionError("pain before is 0 to 10")
        if self.at > now + timedelta(minutes=5):
            raise InvalidSessionError("the session lies in the future")
        if self.at < now - OLDEST:
            raise InvalidSessionError("the session is more than 30 days ago")
        return self


@dataclass(frozen=True)
class Recorded:
    """A session with its patient, its clinic and the check-ins that are to come."""

    session: TreatmentSession
    patient: Patient
    clinic: Clinic
    check_ins: tuple[CheckIn, ...]
    safety_at: datetime | None


async def record(
    work: Work,
    actor: Actor,
    patient_id: int,
    facts: SessionFacts,
    *,
    visit_key: str | None = None,
) -> Recorded:
    """Write a session, its check-ins and every message to come, in one transaction.

    Args:
        work: the means to work with.
        actor: who records it; staff of the patient's clinic.
        patient_id: whose session.
        facts: what was done.
        visit_key: the clinic's own id of the visit; the same one again adds nothing and returns
        the
            session that is there. A tap handled twice carries the same key.

    Raises:
        RefusedError: no such patient in the actor's clinic.
        InvalidSessionError: the facts are impossible.
    """
    async with work.writing() as tx:
        return await record_in(tx, actor, patient_id, facts, visit_key=visit_key)


async def record_in(
    tx: Tx, actor: Actor, patient_id: int, facts: SessionFacts, *, visit_key: str | None = None
) -> Recorded:
    """`record`, inside a transaction that writes more than the session."""
    person, clinic_id = actor.staff()
    patient, clinic = await _whose(tx, clinic_id, patient_id)
    await storage.people.hold(tx.session, {patient_id})
    checked = facts.checked(tx.now)
    if visit_key is not None:
        known = await storage.treatment.session_by_visit(tx.session, clinic_id, visit_key)
        if known is not None:
            return await _recorded(tx, known, patient, clinic)
    session = TreatmentSession(
        clinic_id=clinic_id,
        patient_id=patient_id,
        clinician_id=person.id,
        at=checked.at,
        regions=list(checked.regions),
        risks=list(checked.risks),
        pain_before=checked.pain_before,
        high_risk=checked.high_risk,
        visit_key=visit_key,
        recorded_at=tx.now,
    )
    tx.session.add(session)
    await tx.session.flush()
    await _plan(tx, session, patient, clinic)
    await merging.arrange(tx, clinic_id, patient_id)
    tx.audit(
        clinic_id, actor.name, "session_recorded", f"session:{session.id}",
        patient=patient.ref,
    )  # fmt: skip
    return await _recorded(tx, session, patient, clinic)


async def edit(work: Work, actor: Actor, session_id: int, facts: SessionFacts) -> Recorded:
    """Correct a session: check-ins not yet sent follow the new time, the patient is told in one
    line.

    Raises:
        RefusedError: no such session in the actor's clinic, or it was cancelled.
        InvalidSessionError: the facts are impossible.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        session = await _session(tx, clinic_id, session_id)
        patient, clinic = await _whose(tx, clinic_id, session.patient_id)
        checked = facts.checked(tx.now)
        moved = checked.at != session.at
        session.at, session.pain_before = checked.at, checked.pain_before
        session.regions, session.risks = list(checked.regions), list(checked.risks)
        session.high_risk = checked.high_risk
        tx.session.add(session)
        if moved:
            await _call_off(tx, session)
            await _plan(tx, session, patient, clinic)
            await merging.arrange(tx, clinic_id, session.patient_id)
            await _tell_patient(tx, session, "session_moved")
        tx.audit(clinic_id, actor.name, "session_edited", f"session:{session.id}", moved=moved)
        return await _recorded(tx, session, patient, clinic)


async def cancel(work: Work, actor: Actor, session_id: int) -> Recorded:
    """A session that did not happen: what is to come is called off, the patient is told in one
    line.

    Raises:
        RefusedError: no such session in the actor's clinic.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        session = await _session(tx, clinic_id, session_id)
        patient, clinic = await _whose(tx, clinic_id, session.patient_id)
        session.cancelled_at = tx.now
        tx.session.add(session)
        await _call_off(tx, session)
        await merging.arrange(tx, clinic_id, session.patient_id)
        await _tell_patient(tx, session, "session_cancelled")
        tx.audit(clinic_id, actor.name, "session_cancelled", f"session:{session.id}")
        return await _recorded(tx, session, patient, clinic)


async def _whose(tx: Tx, clinic_id: int, patient_id: int) -> tuple[Patient, Clinic]:
    patient = await storage.people.patient(tx.session, clinic_id, patient_id)
    clinic = await storage.people.clinic(tx.session, clinic_id)
    if patient is None or clinic is None:
        raise RefusedError("no such patient")
    return patient, clinic


async def _session(tx: Tx, clinic_id: int, session_id: int) -> TreatmentSession:
    session = await storage.treatment.treatment_session(tx.session, clinic_id, session_id)
    if session is None or session.cancelled_at is not None:
        raise RefusedError("no such session")
    await storage.people.hold(tx.session, {session.patient_id})
    return session


async def _plan(tx: Tx, session: TreatmentSession, patient: Patient, clinic: Clinic) -> None:
    """Write the safety message, and each step's check-in with its reminders and its closing."""
    zone = patient.zone or clinic.zone
    _number, schedule = await schedules.current(tx.session, session.clinic_id)
    taken = {
        check.step
        for check in await storage.treatment.check_ins_of_session(tx.session, session.id or 0)
        if check.state != "cancelled"
    }
    for times in timing.check_in_times(schedule, session.at, zone):
        if times.step_id not in taken:
            still = timing.reschedule_if_past(schedule, session.at, times, tx.now, zone)
            await planning.plan(
                tx, session, still or times,
                protocol_version=clinic.protocol_version, late=still is None,
            )  # fmt: skip
    stamp = tx.now.isoformat()
    await tx.enqueue(
        "safety",
        f"safety:{session.id}:{stamp}",
        due_at=timing.safety_message_due(session.at, tx.now, zone) or tx.now,
        useful_until=session.at + timedelta(hours=20),
        clinic_id=session.clinic_id,
        session_id=session.id,
        patient_id=session.patient_id,
    )


async def _call_off(tx: Tx, session: TreatmentSession) -> None:
    for check in await storage.treatment.check_ins_of_session(tx.session, session.id or 0):
        if check.state in ("planned", "missed"):
            await planning.remove(tx, check)
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=("safety",), session_id=session.id)
    await tx.session.flush()


async def _tell_patient(tx: Tx, session: TreatmentSession, text: str) -> None:
    await tx.enqueue(
        "session_note",
        f"{text}:{session.id}:{tx.now.isoformat()}",
        clinic_id=session.clinic_id,
        patient_id=session.patient_id,
        session_id=session.id,
        detail={"text": text},
    )


async def _recorded(
    tx: Tx, session: TreatmentSession, patient: Patient, clinic: Clinic
) -> Recorded:
    checks = await storage.treatment.check_ins_of_session(tx.session, session.id or 0)
    zone = patient.zone or clinic.zone
    return Recorded(
        session,
        patient,
        clinic,
        tuple(check for check in checks if check.state in ("planned", "open")),
        timing.safety_message_due(session.at, session.recorded_at, zone),
    )
