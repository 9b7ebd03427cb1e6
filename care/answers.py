"""An answer as it is kept: in place, as a correction, or in a report when its check-in closed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import storage.outbox
import storage.treatment
from care import together
from care.evaluation import Facts, Value, evaluate, gather, stored
from care.outbox import REMINDER_KINDS
from care.reports import new_report, start_follow_up_clock
from care.work import Tx
from storage.tables import Answer, CheckIn

# A correction that opens a finished check-in again leaves at least so much time for what it asks.
TIME_FOR_MORE = timedelta(hours=3)


@dataclass(frozen=True)
class Step:
    """What a tap led to.

    Attributes:
        facts: the check-in as it stands after the tap.
        completed: the last question was answered by this tap.
        reopened_as: the report that took the answer because the check-in was closed.
        opened_alert: a clinician is being paged because of this tap.
    """

    facts: Facts
    completed: bool = False
    reopened_as: CheckIn | None = None


def may_answer(facts: Facts, question: str) -> bool:
    """Answered questions may be corrected, the next one answered; nothing further ahead."""
    following = together.coming(facts)
    if following is not None and (following[0].check_in.id, following[1]) == (
        facts.check_in.id,
        question,
    ):
        return True
    return question in facts.asked and (question in facts.final or question in facts.ticks)


async def store(tx: Tx, check: CheckIn, question: str, value: Value, *, final: bool) -> Facts:
    """Keep an answer beside the one it corrects, judge it, and go on; returns what stands now.

    In a merged check-in it is kept with each session that it counts for.
    """
    before = await gather(tx.session, check)
    for one in together.sharing(before, question):
        await _keep(tx, one.check_in, question, value, final=final)
    await tx.session.flush()
    for one in together.members(before):
        await storage.outbox.cancel(
            tx.session, at=tx.now, kinds=REMINDER_KINDS, check_in_id=one.check_in.id
        )
    await evaluate(tx, check)
    facts = await gather(tx.session, check)
    await _settle(tx, facts, final=final)
    return facts


async def _keep(tx: Tx, check: CheckIn, question: str, value: Value, *, final: bool) -> None:
    await storage.treatment.supersede(tx.session, check.id or 0, question, tx.now)
    tx.session.add(
        Answer(
            clinic_id=check.clinic_id,
            check_in_id=check.id or 0,
            question=question,
            value=stored(value),
            final=final,
            at=tx.now,
        )
    )
    check.answered_at = tx.now
    tx.session.add(check)


async def as_report(tx: Tx, closed: Facts, question: str, value: Value, *, final: bool) -> Step:
    """The answer to a check-in that is closed becomes a report's, with what it follows from."""
    open_now = await storage.treatment.check_ins_of_patient(
        tx.session, closed.patient.id or 0, states=("open",)
    )
    reports = {c.session_id: c for c in open_now if c.kind == "report"}
    report = reports.get(closed.check_in.session_id)
    if report is None:
        report = await new_report(tx, closed.patient, closed.check_in.session_id)
        for other in together.sharing(closed, question):
            if other.check_in.session_id not in {*reports, report.session_id}:
                await new_report(
                    tx, closed.patient, other.check_in.session_id, merged_into=report.id
                )
    facts = await gather(tx.session, report)
    if isinstance(value, frozenset):
        value |= facts.ticks.get(question, frozenset())
    parent = closed.questions[question].after
    if parent is not None and parent in closed.final and question not in facts.asked:
        # What the report holds meanwhile must not hide a sign that is tapped on the old screen.
        asks = closed.final[parent]
        if question == "danger_signs":
            # Whoever ticks a danger sign says yes, even if both check and report say none by now.
            asks = "yes"
        if isinstance(asks, frozenset):
            asks |= frozenset(facts.final.get(parent, ()))  # type: ignore[arg-type]
        await store(tx, report, parent, asks, final=True)
    return Step(await store(tx, report, question, value, final=final), reopened_as=report)


async def _settle(tx: Tx, facts: Facts, *, final: bool) -> None:
    """After an answer: the check-in is complete, or the next follow-up's clock starts."""
    following, every = together.coming(facts), together.members(facts)
    head = together.lead(facts)
    if following is not None:
        for one in every:
            if one.check_in.state == "complete":
                await _open_again(tx, one.check_in)
        await start_follow_up_clock(tx, following[0])
    elif final and head.state == "open":
        for one in every:
            await _complete(tx, one.check_in)
        await tx.enqueue("result", f"result:{head.id}", **_refs(head))
    await tx.session.flush()


async def _open_again(tx: Tx, check: CheckIn) -> None:
    check.state, check.ended_at = "open", None
    check.closes_at = max(check.closes_at, tx.now + TIME_FOR_MORE)
    tx.session.add(check)
    await tx.enqueue(
        "close_check_in",
        f"close:{check.id}:{tx.now.isoformat()}",
        due_at=check.closes_at,
        **_refs(check),
    )


async def _complete(tx: Tx, check: CheckIn) -> None:
    check.state, check.ended_at = "complete", tx.now
    tx.session.add(check)
    await storage.outbox.cancel(
        tx.session,
        at=tx.now,
        kinds=("close_check_in", "follow_up_timeout"),
        check_in_id=check.id,
    )


def _refs(check: CheckIn) -> dict[str, Any]:
    return {
        "clinic_id": check.clinic_id,
        "patient_id": check.patient_id,
        "session_id": check.session_id,
        "check_in_id": check.id,
    }
