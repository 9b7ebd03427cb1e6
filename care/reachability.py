"""Who can be written to: blocked bots, deleted accounts, groups that moved or closed."""

import storage.people
from care import team
from care.rota import to_tell
from care.work import Tx, Work
from storage.tables import Patient


async def group_moved(work: Work, old_chat_id: int, new_chat_id: int) -> bool:
    """A group became a supergroup: alerts go to its new id; cards sent keep the old one."""
    async with work.writing() as tx:
        clinic = await storage.people.clinic_of_group(tx.session, old_chat_id)
        if clinic is None:
            return False
        tx.audit(clinic.id or 0, "system", "group_moved", f"chat:{new_chat_id}", old=old_chat_id)
        return await storage.people.move_group(tx.session, old_chat_id, new_chat_id)


async def chat_lost(work: Work, chat_id: int) -> None:
    """A chat refuses our messages: mark whoever it is, and tell the clinic."""
    async with work.writing() as tx:
        clinic = await storage.people.clinic_of_group(tx.session, chat_id)
        if clinic is not None:
            await team.forget_group(tx, clinic)
            return
        first = await storage.people.first_clinic(tx.session)
        if first is not None:
            await team.unreachable(tx, first.id or 0, chat_id)
        for patient in await storage.people.patients_in_chat(tx.session, chat_id):
            if patient.unreachable_at is None:
                await _patient_lost(tx, patient)


async def chat_back(work: Work, chat_id: int) -> None:
    """Somebody unblocked the bot: they can be written to again."""
    async with work.writing() as tx:
        for patient in await storage.people.patients_in_chat(tx.session, chat_id):
            if patient.unreachable_at is not None:
                patient.unreachable_at = None
                tx.session.add(patient)
                tx.audit(
                    patient.clinic_id, "system", "patient_reachable", f"patient:{patient.ref}"
                )


async def _patient_lost(tx: Tx, patient: Patient) -> None:
    patient.unreachable_at = tx.now
    tx.session.add(patient)
    tx.audit(patient.clinic_id, "system", "patient_unreachable", f"patient:{patient.ref}")
    for member in await to_tell(tx.session, patient.clinic_id, tx.now):
        await tx.enqueue(
            "notice",
            f"unreachable:{patient.id}:{tx.now.isoformat()}:{member.id}",
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            person_id=member.id,
            detail={"text": "patient_unreachable"},
        )
