"""Timed steps: what the outbox does by itself when nobody tapped in time."""

from datetime import datetime

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care import (
    digest,
    drill,
    drill_course,
    erasure,
    forgotten,
    retention,
    timing,
    together,
    typed,
)
from care.alerts import Finding, raise_alerts
from care.evaluation import Facts, evaluate, gather
from care.paging import AT_OPENING, is_closed, next_round, note_event, page, refresh_cards, refs
from care.triage import WEEK, Level
from care.watch import SILENCE, WATCH, set_off
from care.work import Tx
from storage.tables import Alert, CheckIn, OutboxRow


async def take(tx: Tx, row: OutboxRow) -> None:
    """Take one timed step inside the transaction that also marks its row done.

    Raises:
        KeyError: the row's kind is no timed step.
    """
    steps = {
        "follow_up_timeout": _follow_up_timeout,
        "close_check_in": _close_check_in,
        "typed_timeout": typed.take_step,
        "delivery_check": _delivery_check,
        "escalate": _escalate,
        "forgotten_reopen": forgotten.reopen,
        "digest_day": _digest_day,
        "erase": erasure.take_step,
        "scrub": erasure.scrub_step,
        "drill_step": drill_course.step,
        "drill_week": _drill_week,
    }
    await steps[row.kind](tx, row)


async def _check_in(tx: Tx, row: OutboxRow) -> CheckIn | None:
    return await storage.treatment.check_in(tx.session, row.clinic_id, row.check_in_id or 0)


async def _alert(tx: Tx, row: OutboxRow) -> Alert | None:
    alert = await storage.alerts.alert(tx.session, row.clinic_id, row.alert_id or 0)
    return alert if alert is not None and alert.state == "open" else None


async def _follow_up_timeout(tx: Tx, row: OutboxRow) -> None:
    """A follow-up without an answer is overdue, and stays so even if answered later; also when
    the check-in closed in between.
    """
    check = await _check_in(tx, row)
    question = str(row.detail["question"])
    if check is None or check.state not in ("open", "complete", "abandoned"):
        return
    facts = await gather(tx.session, check)
    if question in facts.final or question in check.timed_out:
        return
    for one in together.sharing(facts, question):
        one.check_in.timed_out = [*one.check_in.timed_out, question]
        tx.session.add(one.check_in)
    await tx.session.flush()
    await evaluate(tx, check)


async def _close_check_in(tx: Tx, row: OutboxRow) -> None:
    """The time for a check-in is over: without an answer "no answer", never "well"; never asked,
    because the patient paused or could not be reached, it was missed.

    A merged one closes whole, with whichever of its sessions closes first.
    """
    check = await _check_in(tx, row)
    if check is not None and check.state == "planned":
        await _miss(tx, check)
    if check is None or check.state != "open":
        return
    facts = await gather(tx.session, check)
    every, head = together.members(facts), together.lead(facts)
    for one in every:
        await _end(tx, one)
    silent = [one.check_in for one in every if await _silence(tx, one.check_in)]
    if silent:
        finding = Finding(Level.urgent, (SILENCE,))
        found = [(one, finding) for one in silent]
        await raise_alerts(tx, facts.patient, facts.clinic, found)
    for one in every:
        if one.check_in not in silent and await _unfinished(tx, one.check_in):
            await set_off(tx, one.check_in, WATCH)
    if head.kind == "check_in" or any(one.answers for one in every):
        await tx.enqueue(
            "closed_note",
            f"closed:{head.id}",
            due_at=await _by_day(tx, head),
            clinic_id=head.clinic_id,
            patient_id=head.patient_id,
            session_id=head.session_id,
            check_in_id=head.id,
        )


async def _end(tx: Tx, one: Facts) -> None:
    check = one.check_in
    # Beside a session that was left half-way, another may have all its answers.
    answered = "complete" if one.next is None else "abandoned"
    check.state = answered if one.answers else "no_answer"
    check.ended_at = tx.now
    tx.session.add(check)
    await tx.session.flush()
    await storage.outbox.cancel(
        tx.session,
        at=tx.now,
        kinds=("reminder", "check_in"),
        check_in_id=check.id,
    )


async def _unfinished(tx: Tx, check: CheckIn) -> bool:
    """Whether rule W8 holds: no answer at all, or left half-way after danger = none."""
    if check.state == "no_answer":
        return True
    facts = await gather(tx.session, check)
    return facts.final.get("danger") == "none"


async def _silence(tx: Tx, check: CheckIn) -> bool:
    """Rule U11: not one answer in the whole course of a session that carries a risk is urgent.

    Returns whether it holds.
    """
    treated = await storage.treatment.treatment_session(
        tx.session, check.clinic_id, check.session_id or 0
    )
    if check.kind != "check_in" or check.step == WEEK or treated is None:
        return False
    course = [
        found
        for found in await storage.treatment.check_ins_of_session(tx.session, treated.id or 0)
        if found.kind == "check_in" and found.state != "cancelled" and found.step != WEEK
    ]
    known_safe = treated.regions and not {"thorax", "spine"} & set(treated.regions)
    if (known_safe and not treated.risks and not treated.high_risk) or any(
        found.state != "no_answer" for found in course
    ):
        return False
    await set_off(tx, check, SILENCE)
    return True


async def _by_day(tx: Tx, check: CheckIn) -> datetime:
    """Now, or when the patient's day begins: that a check closed is no reason to wake anybody."""
    patient = await storage.people.patient(tx.session, check.clinic_id, check.patient_id)
    clinic = await storage.people.clinic(tx.session, check.clinic_id)
    zone = (patient.zone if patient else None) or (clinic.zone if clinic else "UTC")
    window = timing.Schedule(())
    return timing.next_in_window(tx.now, zone, window.window_start, window.window_end)


async def _delivery_check(tx: Tx, row: OutboxRow) -> None:
    """Two minutes after paging: without one delivered copy the patient is told to call."""
    alert = await _alert(tx, row)
    if alert is None or alert.delivered_at is not None:
        return
    await note_event(tx, alert, "clinic_not_reached")
    await tx.enqueue(
        "clinic_not_reached",
        f"not_reached:{alert.id}:{alert.generation}",
        clinic_id=alert.clinic_id,
        patient_id=alert.patient_id,
        alert_id=alert.id,
    )


async def _escalate(tx: Tx, row: OutboxRow) -> None:
    """Nobody acknowledged in time: the next on the rota, then everyone, again and again; the
    patient is told the truth.

    The next round is written before anything else can go wrong with this one.
    """
    alert = await _alert(tx, row)
    clinic = await storage.people.clinic(tx.session, row.clinic_id)
    if alert is None or clinic is None:
        return
    number = int(str(row.detail.get("round", 0))) + 1
    due = next_round(tx, alert, clinic)
    closed = number == 0 and is_closed(tx, clinic)
    if closed:
        # The day was closed after the alert was raised: it is paged at the opening after.
        number, alert.paged_at, alert.deadline_at = AT_OPENING, due, due
        tx.session.add(alert)
    await tx.enqueue(
        "escalate",
        f"escalate:{alert.id}:{alert.generation}:{number}:{due.isoformat()}",
        due_at=due,
        detail={"round": number},
        **refs(alert),
    )
    await _tell_nobody_read(tx, alert)
    if closed:
        return
    await refresh_cards(tx, alert)
    told = await page(tx, alert, clinic, number)
    people = [one.id for one in told.people]
    await note_event(tx, alert, "escalated", round=number, to=told.to, people=people)


async def _tell_nobody_read(tx: Tx, alert: Alert) -> None:
    nobody = await tx.enqueue(
        "nobody_read",
        f"nobody_read:{alert.id}:{alert.generation}",
        clinic_id=alert.clinic_id,
        patient_id=alert.patient_id,
        alert_id=alert.id,
    )
    if nobody is not None:
        await note_event(tx, alert, "nobody_read")


async def _digest_day(tx: Tx, row: OutboxRow) -> None:
    clinic = await storage.people.clinic(tx.session, row.clinic_id)
    if clinic is not None:
        await digest.fan_out(tx, clinic, row.due_at)
        await retention.sweep(tx, clinic)


async def _drill_week(tx: Tx, row: OutboxRow) -> None:
    clinic = await storage.people.clinic(tx.session, row.clinic_id)
    if clinic is not None:
        await drill.weekly(tx, clinic, row.due_at)


async def missed(tx: Tx, row: OutboxRow) -> None:
    """A row's time went by unsent: a check-in nobody got is "missed", and the digest shows it."""
    if row.kind != "check_in":
        return
    check = await _check_in(tx, row)
    if check is not None and check.state == "planned":
        await _miss(tx, check)


async def _miss(tx: Tx, check: CheckIn) -> None:
    check.state, check.ended_at = "missed", tx.now
    tx.session.add(check)
    await storage.outbox.cancel(
        tx.session,
        at=tx.now,
        kinds=("reminder", "close_check_in"),
        check_in_id=check.id,
    )
    # Those that were to be asked with it come by themselves.
    for other in await storage.treatment.merged_with(tx.session, check):
        other.merged_into = None
        tx.session.add(other)
