"""What patients write and send: kept whole and encrypted, handed at once to whoever is on duty."""

from dataclasses import dataclass

import storage.alerts
import storage.treatment
from care.actors import Actor, RefusedError
from care.answers import Step
from care.evaluation import gather
from care.letters import mark_answered
from care.reports import report_for
from care.rota import to_tell
from care.typed import heed, read_as
from care.watch import WATCH, set_off
from care.work import Tx, Work
from storage.tables import Note, Patient


@dataclass(frozen=True)
class Incoming:
    """A message from a patient.

    Attributes:
        kind: "text", "photo", "voice", "document" or "other".
        body: the words or the caption.
        media: Telegram's file id, empty for words alone.
        edited: the patient changed an earlier message.
        update_id: Telegram's id of the update; the same one again is not stored twice.
        opens_question: False for a bare "thanks", which is kept but asks nothing and wakes nobody,
            and for a reply to a clinician's message, which a person reads.
        answers: the id of the clinician's message that this answers: it goes back to its author.
    """

    kind: str
    body: str
    media: str
    update_id: int
    edited: bool = False
    opens_question: bool = True
    answers: int | None = None


async def receive(work: Work, actor: Actor, patient_id: int, incoming: Incoming) -> Step | None:
    """Keep a note; unless it is a bare thanks, pass it on and open question 1 for the patient.

    Returns the check-in or report whose question 1 the patient is to see, or None.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    patient = next((known for known in actor.patients if known.id == patient_id), None)
    if patient is None:
        raise RefusedError("not their patient")
    async with work.writing() as tx:
        check = await report_for(tx, patient) if incoming.opens_question else None
        sessions = await storage.treatment.sessions_of(tx.session, patient_id)
        session_id = check.session_id if check else sessions[0].id if sessions else None
        alert = await storage.alerts.open_alert(tx.session, patient_id, session_id)
        note = Note(
            clinic_id=patient.clinic_id,
            patient_id=patient_id,
            session_id=session_id,
            check_in_id=check.id if check else None,
            alert_id=alert.id if alert else None,
            kind=incoming.kind,
            body=tx.cipher.seal(incoming.body),
            media=tx.cipher.seal(incoming.media),
            edited=incoming.edited,
            read_as=read_as(incoming.body, patient.language),
            update_id=incoming.update_id,
            at=tx.now,
        )
        tx.session.add(note)
        await tx.session.flush()
        tx.audit(
            patient.clinic_id, f"patient:{patient.ref}", "note_received", f"note:{note.id}",
            kind=incoming.kind,
        )  # fmt: skip
        if incoming.answers is not None:
            letter = await mark_answered(tx, patient.clinic_id, incoming.answers)
            await forward(tx, patient, note, answered=letter.person_id if letter else None)
        if check is None:
            return None
        await set_off(tx, check, WATCH)
        if not await heed(tx, await gather(tx.session, check), note):
            await tx.enqueue(
                "question_one",
                f"question_one:{note.id}",
                clinic_id=patient.clinic_id,
                patient_id=patient_id,
                check_in_id=check.id,
                note_id=note.id,
            )
        await forward(tx, patient, note)
        return Step(await gather(tx.session, check))


async def forward(
    tx: Tx, patient: Patient, note: Note, *, answered: int | None = None, instead_of: str = ""
) -> None:
    """To whoever is on duty; an answer also to the clinician it answers (`answered`: who).

    `instead_of` is the code of the patient it was taken for before.
    """
    detail: dict[str, object] = {"answer": True} if answered is not None else {}
    if instead_of:
        detail["instead_of"] = instead_of
    told = {member.id or 0 for member in await to_tell(tx.session, patient.clinic_id, tx.now)}
    for person_id in sorted(told if answered is None else {*told, answered}):
        await tx.enqueue(
            "note_forward",
            f"note:{note.id}:{person_id}" + (f":{patient.id}" if instead_of else ""),
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            person_id=person_id,
            note_id=note.id,
            detail=detail,
        )
