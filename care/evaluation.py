"""From stored answers to a verdict: what the rules say of a check-in, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.outbox
import storage.people
import storage.treatment
from care import timing
from care.alerts import Finding, raise_alerts
from care.outbox import REMINDER_KINDS
from care.protocols import protocol_of
from care.replay import inputs_of
from care.triage import (
    WEEK,
    Case,
    Level,
    Previous,
    Protocol,
    Question,
    Verdict,
    asked_questions,
    assess,
    every_question,
)
from care.work import Tx
from storage.tables import Alert, Answer, Assessment, CheckIn, Clinic, Patient, TreatmentSession

EARLIER_BY = timedelta(hours=12)
EMERGENCY_REPEAT = timedelta(minutes=10)
# An unticked list is judged at [Done]; these at every tick.
JUDGED_AT_EACH_TICK = frozenset({"danger_signs"})

Value = str | int | frozenset[str]


@dataclass(frozen=True)
class Facts:
    """Everything about one check-in that the rules or a screen need."""

    check_in: CheckIn
    patient: Patient
    clinic: Clinic
    session: TreatmentSession | None
    protocol: Protocol
    answers: tuple[Answer, ...]
    # Those of other sessions that are asked in the same message (see `care.together`).
    others: tuple["Facts", ...] = ()

    @property
    def zone(self) -> str:
        """The patient's time zone, the clinic's until they say otherwise."""
        return self.patient.zone or self.clinic.zone

    @property
    def final(self) -> dict[str, Value]:
        """Answers that are given: question id to value."""
        return {
            answer.question: value_of(self.protocol, answer)
            for answer in self.answers
            if answer.final
        }

    @property
    def ticks(self) -> dict[str, frozenset[str]]:
        """Lists still being ticked: question id to what is ticked so far."""
        return {
            answer.question: frozenset(answer.value) for answer in self.answers if not answer.final
        }

    @property
    def judged(self) -> dict[str, Value]:
        """What the rules see: given answers, ticks of danger signs, ticks whose time ran out."""
        timed_out = set(self.check_in.timed_out)
        so_far = {
            question: ticks
            for question, ticks in self.ticks.items()
            if ticks and (question in JUDGED_AT_EACH_TICK or question in timed_out)
        }
        return {**self.final, **so_far}

    @property
    def questions(self) -> dict[str, Question]:
        """Every question there is, by id."""
        return every_question(self.protocol)

    @property
    def asked(self) -> tuple[str, ...]:
        """Every question it asks so far, answered or not, in order."""
        kind = WEEK if self.check_in.step == WEEK else self.check_in.kind
        return asked_questions(self.protocol, self.final, kind=kind)

    @property
    def next(self) -> str | None:
        """The first question without an answer, or None when all are answered."""
        given = self.final
        return next((question for question in self.asked if question not in given), None)


def value_of(protocol: Protocol, answer: Answer) -> Value:
    """A stored answer as the rules read it."""
    kind = every_question(protocol)[answer.question].kind
    if kind == "many":
        return frozenset(answer.value)
    return int(answer.value[0]) if kind == "score" else answer.value[0]


def stored(value: Value) -> list[str]:
    """An answer as it is stored."""
    if isinstance(value, frozenset):
        return sorted(value)
    return [str(value)]


async def gather(session: AsyncSession, check_in: CheckIn) -> Facts:
    """Read all that belongs to a check-in.

    Raises:
        LookupError: its patient or clinic is gone.
    """
    patient = await storage.people.patient(session, check_in.clinic_id, check_in.patient_id)
    clinic = await storage.people.clinic(session, check_in.clinic_id)
    if patient is None or clinic is None:
        raise LookupError("the check-in's patient or clinic is gone")

    async def alone(check: CheckIn) -> Facts:
        treated = None
        if check.session_id is not None:
            treated = await storage.treatment.treatment_session(
                session, check.clinic_id, check.session_id
            )
        return Facts(
            check,
            patient,
            clinic,
            treated,
            await protocol_of(session, check.clinic_id, check.protocol_version),
            tuple(await storage.treatment.answers(session, check.id or 0)),
        )

    others = await storage.treatment.merged_with(session, check_in)
    return replace(await alone(check_in), others=tuple([await alone(other) for other in others]))


async def case_of(session: AsyncSession, facts: Facts) -> Case:
    """The rules' input. Hours are real hours from the session to the latest answer."""
    check, treated = facts.check_in, facts.session
    at = check.answered_at or check.opened_at or check.due_at
    answers: Mapping[str, Value] = facts.judged
    if treated is None:
        return Case(
            hours=0.0,
            pain_before=None,
            regions=frozenset(),
            risks=frozenset(),
            high_risk=False,
            answers=answers,
            previous=None,
            worried=check.worried,
            timed_out=frozenset(check.timed_out),
        )
    known = (at - treated.at) <= timedelta(days=30)
    return Case(
        hours=max(0.0, timing.elapsed_hours(treated.at, at)),
        pain_before=treated.pain_before if known else None,
        regions=frozenset(treated.regions if known else ()),
        risks=frozenset(treated.risks if known else ()),
        high_risk=treated.high_risk,
        answers=answers,
        previous=await _previous(session, facts, at),
        worried=check.worried,
        timed_out=frozenset(check.timed_out),
    )


async def _previous(session: AsyncSession, facts: Facts, at: datetime) -> Previous | None:
    """Pain and soreness from the latest earlier check-in or report, at least 12 hours before."""
    if facts.check_in.session_id is None:
        return None
    found: dict[str, Value] = {}
    earlier = await storage.treatment.answers_to(
        session, facts.check_in.session_id, ("pain", "soreness"), before=at - EARLIER_BY
    )
    for answer, check in earlier:
        if check.id != facts.check_in.id and answer.question not in found:
            found[answer.question] = value_of(facts.protocol, answer)
    if not found:
        return None
    pain, soreness = found.get("pain"), found.get("soreness")
    return Previous(
        pain if isinstance(pain, int) else None, soreness if isinstance(soreness, str) else None
    )


async def evaluate(tx: Tx, check_in: CheckIn) -> Verdict:
    """Judge a check-in as it stands, store the result, and write what follows from it.

    1. The check-in's level only ever rises; `level_now` is what the answers say at the moment.
    2. Urgent or worse opens or adds to the alert.
    3. A new emergency rule sends the patient the emergency text and pauses the questions; the
       first
       urgent finding sends the urgent text. Both are outbox rows, sent right after the commit.
    4. A merged check-in is judged once for each session, with that session's own inputs; the
       patient and the clinic are told once, of the highest level.
    """
    facts = await gather(tx.session, check_in)
    every = sorted((facts, *facts.others), key=lambda one: one.check_in.merged_into is not None)
    before = {rule for one in every for rule in one.check_in.rules}
    was_urgent = any(Level(one.check_in.level) >= Level.urgent for one in every)
    verdicts = [
        await _judge(tx, one, asked=one is facts or one.check_in.answered_at == tx.now)
        for one in every
    ]
    fired = {rule for verdict in verdicts for rule in verdict.rules}
    emergencies = [
        rule for rule in facts.protocol.rules if rule in fired - before and rule.startswith("E")
    ]
    serious = [
        (one.check_in, Finding(verdict.level, tuple(r for r in verdict.rules if r[0] in "EU")))
        for one, verdict in zip(every, verdicts, strict=True)
        if Level(one.check_in.level) >= Level.urgent
    ]
    for one in every if emergencies else ():
        one.check_in.paused = True
        tx.session.add(one.check_in)
    await tx.session.flush()
    if serious:
        alert = await raise_alerts(tx, facts.patient, facts.clinic, serious)
        await _tell_patient(tx, every[0].check_in, alert, emergencies, first=not was_urgent)
    return verdicts[every.index(facts)]


async def _judge(tx: Tx, facts: Facts, *, asked: bool) -> Verdict:
    """What the rules say of one session's answers; kept when anything changed, or `asked`."""
    check_in = facts.check_in
    case = await case_of(tx.session, facts)
    verdict = assess(case, facts.protocol)
    fired = [rule for rule in verdict.rules if rule != "N1"]
    if not asked and (fired, verdict.level.value) == (check_in.rules_now, check_in.level_now):
        return verdict
    tx.session.add(
        Assessment(
            clinic_id=check_in.clinic_id,
            check_in_id=check_in.id or 0,
            protocol_version=facts.protocol.version,
            hours=case.hours,
            level=verdict.level.value,
            rules=list(verdict.rules),
            inputs=inputs_of(case),
            at=tx.now,
        )
    )
    await storage.outbox.cancel(
        tx.session, at=tx.now, kinds=REMINDER_KINDS, check_in_id=check_in.id
    )
    check_in.rules = [rule for rule in facts.protocol.rules if rule in {*check_in.rules, *fired}]
    check_in.rules_now = fired
    check_in.level_now = verdict.level.value
    check_in.level = max(Level(check_in.level), verdict.level).value
    tx.session.add(check_in)
    return verdict


async def _tell_patient(
    tx: Tx, check_in: CheckIn, alert: Alert, emergencies: list[str], *, first: bool
) -> None:
    refs: dict[str, Any] = {
        "clinic_id": check_in.clinic_id,
        "patient_id": check_in.patient_id,
        "session_id": check_in.session_id,
        "check_in_id": check_in.id,
        "alert_id": alert.id,
    }
    if emergencies:
        await tell_emergency(tx, check_in, emergencies, refs)
    elif first:
        await tx.enqueue("urgent_text", f"urgent:{check_in.id}", **refs)


async def tell_emergency(
    tx: Tx, check_in: CheckIn, rules: list[str], refs: dict[str, Any]
) -> None:
    """Write the emergency text for these rules, and its repetition; `refs` go with both."""
    key = f"{check_in.id}:{'-'.join(rules)}"
    detail: dict[str, object] = {"rules": rules}
    await tx.enqueue("emergency_text", f"emergency:{key}", detail=detail, **refs)
    await tx.enqueue(
        "emergency_repeat",
        f"emergency_repeat:{key}",
        due_at=tx.now + EMERGENCY_REPEAT,
        detail=detail,
        **refs,
    )
