"""/deleteme: the identity goes, at once or as soon as no alert is open; the record stays by code.

What the law makes a clinic keep (sessions, ratings, alerts, what was done) stays under the code.
Name, phone, chat, time zone, words and files go, and so does the random id by which the audit
chain knows the patient; the chain itself is not touched, so it still verifies.
"""

import secrets
from datetime import timedelta

import storage.alerts
import storage.erasure
import storage.outbox
import storage.people
from care.actors import Actor, RefusedError
from care.outbox import CARD_KINDS, KINDS, PAGING_KINDS
from care.rota import to_tell
from care.work import Tx, Work
from storage.tables import OutboxRow, Patient

# How often an erasure that waits for an alert looks again, and when its own traces go.
LOOK_AGAIN = timedelta(minutes=10)
SCRUB_AFTER = timedelta(minutes=30)
# A receipt that Telegram has not taken by then is given up with its address.
RECEIPT_LIFE = timedelta(days=2)

TO_PATIENTS = tuple(
    kind.name
    for kind in KINDS.values()
    if kind.sends and kind.name not in (*CARD_KINDS, "card_edit")
)
# As after /stop: while an alert is open, the truth about danger still reaches the patient.
ABOUT_DANGER = frozenset(
    {"emergency_text", "emergency_repeat", "urgent_text", "clinic_not_reached", "nobody_read",
     "seen"}
)  # fmt: skip
QUESTIONS = ("close_check_in", "follow_up_timeout")


def own_patient(actor: Actor, patient_id: int) -> Patient:
    """The patient with this id of the actor's chat.

    Raises:
        RefusedError: there is none.
    """
    patient = next((known for known in actor.patients if known.id == patient_id), None)
    if patient is None:
        raise RefusedError("not their patient")
    return patient


async def request(work: Work, actor: Actor, patient_id: int) -> bool:
    """Erase the patient now; with an alert open: once it is closed. Returns True when it is done.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    known = own_patient(actor, patient_id)
    async with work.writing() as tx:
        patient = await storage.people.patient(tx.session, known.clinic_id, patient_id)
        if patient is None:
            raise RefusedError("no such patient")
        tx.audit(
            patient.clinic_id, f"patient:{patient.ref}", "erasure_asked", f"patient:{patient.ref}"
        )
        harmless = [kind for kind in TO_PATIENTS if kind not in ABOUT_DANGER]
        await storage.erasure.call_off(tx.session, patient_id, harmless, tx.now)
        patient.stopped_at = tx.now
        tx.session.add(patient)
        if await _alert_is_open(tx, patient_id):
            await _look_again(tx, patient, 1)
            return False
        await _erase(tx, patient)
        return True


async def retention_is_over(tx: Tx, patient: Patient) -> None:
    """The clinic keeps the identity no longer; while an alert is open nothing is done yet."""
    if await _alert_is_open(tx, patient.id or 0):
        return
    subject = f"patient:{patient.ref}"
    tx.audit(patient.clinic_id, "system", "retention_over", subject)
    await _erase(tx, patient)


async def take_step(tx: Tx, row: OutboxRow) -> None:
    """The timed step of an erasure that waits: erase when no alert is open, else look again."""
    patient = await storage.people.patient(tx.session, row.clinic_id, row.patient_id or 0)
    if patient is None or patient.chat_id is None:
        return
    if await _alert_is_open(tx, patient.id or 0):
        await _look_again(tx, patient, int(str(row.detail.get("round", 0))) + 1)
        return
    await _erase(tx, patient)


async def scrub_step(tx: Tx, row: OutboxRow) -> None:
    """Some time after: the chat's raw updates, the receipt's address and this row's own go."""
    chat_id, key = int(str(row.detail["chat"])), str(row.detail["receipt"])
    await storage.erasure.forget_chat(tx.session, chat_id)
    receipt = await storage.outbox.by_key(tx.session, key)
    if (
        receipt is not None
        and receipt.state == "due"
        and (tx.now - receipt.created_at < RECEIPT_LIFE)
    ):
        await _scrub_later(tx, row.clinic_id, chat_id, key)
        await storage.erasure.scrub(tx.session, [row.key])
        return
    await storage.erasure.scrub(tx.session, [row.key, key])


async def _scrub_later(tx: Tx, clinic_id: int, chat_id: int, receipt: str) -> None:
    await tx.enqueue(
        "scrub",
        f"scrub:{receipt}:{tx.now.isoformat()}",
        due_at=tx.now + SCRUB_AFTER,
        clinic_id=clinic_id,
        detail={"chat": chat_id, "receipt": receipt},
    )


async def _alert_is_open(tx: Tx, patient_id: int) -> bool:
    found = await storage.alerts.alerts_of_patient(tx.session, patient_id)
    return any(alert.state != "closed" for alert in found)


async def _look_again(tx: Tx, patient: Patient, number: int) -> None:
    await tx.enqueue(
        "erase",
        f"erase:{patient.id}:{patient.ref}:{tx.now.isoformat()}",
        due_at=tx.now + LOOK_AGAIN,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        detail={"round": number},
    )


async def _erase(tx: Tx, patient: Patient) -> None:
    patient_id, chat_id = patient.id or 0, patient.chat_id
    receipt = secrets.token_hex(4).upper()
    tx.audit(patient.clinic_id, "system", "erased", f"patient:{patient.ref}", receipt=receipt)
    await storage.erasure.call_off(
        tx.session, patient_id, (*TO_PATIENTS, *QUESTIONS, *PAGING_KINDS), tx.now
    )
    await storage.erasure.forget(tx.session, patient, secrets.token_hex(8), tx.now)
    await tx.session.flush()
    for member in await to_tell(tx.session, patient.clinic_id, tx.now):
        await tx.enqueue(
            "notice",
            f"erased_notice:{receipt}:{member.id}",
            clinic_id=patient.clinic_id,
            patient_id=patient_id,
            person_id=member.id,
            detail={"text": "patient_erased"},
        )
    if chat_id is None:
        return
    detail: dict[str, object] = {"chat": chat_id, "language": patient.language}
    key = f"erased:{receipt}"
    await tx.enqueue(
        "erased", key, clinic_id=patient.clinic_id, detail={**detail, "receipt": receipt}
    )
    await _scrub_later(tx, patient.clinic_id, chat_id, key)
