"""A chat that several patients share: whom a note is about, and acting for one of them."""

from dataclasses import dataclass, replace

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care.actors import Actor, RefusedError
from care.notes import forward
from care.reports import report_for
from care.watch import WATCH, set_off
from care.work import Tx, Work
from storage.tables import CheckIn, Note, Patient


@dataclass(frozen=True)
class Moved:
    """A note found its patient; `moved` is false when it was kept with them already."""

    patient: Patient
    moved: bool


def only(actor: Actor, patient_id: int) -> Actor:
    """The actor, acting for this patient alone; 0 is everybody in the chat.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    if not patient_id:
        return actor
    chosen = tuple(known for known in actor.patients if known.id == patient_id)
    if not chosen:
        raise RefusedError("not their patient")
    return replace(actor, patients=chosen)


async def likeliest(work: Work, actor: Actor) -> int:
    """Whose note this probably is: who is being asked now, else who was treated last.

    Raises:
        RefusedError: nobody in this chat is a patient.
    """
    if not actor.patients:
        raise RefusedError("no patient")
    ranked = []
    async with work.reading() as session:
        for patient in actor.patients:
            running = await storage.treatment.check_ins_of_patient(
                session, patient.id or 0, states=("open",)
            )
            treated = await storage.treatment.sessions_of(session, patient.id or 0)
            latest = treated[0].at.timestamp() if treated else 0.0
            ranked.append((not running, -latest, patient.id or 0))
    return min(ranked)[2]


async def newest_note(work: Work, actor: Actor, patient_id: int) -> int:
    """The note kept last for this patient; 0 when there is none.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    only(actor, patient_id)
    async with work.reading() as session:
        notes = await storage.treatment.notes_of(session, patient_id)
    return notes[-1].id or 0 if notes else 0


async def give_note(work: Work, actor: Actor, note_id: int, patient_id: int) -> Moved:
    """Keep a note with the patient it is about, tell the clinic, and ask them question 1.

    The report that it opened for the wrong patient ends, unless there is more to it.

    Raises:
        RefusedError: the note or the patient is not this chat's.
    """
    (patient,) = only(actor, patient_id).patients
    async with work.writing() as tx:
        await storage.people.hold(tx.session, {known.id or 0 for known in actor.patients})
        note = await storage.treatment.note(tx.session, patient.clinic_id, note_id)
        if note is None or note.patient_id not in {known.id for known in actor.patients}:
            raise RefusedError("not their note")
        if note.patient_id == patient_id:
            return Moved(patient, moved=False)
        was = next(known for known in actor.patients if known.id == note.patient_id)
        await _end_report(tx, note)
        check = await report_for(tx, patient)
        alert = await storage.alerts.open_alert(tx.session, patient_id, check.session_id)
        note.patient_id, note.session_id, note.check_in_id = patient_id, check.session_id, check.id
        note.alert_id = alert.id if alert else None
        tx.session.add(note)
        await tx.session.flush()
        await set_off(tx, check, WATCH)
        await tx.enqueue(
            "question_one",
            f"question_one:{note.id}:{patient_id}",
            clinic_id=patient.clinic_id,
            patient_id=patient_id,
            check_in_id=check.id,
            note_id=note.id,
        )
        await forward(tx, patient, note, instead_of=was.code)
        tx.audit(
            patient.clinic_id, f"patient:{patient.ref}", "note_moved", f"note:{note.id}",
            was=was.ref,
        )  # fmt: skip
        return Moved(patient, moved=True)


async def _end_report(tx: Tx, note: Note) -> None:
    """The report that this note alone opened is no longer asked."""
    check = await storage.treatment.check_in(tx.session, note.clinic_id, note.check_in_id or 0)
    if check is None or not await _only_for(tx, check, note):
        return
    check.state, check.ended_at = "cancelled", tx.now
    tx.session.add(check)
    await storage.outbox.cancel(
        tx.session,
        at=tx.now,
        kinds=("close_check_in", "follow_up_timeout", "question_one"),
        check_in_id=check.id,
    )
    if check.message_id is not None:
        await tx.enqueue(
            "pointer",
            f"pointer:note:{note.id}:{check.id}",
            clinic_id=check.clinic_id,
            patient_id=check.patient_id,
            check_in_id=check.id,
            detail={"message": check.message_id},
        )


async def _only_for(tx: Tx, check: CheckIn, note: Note) -> bool:
    if check.kind != "report" or check.state != "open" or check.timed_out or check.worried:
        return False
    if await storage.treatment.answers(tx.session, check.id or 0, with_corrected=True):
        return False
    notes = await storage.treatment.notes_of(tx.session, note.patient_id)
    return [one.id for one in notes if one.check_in_id == check.id] == [note.id]
