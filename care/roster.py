"""Changes of the rota: order, absences, closed days and times; each kept so it can be undone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
import storage.rota
from care.actors import Actor, RefusedError
from care.opening_hours import OpeningHours
from care.rota import rota_of
from care.work import Tx, Work
from storage.tables import Clinic, RotaChange

# The least and the most minutes that each time may be set to.
BOUNDS = {
    "emergency_minutes": (5, 30),
    "emergency_repeat_minutes": (5, 30),
    "urgent_minutes": (15, 240),
    "urgent_repeat_minutes": (15, 240),
}
LONGEST_SPAN = timedelta(days=366)

Part = dict[str, Any]


class ChangedMeanwhileError(Exception):
    """Somebody else changed the rota since the button was drawn; `change` is the newest change."""

    def __init__(self, change: RotaChange | None) -> None:
        super().__init__("changed meanwhile")
        self.change = change


class InvalidRotaError(ValueError):
    """The rota cannot be like that; the text names the part."""


async def version(session: AsyncSession, clinic_id: int) -> int:
    """How often the clinic's rota was changed; buttons carry it."""
    latest = await storage.rota.latest_change(session, clinic_id)
    return latest.version if latest else 0


async def move(work: Work, actor: Actor, seen: int, person_id: int, *, up: bool) -> RotaChange:
    """Move a person one place up or down the rota.

    Raises: as every change here
        RefusedError: the actor is no admin, or there is no such person.
        ChangedMeanwhileError: the rota is not as it was at version `seen`.
        InvalidRotaError: the value is out of bounds, or changes nothing.
    """

    def edit(part: Part) -> Part:
        people = list(part["people"])
        at = people.index(_known(person_id, people))
        to = max(0, at - 1) if up else min(len(people) - 1, at + 1)
        people[at], people[to] = people[to], people[at]
        return {"people": people}

    return await _change(work, actor, seen, "order", edit)


async def add_absence(
    work: Work, actor: Actor, seen: int, person_id: int, first: date, last: date
) -> RotaChange:
    """A person is away from `first` to `last`, both included."""
    _check_span(first, last)
    async with work.reading() as session:
        if await storage.people.person(session, actor.staff()[1], person_id) is None:
            raise RefusedError("no such person")

    def edit(part: Part) -> Part:
        span = [person_id, first.isoformat(), last.isoformat()]
        return {"spans": sorted([*(one for one in part["spans"] if one != span), span])}

    return await _change(work, actor, seen, "away", edit)


async def remove_absence(work: Work, actor: Actor, seen: int, absence_id: int) -> RotaChange:
    """An absence is called off."""
    clinic_id = actor.staff()[1]
    async with work.reading() as session:
        found = [one for one in await storage.rota.absences(session, clinic_id)
                 if one.id == absence_id]  # fmt: skip
        latest = await storage.rota.latest_change(session, clinic_id)
    if not found:
        raise ChangedMeanwhileError(latest)
    gone = [found[0].person_id, found[0].first.isoformat(), found[0].last.isoformat()]

    def edit(part: Part) -> Part:
        return {"spans": [one for one in part["spans"] if one != gone]}

    return await _change(work, actor, seen, "away", edit)


async def close_days(work: Work, actor: Actor, seen: int, first: date, last: date) -> RotaChange:
    """The clinic stays closed from `first` to `last`, both included."""
    _check_span(first, last)
    days = {first + timedelta(days=n) for n in range((last - first).days + 1)}

    def edit(part: Part) -> Part:
        return {"days": sorted({*part["days"], *(day.isoformat() for day in days)})}

    return await _change(work, actor, seen, "closed", edit)


async def open_days(work: Work, actor: Actor, seen: int, first: date, last: date) -> RotaChange:
    """The days from `first` to `last` are no longer closed."""

    def edit(part: Part) -> Part:
        kept = (day for day in part["days"] if not first <= date.fromisoformat(day) <= last)
        return {"days": list(kept)}

    return await _change(work, actor, seen, "closed", edit)


async def set_time(work: Work, actor: Actor, seen: int, name: str, minutes: int) -> RotaChange:
    """Set one of the times in `BOUNDS`; alerts that are open keep their deadlines."""
    if name not in BOUNDS:
        raise RefusedError("no such time")
    least, most = BOUNDS[name]
    if not least <= minutes <= most:
        raise InvalidRotaError(name)

    def edit(part: Part) -> Part:
        return {**part, name: minutes}

    return await _change(work, actor, seen, "times", edit)


async def undo(work: Work, actor: Actor, made: int) -> RotaChange:
    """Take back the change that made version `made`, unless that part was changed again.

    Raises: as `move`.
    """
    clinic_id = _admin(actor)
    async with work.writing() as tx:
        clinic = await _clinic(tx, clinic_id)
        change = await storage.rota.change(tx.session, clinic_id, made)
        latest = await storage.rota.latest_change(tx.session, clinic_id)
        if change is None or latest is None:
            raise RefusedError("no such change")
        now = await _read(tx, clinic, change.part)
        if change.part == "order":
            now["people"] = [one for one in now["people"] if one in change.after["people"]]  # type: ignore[operator]
        if now != change.after:
            raise ChangedMeanwhileError(latest)
        return await _write(tx, actor, clinic, change.part, now, dict(change.before), latest)


async def _change(
    work: Work, actor: Actor, seen: int, part: str, edit: Callable[[Part], Part]
) -> RotaChange:
    clinic_id = _admin(actor)
    async with work.writing() as tx:
        clinic = await _clinic(tx, clinic_id)
        latest = await storage.rota.latest_change(tx.session, clinic_id)
        if seen != (latest.version if latest else 0):
            raise ChangedMeanwhileError(latest)
        before = await _read(tx, clinic, part)
        after = edit(before)
        if after == before:
            raise InvalidRotaError(part)
        return await _write(tx, actor, clinic, part, before, after, latest)


async def _write(
    tx: Tx,
    actor: Actor,
    clinic: Clinic,
    part: str,
    before: Part,
    after: Part,
    latest: RotaChange | None,
) -> RotaChange:
    clinic_id = clinic.id or 0
    if part == "order":
        for place, person_id in enumerate(after["people"]):
            member = await storage.people.person(tx.session, clinic_id, person_id)
            if member is not None:
                member.rota_order = place
                tx.session.add(member)
    elif part == "away":
        spans = [
            (one, date.fromisoformat(first), date.fromisoformat(last))
            for one, first, last in after["spans"]
        ]
        await storage.rota.replace_absences(tx.session, clinic_id, spans)
    elif part == "closed":
        hours = OpeningHours.from_json(clinic.opening_hours)
        closed = frozenset(date.fromisoformat(day) for day in after["days"])
        clinic.opening_hours = OpeningHours(hours.week, closed).to_json()
    else:
        for name, minutes in after.items():
            setattr(clinic, name, minutes)
    tx.session.add(clinic)
    change = RotaChange(
        clinic_id=clinic_id,
        version=(latest.version if latest else 0) + 1,
        part=part,
        before=before,
        after=after,
        changed_by=actor.staff()[0].id,
        at=tx.now,
    )
    tx.session.add(change)
    await tx.session.flush()
    tx.audit(
        clinic_id, actor.name, "rota_changed", f"rota:{change.version}",
        part=part, before=before, after=after,
    )  # fmt: skip
    return change


async def _read(tx: Tx, clinic: Clinic, part: str) -> Part:
    clinic_id = clinic.id or 0
    if part == "order":
        rota = await rota_of(tx.session, clinic_id, tx.now)
        return {"people": [member.id for member in rota.members]}
    if part == "away":
        found = await storage.rota.absences(tx.session, clinic_id)
        return {
            "spans": sorted(
                [one.person_id, one.first.isoformat(), one.last.isoformat()] for one in found
            )
        }
    if part == "closed":
        hours = OpeningHours.from_json(clinic.opening_hours)
        return {"days": sorted(day.isoformat() for day in hours.closed)}
    return {name: getattr(clinic, name) for name in BOUNDS}


def _admin(actor: Actor) -> int:
    if not actor.is_admin:
        raise RefusedError("only an admin changes the rota")
    return actor.staff()[1]


async def _clinic(tx: Tx, clinic_id: int) -> Clinic:
    clinic = await storage.rota.locked_clinic(tx.session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    return clinic


def _known(person_id: int, people: list[int]) -> int:
    if person_id not in people:
        raise RefusedError("no such person")
    return person_id


def _check_span(first: date, last: date) -> None:
    if last < first or last - first > LONGEST_SPAN:
        raise InvalidRotaError("dates")
