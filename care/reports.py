"""Reports: a check-in that a patient opens, and the clock of every follow-up question."""

from datetime import timedelta

import storage.outbox
import storage.people
import storage.treatment
from care import together
from care.evaluation import Facts, gather
from care.outbox import REMINDER_KINDS
from care.triage import WEEK
from care.work import Tx
from storage.tables import CheckIn, Patient

REPORT_LIFE = timedelta(hours=12)


async def report_for(tx: Tx, patient: Patient) -> CheckIn:
    """The check-in a patient is in the middle of, whose reminders end, else a new report."""
    running = await storage.treatment.check_ins_of_patient(
        tx.session, patient.id or 0, states=("open",)
    )
    for check in sorted(running, key=lambda one: one.merged_into is not None):
        facts = await gather(tx.session, check)
        asked = next((one for one, known in together.asked(facts) if known == "danger"), None)
        # The one-tap check of day 7 has no question 1 before its "yes".
        if asked is not None:
            await storage.outbox.cancel(
                tx.session,
                at=tx.now,
                kinds=REMINDER_KINDS,
                check_in_id=together.lead(facts).id,
            )
            return asked.check_in
    sessions = await storage.treatment.sessions_of(tx.session, patient.id or 0)
    return await new_report(tx, patient, sessions[0].id if sessions else None)


async def new_report(
    tx: Tx, patient: Patient, session_id: int | None, *, merged_into: int | None = None
) -> CheckIn:
    """Open a report on this session, with question 1 and its clock; or one that is asked within
    another session's report.
    """
    clinic = await storage.people.clinic(tx.session, patient.clinic_id)
    check = CheckIn(
        clinic_id=patient.clinic_id,
        patient_id=patient.id or 0,
        session_id=session_id,
        kind="report",
        step="report",
        protocol_version=clinic.protocol_version if clinic else 1,
        due_at=tx.now,
        closes_at=tx.now + REPORT_LIFE,
        state="open",
        opened_at=tx.now,
        merged_into=merged_into,
    )
    tx.session.add(check)
    await tx.session.flush()
    await tx.enqueue(
        "close_check_in",
        f"close:{check.id}",
        due_at=check.closes_at,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        session_id=session_id,
        check_in_id=check.id,
    )
    if merged_into is None:
        await start_follow_up_clock(tx, await gather(tx.session, check))
    return check


async def start_follow_up_clock(tx: Tx, facts: Facts) -> None:
    """When the next question has a time limit, write the step that makes it overdue."""
    question = facts.next
    if question is None:
        return
    minutes = facts.questions[question].timeout_minutes
    # In a check-in of the schedule nobody has said yet that something is wrong; after the "yes"
    # of day 7 they have.
    opened = facts.check_in.kind == "report" or facts.check_in.step == WEEK
    if minutes is None or (question == "danger" and not opened):
        return
    await tx.enqueue(
        "follow_up_timeout",
        await _clock_key(tx, f"timeout:{facts.check_in.id}:{question}"),
        due_at=tx.now + timedelta(minutes=minutes),
        clinic_id=facts.check_in.clinic_id,
        patient_id=facts.check_in.patient_id,
        session_id=facts.check_in.session_id,
        check_in_id=facts.check_in.id,
        detail={"question": question},
    )


async def _clock_key(tx: Tx, key: str) -> str:
    """The key of a question's clock: the same as long as it runs or has run out, another after it
    was called off, because the check-in was complete and a correction opened it again.
    """
    number, found = 1, await storage.outbox.by_key(tx.session, key)
    wanted = key
    while found is not None and found.state == "cancelled":
        number += 1
        wanted = f"{key}:{number}"
        found = await storage.outbox.by_key(tx.session, wanted)
    return wanted
