"""The drill: a synthetic patient goes the whole way, and every link of it is timed.

The patient's side is played in the private chat of an admin, because Telegram takes messages for
real chats only. What the patient taps comes through the inbox as Telegram's updates do, so that
nothing on the way is spared; the alert goes to the real group and to whoever is on duty, and a
real person acknowledges it. Afterwards the patient and all that belongs to them are removed; what
was found stays with the drill.
"""

from datetime import datetime, time, timedelta

import storage.drills
import storage.people
from care import joining, local_days
from care.actors import Actor, RefusedError
from care.drill_taps import follow, tap
from care.opening_hours import WEEKDAYS
from care.rota import rota_of
from care.work import Tx, Work
from storage.tables import Clinic, Drill, Patient, Person

STEP = timedelta(seconds=0.5)
# A weekly drill that is later than this is left out: it may be night by now.
LATEST = timedelta(hours=3)


class AlreadyRunningError(Exception):
    """A drill is under way; one at a time."""


async def start(work: Work, actor: Actor) -> Drill:
    """[Start the drill]: the patient's side is played in the starting admin's chat.

    Raises:
        RefusedError: the actor is no admin.
        AlreadyRunningError: a drill is under way.
    """
    person, clinic_id = actor.staff()
    if not actor.is_admin:
        raise RefusedError("only an admin starts a drill")
    async with work.writing() as tx:
        if await storage.drills.running(tx.session, clinic_id) is not None:
            raise AlreadyRunningError
        clinic = await storage.people.clinic(tx.session, clinic_id)
        if clinic is None:
            raise RefusedError("no such clinic")
        return await begin(tx, clinic, person, weekly=False)


async def begin(tx: Tx, clinic: Clinic, person: Person, *, weekly: bool) -> Drill:
    """Write the synthetic patient and their link, and have them follow it."""
    drill = Drill(
        clinic_id=clinic.id or 0,
        person_id=person.id,
        weekly=weekly,
        stage_at=tx.now,
        started_at=tx.now,
    )
    tx.session.add(drill)
    await tx.session.flush()
    patient = Patient(
        clinic_id=drill.clinic_id,
        ref=f"drill{drill.id}",
        code=f"DRILL-{drill.id}",
        name=tx.cipher.seal("Drill"),
        language=person.language,
        synthetic=True,
        created_at=tx.now,
    )
    tx.session.add(patient)
    await tx.session.flush()
    drill.patient_id = patient.id
    roles = frozenset({"admin"})
    admin = Actor(person.telegram_id, drill.clinic_id, person, roles)
    link = await joining.write_invite(tx, admin, "patient", patient)
    tx.audit(drill.clinic_id, admin.name, "drill_started", f"drill:{drill.id}", weekly=weekly)
    await tap(tx, drill, person, follow(link.token))
    await next_step(tx, drill)
    return drill


async def next_step(tx: Tx, drill: Drill, after: timedelta = STEP) -> None:
    """Look again after a while: the step that moves the drill on."""
    await tx.enqueue(
        "drill_step",
        f"drill:{drill.id}:{(tx.now + after).isoformat()}",
        due_at=tx.now + after,
        clinic_id=drill.clinic_id,
        patient_id=drill.patient_id,
        detail={"drill": drill.id},
    )


async def latest(work: Work, actor: Actor) -> Drill | None:
    """The clinic's newest drill.

    Raises:
        RefusedError: the actor is no staff.
    """
    _person, clinic_id = actor.staff()
    async with work.reading() as session:
        return await storage.drills.latest(session, clinic_id)


def next_week(clinic: Clinic, after: datetime) -> datetime | None:
    """When the weekly drill is due next (aware UTC); None when the clinic has none."""
    if not clinic.weekly_drill:
        return None
    day, at = clinic.weekly_drill.split()
    return local_days.next_weekly(WEEKDAYS.index(day), time.fromisoformat(at), clinic.zone, after)


async def plan_week(tx: Tx, clinic: Clinic) -> None:
    """Make sure that the next weekly drill is in the outbox."""
    due = next_week(clinic, tx.now)
    if due is not None:
        await tx.enqueue(
            "drill_week",
            f"drill_week:{clinic.id}:{due.isoformat()}",
            clinic_id=clinic.id or 0,
            due_at=due,
            detail={"due": due.isoformat()},
        )


async def weekly(tx: Tx, clinic: Clinic, due_at: datetime) -> None:
    """The hour of the weekly drill has come: begin it, unless the setting was changed since or a
    drill is under way.
    """
    await plan_week(tx, clinic)
    if next_week(clinic, due_at - STEP) != due_at or tx.now - due_at > LATEST:
        return
    if await storage.drills.running(tx.session, clinic.id or 0) is not None:
        return
    player = await _player(tx, clinic)
    if player is None:
        tx.audit(clinic.id or 0, "system", "drill_without_admin", f"clinic:{clinic.id}")
        return
    await begin(tx, clinic, player, weekly=True)


async def _player(tx: Tx, clinic: Clinic) -> Person | None:
    """The first admin who is there and can be written to."""
    there = {one.id for one in (await rota_of(tx.session, clinic.id or 0, tx.now)).there}
    staff = await storage.people.staff(tx.session, clinic.id or 0)
    admins = [one for one, roles in staff if "admin" in roles and one.reachable]
    return next((one for one in admins if one.id in there), admins[0] if admins else None)
