"""Words that patients type: what the reader finds in them may raise, and never lowers."""

from datetime import timedelta
from typing import Any

import storage.treatment
from care.alerts import Finding, raise_alerts
from care.evaluation import Facts, gather, tell_emergency
from care.triage import Level
from care.triage.notes import read
from care.watch import set_off
from care.work import Tx
from storage.tables import CheckIn, Note, OutboxRow

# The rule that each sign speaks for, gravest first.
RULES = {"emergency": "E0", "infection": "U1", "nerve": "U4"}
QUIET = "none"
# The question whose answer says more than the words do, and how long it may take.
SAYS_MORE = "new"
TIME_TO_ANSWER = timedelta(minutes=30)


def read_as(body: str, language: str) -> str:
    """The signs in a note, "none" if there is none, and "" when it was not read: there are no
    words, or they are in a language without word lists.
    """
    if not body.strip() or not read("", language).known:
        return ""
    # In the words' own language, whatever the patient reads: many write in two.
    found = read(body)
    return " ".join(sign for sign in RULES if getattr(found, sign)) or QUIET


async def heed(tx: Tx, facts: Facts, note: Note) -> bool:
    """Do what a note's signs ask for; returns whether the emergency text goes instead of
    questions.

    Danger: the emergency text and an emergency alert at once. Infection or nerve: the questions
    open, and unless they are answered in time the clinic is told of an urgent matter.
    """
    signs = note.read_as.split()
    check = facts.check_in
    slower = [RULES[sign] for sign in signs if sign in ("infection", "nerve")]
    if slower:
        await tx.enqueue(
            "typed_timeout",
            f"typed:{note.id}",
            due_at=tx.now + TIME_TO_ANSWER,
            detail={"rules": slower},
            note_id=note.id,
            **_refs(check),
        )
    if "emergency" not in signs:
        return False
    alert_id = await _raise(tx, facts, note, Level.emergency, [RULES["emergency"]])
    check.paused = True
    tx.session.add(check)
    await tell_emergency(tx, check, [RULES["emergency"]], {**_refs(check), "alert_id": alert_id})
    return True


async def take_step(tx: Tx, row: OutboxRow) -> None:
    """The time to answer is over: without an answer to `new` since, the words speak for it."""
    check = await storage.treatment.check_in(tx.session, row.clinic_id, row.check_in_id or 0)
    note = await storage.treatment.note(tx.session, row.clinic_id, row.note_id or 0)
    if check is None or note is None:
        return
    facts = await gather(tx.session, check)
    if any(
        one.question == SAYS_MORE and one.final and one.at >= row.created_at
        for one in facts.answers
    ):
        return
    first = Level(check.level) < Level.urgent
    rules = [str(rule) for rule in row.detail["rules"]]  # type: ignore[attr-defined]
    alert_id = await _raise(tx, facts, note, Level.urgent, rules)
    if first:
        await tx.enqueue("urgent_text", f"urgent:{check.id}", alert_id=alert_id, **_refs(check))


async def _raise(tx: Tx, facts: Facts, note: Note, level: Level, rules: list[str]) -> int | None:
    for rule in rules:
        await set_off(tx, facts.check_in, rule)
    found = [(facts.check_in, Finding(level, tuple(rules)))]
    alert = await raise_alerts(tx, facts.patient, facts.clinic, found)
    note.alert_id = alert.id
    tx.session.add(note)
    await tx.session.flush()
    return alert.id


def _refs(check: CheckIn) -> dict[str, Any]:
    return {
        "clinic_id": check.clinic_id,
        "patient_id": check.patient_id,
        "session_id": check.session_id,
        "check_in_id": check.id,
    }
