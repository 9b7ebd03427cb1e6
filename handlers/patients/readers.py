"""Who a message to a patient goes to, and the check-in that it is about."""

from dataclasses import dataclass

import storage.people
import storage.treatment
from care.evaluation import Facts, gather
from handlers.delivery import Rendering
from storage.tables import Clinic, Patient


@dataclass(frozen=True)
class Reader:
    """The patient a message goes to, with their clinic."""

    patient: Patient
    clinic: Clinic
    chat_id: int

    @property
    def zone(self) -> str:
        """The zone whose times they read."""
        return self.patient.zone or self.clinic.zone


async def reader_of(job: Rendering) -> Reader:
    """The patient and clinic of a row (`to_patient` has made sure that they are there).

    Raises:
        LookupError: they are gone all the same.
    """
    patient = await storage.people.patient(job.session, job.row.clinic_id, job.row.patient_id or 0)
    clinic = await storage.people.clinic(job.session, job.row.clinic_id)
    if patient is None or clinic is None or patient.chat_id is None:
        raise LookupError("patient or clinic gone")
    return Reader(patient, clinic, patient.chat_id)


async def facts_of(job: Rendering) -> Facts | None:
    """The check-in a row is about, with all that belongs to it; None when it is gone."""
    check = await storage.treatment.check_in(
        job.session, job.row.clinic_id, job.row.check_in_id or 0
    )
    return await gather(job.session, check) if check else None
