"""/mydata: everything stored about a patient, in one document that people and machines read."""

import json
from collections.abc import Iterable
from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.erasure
import storage.letters
import storage.people
import storage.treatment
from care.actors import Actor, RefusedError
from care.erasure import own_patient
from care.work import Work
from storage.cipher import Cipher
from storage.tables import Patient

# Ids that mean something inside the database only.
INTERNAL = frozenset({"clinic_id", "patient_id", "update_id", "previous", "hash", "token_hash"})


async def collect(work: Work, actor: Actor, patient_id: int) -> dict[str, Any]:
    """Everything about the patient: who, consent, sessions, answers, notes, alerts, messages,
    audit lines and raw updates, all decrypted. JSON values only; times are ISO 8601, UTC.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    known = own_patient(actor, patient_id)
    async with work.writing() as tx:
        patient = await storage.people.patient(tx.session, known.clinic_id, patient_id)
        if patient is None:
            raise RefusedError("no such patient")
        tx.audit(
            patient.clinic_id, f"patient:{patient.ref}", "data_given", f"patient:{patient.ref}"
        )
        found = await _everything(tx.session, patient, tx.cipher)
        return {"written_at": tx.now.isoformat(), **found}


async def _everything(session: AsyncSession, patient: Patient, cipher: Cipher) -> dict[str, Any]:
    patient_id = patient.id or 0
    clinic = await storage.people.clinic(session, patient.clinic_id)
    sessions = await storage.erasure.sessions(session, patient_id)
    checks = await storage.treatment.check_ins_of_patient(session, patient_id)
    notes = await storage.treatment.notes_of(session, patient_id)
    alerts = await storage.alerts.alerts_of_patient(session, patient_id)
    subjects = [f"patient:{patient.ref}"]
    subjects += [f"session:{one.id}" for one in sessions] + [f"note:{one.id}" for one in notes]
    subjects += [f"alert:{one.id}" for one in alerts]
    audit = await storage.erasure.audit_about(
        session, patient.clinic_id, f"patient:{patient.ref}", subjects
    )
    raw = await storage.erasure.updates_from(session, patient.chat_id or 0)
    return {
        "clinic": clinic.name if clinic else "",
        "patient": _opened(patient, cipher, "name", "phone"),
        "links": _plain(await storage.erasure.invites(session, patient_id)),
        "sessions": _plain(sessions),
        "check_ins": [
            {
                **_row(check),
                "answers": _plain(
                    await storage.treatment.answers(session, check.id or 0, with_corrected=True)
                ),
                "assessments": _plain(await storage.erasure.assessments(session, check.id or 0)),
            }
            for check in reversed(checks)
        ],
        "notes": [_opened(note, cipher, "body", "media") for note in notes],
        "alerts": [
            {
                **_opened(alert, cipher, "action"),
                "events": _plain(await storage.alerts.events(session, alert.id or 0)),
            }
            for alert in reversed(alerts)
        ],
        "messages_by_clinicians": [
            _opened(letter, cipher, "body")
            for letter in await storage.letters.of_patient(session, patient_id)
        ],
        "messages_to_you": _plain(await storage.erasure.messages_to(session, patient_id)),
        "received_from_your_chat": [
            {**_row(update), "body": json.loads(cipher.open(update.body))} for update in raw
        ],
        "audit": _plain(audit),
    }


def _row(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude=set(INTERNAL))


def _plain(rows: Iterable[SQLModel]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _opened(row: SQLModel, cipher: Cipher, *sealed: str) -> dict[str, Any]:
    return {**_row(row), **{name: cipher.open(getattr(row, name)) for name in sealed}}
