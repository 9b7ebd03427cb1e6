"""A clinician's words about an alert: kept as a note, or sent to the patient when they say so.

Nothing is sent unasked: the words are a draft until their author taps. The patient's answer comes
back to the author and to whoever is on duty.
"""

from datetime import timedelta

import storage.alerts
import storage.letters
import storage.outbox
import storage.people
from care.actors import Actor, RefusedError
from care.paging import note_event
from care.work import Tx, Work
from storage.tables import StaffMessage

# How long the next thing a patient writes counts as the answer.
ANSWER_WITHIN = timedelta(hours=24)


async def draft(
    work: Work, actor: Actor, alert_id: int, words: str, update_id: int
) -> StaffMessage:
    """Keep a clinician's words about an alert until they say what is to happen with them.

    Raises:
        RefusedError: no such alert in the actor's clinic.
    """
    person, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await storage.alerts.alert(tx.session, clinic_id, alert_id)
        if alert is None:
            raise RefusedError("no such alert")
        letter = StaffMessage(
            clinic_id=clinic_id,
            patient_id=alert.patient_id,
            alert_id=alert_id,
            person_id=person.id or 0,
            body=tx.cipher.seal(words),
            update_id=update_id,
            created_at=tx.now,
        )
        tx.session.add(letter)
        await tx.session.flush()
        return letter


async def send(work: Work, actor: Actor, letter_id: int) -> bool:
    """[Send to patient]; False when it was sent or kept already.

    Raises:
        RefusedError: it is not the actor's own, or the patient is no longer in a chat.
    """
    async with work.writing() as tx:
        letter = await _own(tx, actor, letter_id)
        patient = await storage.people.patient(tx.session, letter.clinic_id, letter.patient_id)
        if patient is None or patient.chat_id is None:
            raise RefusedError("the patient is in no chat")
        if not await _decide(tx, actor, letter, "sent"):
            return False
        await tx.enqueue(
            "clinic_message",
            f"clinic_message:{letter.id}",
            clinic_id=letter.clinic_id,
            patient_id=letter.patient_id,
            alert_id=letter.alert_id,
            detail={"letter": letter.id},
        )
        return True


async def keep(work: Work, actor: Actor, letter_id: int) -> bool:
    """[Keep as note]; False when it was sent or kept already.

    Raises:
        RefusedError: it is not the actor's own.
    """
    async with work.writing() as tx:
        return await _decide(tx, actor, await _own(tx, actor, letter_id), "kept")


async def replied_to(
    work: Work, actor: Actor, chat_id: int, message_id: int
) -> StaffMessage | None:
    """The clinician's message that this message in the patient's chat shows, or None."""
    async with work.reading() as session:
        row = await storage.outbox.sent_as(session, chat_id, message_id)
        if row is None or row.kind != "clinic_message" or row.patient_id not in _ids(actor):
            return None
        letter_id = int(str(row.detail["letter"]))
        return await storage.letters.letter(session, row.clinic_id, letter_id)


async def awaiting_answer(work: Work, actor: Actor) -> StaffMessage | None:
    """The newest message of the last 24 hours to this chat's patients without an answer yet."""
    since = work.clock.now() - ANSWER_WITHIN
    async with work.reading() as session:
        return await storage.letters.awaiting(session, _ids(actor), since)


def _ids(actor: Actor) -> list[int]:
    return [patient.id or 0 for patient in actor.patients]


async def mark_answered(tx: Tx, clinic_id: int, letter_id: int) -> StaffMessage | None:
    """The patient has answered: what they write next is no longer taken as the answer."""
    letter = await storage.letters.letter(tx.session, clinic_id, letter_id)
    if letter is not None:
        letter.state = "answered"
        tx.session.add(letter)
    return letter


async def _own(tx: Tx, actor: Actor, letter_id: int) -> StaffMessage:
    person, clinic_id = actor.staff()
    letter = await storage.letters.letter(tx.session, clinic_id, letter_id)
    if letter is None or letter.person_id != person.id:
        raise RefusedError("not their message")
    return letter


async def _decide(tx: Tx, actor: Actor, letter: StaffMessage, state: str) -> bool:
    if not await storage.letters.decide(tx.session, letter.id or 0, state, tx.now):
        return False
    alert = await storage.alerts.alert(tx.session, letter.clinic_id, letter.alert_id or 0)
    if alert is not None:
        await note_event(tx, alert, "note", person_id=letter.person_id, letter=letter.id)
    tx.audit(letter.clinic_id, actor.name, f"message_{state}", f"letter:{letter.id}")
    return True
