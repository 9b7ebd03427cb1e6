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


async def topic_lost(work: Work, chat_id: int) -> bool:
    """The topic that gets the alerts refuses them: they go to the group's General topic, and all
    staff are told. False when they went there already, or it is no group of ours.
    """
    async with work.writing() as tx:
        clinic = await storage.people.clinic_of_group(tx.session, chat_id)
        if clinic is None or clinic.group_thread_id is None:
            return False
        topic, clinic.group_thread_id = clinic.group_thread_id, None
        tx.session.add(clinic)
        tx.audit(clinic.id or 0, "system", "topic_lost", f"chat:{chat_id}", topic=topic)
        for member, _roles in await storage.people.staff(tx.session, clinic.id or 0):
            await tx.enqueue(
                "notice",
                f"topic_lost:{chat_id}:{topic}:{tx.now.isoformat()}:{member.id}",
                clinic_id=clinic.id or 0,
                person_id=member.id,
                detail={"text": "topic_lost"},
            )
        return True


async def chat_back(work: Work, chat_id: int) -> None:
    """Somebody unblocked the bot: they can be written to again."""
    async with work.writing() as tx:
        for patient in await storage.people.patients_in_chat(tx.session, chat_id):
            if patient.unreachable_at is not None:
                patient.unreachable_at = None
                tx.session.add(patient)
                await _say(tx, patient, "reachable")


async def _patient_lost(tx: Tx, patient: Patient) -> None:
    patient.unreachable_at = tx.now
    tx.session.add(patient)
    await _say(tx, patient, "unreachable")


async def _say(tx: Tx, patient: Patient, what: str) -> None:
    tx.audit(patient.clinic_id, "system", f"patient_{what}", f"patient:{patient.ref}")
    for member in await to_tell(tx.session, patient.clinic_id, tx.now):
        await tx.enqueue(
            "notice",
            f"{what}:{patient.id}:{tx.now.isoformat()}:{member.id}",
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            person_id=member.id,
            detail={"text": f"patient_{what}"},
        )
