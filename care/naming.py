"""The name a clinician gives a patient, shown beside the code to staff only."""

import asyncio
import unicodedata

import storage.people
from care.actors import Actor, RefusedError
from care.work import Work
from storage.cipher import Cipher, UnreadableError
from storage.tables import Patient


async def name_patient(work: Work, actor: Actor, code: str, name: str) -> Patient:
    """Keep a name (encrypted) for the patient with this code.

    Raises:
        RefusedError: there is no such patient in the actor's clinic.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        patient = await storage.people.patient_by_code(tx.session, clinic_id, code)
        if patient is None:
            raise RefusedError("no such patient")
        patient.name = tx.cipher.seal(name.strip())
        tx.session.add(patient)
        tx.audit(clinic_id, actor.name, "patient_named", f"patient:{patient.ref}")
        return patient


async def search(work: Work, actor: Actor, wanted: str, *, most: int) -> list[Patient]:
    """The clinic's patients whose code or name holds these words, newest first.

    Codes are compared by the database. Names are encrypted: they are opened one by one in a
    thread (some 15 microseconds each), in memory only.
    """
    _, clinic_id = actor.staff()
    async with work.reading() as session:
        by_code = await storage.people.patients_by_code_part(
            session, clinic_id, wanted, limit=most
        )
        sealed = await storage.people.sealed_names(session, clinic_id)
    named = await asyncio.to_thread(_named, work.cipher, sealed, wanted, most)
    async with work.reading() as session:
        by_name = await storage.people.patients_by_id(session, clinic_id, named)
    known = {patient.id for patient in by_code}
    return [*by_code, *(patient for patient in by_name if patient.id not in known)][:most]


def _named(cipher: Cipher, sealed: list[tuple[int, str]], wanted: str, most: int) -> list[int]:
    words, found = _plain(wanted), []
    for patient_id, name in sealed:
        try:
            fits = words in _plain(cipher.open(name))
        except UnreadableError:
            continue  # one name under a lost key must not hide the others
        if fits:
            found.append(patient_id)
        if len(found) == most:
            break
    return found


def _plain(name: str) -> str:
    """Without case and accents: "Zoë" is found as "zoe"."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
