"""The name a clinician gives a patient, shown beside the code to staff only."""

import storage.people
from care.actors import Actor, RefusedError
from care.work import Work
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
