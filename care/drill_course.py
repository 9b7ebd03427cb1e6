"""How a drill goes on and ends: one step a second, then the report, then everything is removed."""

from datetime import timedelta

import storage.drills
import storage.people
from care import drill as drills
from care.actors import Actor, RefusedError
from care.drill_stages import LIMITS, STAGES, Case, overdue
from care.paging import note_event, refresh_cards
from care.work import Tx, Work
from storage.tables import Drill, OutboxRow

# An acknowledgement is a matter of minutes.
PATIENTLY = timedelta(seconds=5)
# Copies of the card show that it is over before they lose what they belong to.
CLEAR_AFTER = timedelta(minutes=10)
# What belongs to the drill's own course.
OWN = ("drill_step", "drill_report")
# Without these links the rest says nothing.
_NEEDED = frozenset({"link", "consent", "check_in", "answer"})
_ORDER = tuple(STAGES)


async def step(tx: Tx, row: OutboxRow) -> None:
    """Look at a drill once, and write the next look."""
    drill = await storage.drills.drill(tx.session, int(str(row.detail["drill"])))
    if drill is None or drill.patient_id is None:
        return
    tx.session.add(drill)
    if drill.state != "running":
        await _clear(tx, drill)
        return
    case = await _case(tx, drill)
    if case is None:
        await _end(tx, drill, "failed")
    elif await STAGES[drill.stage](case):
        await _on(tx, drill)
    elif drill.stage in LIMITS and tx.now - drill.stage_at > LIMITS[drill.stage]:
        await overdue(case)
        await (_end(tx, drill, "failed") if drill.stage in _NEEDED else _on(tx, drill))
    else:
        pause = PATIENTLY if drill.stage == "acknowledged" else drills.STEP
        await drills.next_step(tx, drill, pause)


async def _case(tx: Tx, drill: Drill) -> Case | None:
    clinic = await storage.people.clinic(tx.session, drill.clinic_id)
    patient = await storage.people.patient(tx.session, drill.clinic_id, drill.patient_id or 0)
    player = await storage.people.person(tx.session, drill.clinic_id, drill.person_id or 0)
    if clinic is None or patient is None or player is None:
        return None
    return Case(tx, drill, clinic, patient, player)


async def _on(tx: Tx, drill: Drill) -> None:
    """To the next stage, or to the end after the last."""
    place = _ORDER.index(drill.stage) + 1
    if place == len(_ORDER):
        broken = any(found["state"] == "broken" for found in drill.links)
        await _end(tx, drill, "failed" if broken else "passed")
        return
    drill.stage, drill.stage_at = _ORDER[place], tx.now
    await drills.next_step(tx, drill)


async def _end(tx: Tx, drill: Drill, state: str) -> None:
    """The drill is over: its alert closes, nothing more is sent for it, the admins are told."""
    drill.state, drill.ended_at = state, tx.now
    patient_id = drill.patient_id or 0
    await storage.drills.cancel_all(tx.session, patient_id, tx.now, *OWN)
    check = await storage.drills.check_in(tx.session, patient_id)
    if check is not None and check.state in ("planned", "open"):
        check.state, check.ended_at = "abandoned", tx.now
        tx.session.add(check)
    alert = await storage.drills.alert(tx.session, patient_id)
    if alert is not None:
        if alert.state != "closed":
            alert.state, alert.closed_at, alert.outcome = "closed", tx.now, "not_confirmed"
            tx.session.add(alert)
            await note_event(tx, alert, "closed", outcome=alert.outcome)
        await tx.session.flush()
        await refresh_cards(tx, alert)
    tx.audit(drill.clinic_id, "system", f"drill_{state}", f"drill:{drill.id}")
    for person_id in await _told(tx, drill):
        await tx.enqueue(
            "drill_report",
            f"drill_report:{drill.id}:{person_id}",
            clinic_id=drill.clinic_id,
            person_id=person_id,
            detail={"drill": drill.id},
        )
    await drills.next_step(tx, drill)


async def _told(tx: Tx, drill: Drill) -> list[int]:
    """The admin who played; after a weekly drill every admin."""
    if not drill.weekly:
        return [drill.person_id or 0]
    staff = await storage.people.staff(tx.session, drill.clinic_id)
    return [person.id or 0 for person, roles in staff if "admin" in roles]


async def _clear(tx: Tx, drill: Drill) -> None:
    """Once nothing is on its way any more, the synthetic patient is removed."""
    patient_id, ended = drill.patient_id or 0, drill.ended_at or tx.now
    waiting = await storage.drills.still_due(tx.session, patient_id, *OWN)
    if waiting and tx.now - ended < CLEAR_AFTER:
        await drills.next_step(tx, drill)
        return
    drill.patient_id = None
    await tx.session.flush()
    await storage.drills.remove(tx.session, patient_id)


async def stop(work: Work, actor: Actor) -> Drill | None:
    """[Stop the drill]: what was found so far is reported, the rest is called off.

    Raises:
        RefusedError: the actor is no admin.
    """
    _person, clinic_id = actor.staff()
    if not actor.is_admin:
        raise RefusedError("only an admin stops a drill")
    async with work.writing() as tx:
        drill = await storage.drills.running(tx.session, clinic_id)
        if drill is not None:
            await storage.people.hold(tx.session, {drill.patient_id or 0})
            await _end(tx, drill, "stopped")
        return drill
