"""Check-ins and reports: opened, answered, corrected, and ended; judged after every answer."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care import together
from care.actors import Actor, RefusedError
from care.answers import Step, as_report, may_answer, store
from care.evaluation import Facts, evaluate, gather
from care.outbox import REMINDER_KINDS
from care.paging import note_event, refresh_cards
from care.reports import new_report, report_for
from care.triage import WEEK_CHECK, validate_answer
from care.work import Tx, Work
from storage.tables import Alert, CheckIn

ENDED = ("complete", "no_answer", "abandoned", "missed", "cancelled")
REMIND_LATER = timedelta(hours=2)
# A check-in whose answers can still be corrected in place after its last question.
CORRECTABLE = ("open", "complete")


class StaleTapError(Exception):
    """A tap on a screen that has moved on; `facts` is how it stands, to draw it again."""

    def __init__(self, facts: Facts) -> None:
        super().__init__("the screen has moved on")
        self.facts = facts


async def answer(work: Work, actor: Actor, check_in_id: int, question: str, value: object) -> Step:
    """Store one answer (a correction keeps both), judge, and write what follows, in one
    transaction.

    A tap on a closed check-in opens a report with that answer. The same answer again changes
    nothing.

    Raises:
        RefusedError: the check-in is not this chat's.
        InvalidAnswer: the question has no such value.
        StaleTapError: the question is not asked (any more).
    """
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        given = validate_answer(facts.protocol, question, value)
        if (question, given, check.state) == (WEEK_CHECK.id, "no", "no_answer"):
            # Late, but an answer: nobody is to report a problem that they do not have.
            check.state, check.ended_at = "open", None
        if check.state not in CORRECTABLE:
            return await as_report(tx, facts, question, given, final=True)
        if not may_answer(facts, question):
            raise StaleTapError(facts)
        if facts.final.get(question) == given:
            return Step(facts)
        was_open = check.state == "open"
        done = await store(tx, check, question, given, final=True)
        return Step(done, completed=was_open and done.check_in.state == "complete")


async def tick(
    work: Work, actor: Actor, check_in_id: int, question: str, value: str, *, on: bool
) -> Step:
    """Store one tick of a list, on or off. Danger signs are judged at once, others at [Done].

    Raises: as `answer`.
    """
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        validate_answer(facts.protocol, question, [value])
        if check.state not in CORRECTABLE and on:
            ticked = facts.ticks.get(question, frozenset()) | {value}
            return await as_report(tx, facts, question, ticked, final=False)
        if check.state not in CORRECTABLE or not may_answer(facts, question):
            raise StaleTapError(facts)
        before = facts.ticks.get(question)
        if before is None:
            given = facts.final.get(question)
            before = given if isinstance(given, frozenset) else frozenset()
        after = before | {value} if on else before - {value}
        if after == before and question not in facts.final:
            return Step(facts)
        return Step(await store(tx, check, question, frozenset(after), final=False))


async def done(work: Work, actor: Actor, check_in_id: int, question: str) -> Step:
    """[Done] under a list: the ticks become the answer. At least one is needed.

    Raises:
        as `answer`; StaleTapError also when nothing is ticked.
    """
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        ticks = facts.ticks.get(question)
        if check.state not in CORRECTABLE and ticks:
            return await as_report(tx, facts, question, ticks, final=True)
        if check.state not in CORRECTABLE or not ticks or not may_answer(facts, question):
            raise StaleTapError(facts)
        was_open = check.state == "open"
        stands = await store(tx, check, question, ticks, final=True)
        return Step(stands, completed=was_open and stands.check_in.state == "complete")


async def go_on(work: Work, actor: Actor, check_in_id: int) -> Step:
    """[Go on with the check] after an emergency text."""
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        await _go_on(tx, facts)
        return Step(facts)


async def _go_on(tx: Tx, facts: Facts) -> None:
    for one in together.members(facts):
        one.check_in.paused = False
        tx.session.add(one.check_in)
    await tx.session.flush()


async def getting_help(work: Work, actor: Actor, check_in_id: int) -> Step:
    """[I am getting help]: no repeat of the emergency text; the clinic sees it on the card."""
    return await _react(work, actor, check_in_id, "getting_help")


async def mistake(work: Work, actor: Actor, check_in_id: int) -> Step:
    """[I made a mistake]: the questions open again, the alert stays, the clinic sees it."""
    return await _react(work, actor, check_in_id, "mistake")


async def _react(work: Work, actor: Actor, check_in_id: int, event: str) -> Step:
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        kinds = ["emergency_repeat"]
        if event == "mistake":
            await _go_on(tx, facts)
        else:
            # Somebody on the way to hospital owes us no more ticks: nobody is paged for them.
            kinds.append("follow_up_timeout")
        alerts: dict[int, Alert] = {}
        for one in (facts, *facts.others):
            await storage.outbox.cancel(
                tx.session, at=tx.now, kinds=kinds, check_in_id=one.check_in.id
            )
            found = await storage.alerts.open_alert(
                tx.session, check.patient_id, one.check_in.session_id
            )
            if found is not None:
                alerts[found.id or 0] = found
        for alert in alerts.values():
            await note_event(tx, alert, event)
            await refresh_cards(tx, alert)
        return Step(await gather(tx.session, check))


async def remind_later(work: Work, actor: Actor, check_in_id: int) -> datetime | None:
    """[Remind me in 2 h]: when the reminder comes (aware UTC); None when the check-in ends before.

    Raises:
        RefusedError: the check-in is not this chat's.
    """
    async with work.writing() as tx:
        check = together.lead(await gather(tx.session, await _theirs(tx, actor, check_in_id)))
        at = tx.now + REMIND_LATER
        if check.state != "open" or at >= check.closes_at:
            return None
        await storage.outbox.cancel(
            tx.session, at=tx.now, kinds=REMINDER_KINDS, check_in_id=check.id
        )
        await tx.enqueue(
            "reminder",
            f"reminder:{check.id}:{at.isoformat()}",
            due_at=at,
            clinic_id=check.clinic_id,
            patient_id=check.patient_id,
            session_id=check.session_id,
            check_in_id=check.id,
        )
        return at


async def worried(work: Work, actor: Actor, check_in_id: int) -> Step:
    """[I'm worried, call me]: an urgent alert whatever the answers say.

    Raises:
        RefusedError: the check-in is not this chat's.
    """
    async with work.writing() as tx:
        check = await _theirs(tx, actor, check_in_id)
        facts = await gather(tx.session, check)
        if check.state not in CORRECTABLE:
            check = await new_report(tx, facts.patient, check.session_id)
            facts = await gather(tx.session, check)
        for one in together.members(facts):
            one.check_in.worried, one.check_in.answered_at = True, tx.now
            tx.session.add(one.check_in)
        await tx.session.flush()
        await evaluate(tx, check)
        return Step(await gather(tx.session, check))


async def open_report(work: Work, actor: Actor, patient_id: int) -> Step:
    """[Report a problem]: a running check-in shows its question 1 again, else a report opens.

    Raises:
        RefusedError: the patient is not this chat's.
    """
    async with work.writing() as tx:
        patient = next((known for known in actor.patients if known.id == patient_id), None)
        if patient is None:
            raise RefusedError("not their patient")
        await storage.people.hold(tx.session, {patient_id})
        check = await report_for(tx, patient)
        return Step(await gather(tx.session, check))


async def opened(tx: Tx, check: CheckIn) -> None:
    """A check-in was sent: it is open, with all that is asked within it."""
    for other in (check, *await storage.treatment.merged_with(tx.session, check)):
        other.state, other.opened_at = "open", tx.now
        tx.session.add(other)
        if other is not check:
            await storage.outbox.cancel(
                tx.session, at=tx.now, kinds=("check_in", "reminder"), check_in_id=other.id
            )
    await tx.session.flush()


async def shown(
    work: Work, check_in_id: int, clinic_id: int, chat_id: int, message_id: int
) -> None:
    """Remember which message shows this check-in's screen."""
    async with work.writing() as tx:
        check = await storage.treatment.check_in(tx.session, clinic_id, check_in_id)
        if check is not None:
            head = together.lead(await gather(tx.session, check))
            head.chat_id, head.message_id = chat_id, message_id
            tx.session.add(head)


async def _theirs(tx: Tx, actor: Actor, check_in_id: int) -> CheckIn:
    await storage.people.hold(tx.session, {patient.id or 0 for patient in actor.patients})
    return await find(tx.session, actor, check_in_id)


async def find(session: AsyncSession, actor: Actor, check_in_id: int) -> CheckIn:
    """The check-in, when it belongs to a patient of this chat.

    Raises:
        RefusedError: it does not, or it does not exist.
    """
    ids = {patient.id for patient in actor.patients}
    for clinic_id in {patient.clinic_id for patient in actor.patients}:
        check = await storage.treatment.check_in(session, clinic_id, check_in_id)
        if check is not None and check.patient_id in ids:
            return check
    raise RefusedError("not their check-in")
