"""A patient's own wishes: stop, pause, resume, and whose clock counts."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import storage.outbox
import storage.people
import storage.treatment
from care import merging, planning, schedules, timing
from care.actors import Actor, RefusedError
from care.outbox import SESSION_KINDS
from care.work import Tx, Work
from storage.tables import Patient

PAUSE = timedelta(days=7)


class UnknownZoneError(ValueError):
    """No time zone has this name."""


async def stop(work: Work, actor: Actor) -> None:
    """Nothing more is sent to the patient, except about an alert that is open."""

    def change(tx: Tx, patient: Patient) -> None:
        patient.stopped_at = tx.now

    await _each(work, actor, "stopped", change, call_off=True)


async def pause(work: Work, actor: Actor) -> datetime:
    """No questions for seven days; returns until when (aware UTC)."""
    until = work.clock.now() + PAUSE

    def change(_tx: Tx, patient: Patient) -> None:
        patient.paused_until = until

    await _each(work, actor, "paused", change)
    return until


async def resume(work: Work, actor: Actor) -> None:
    """Questions come again."""

    def change(_tx: Tx, patient: Patient) -> None:
        patient.stopped_at = patient.paused_until = None

    async with work.writing() as tx:
        await storage.people.hold(tx.session, {known.id or 0 for known in actor.patients})
        await _change(tx, actor, "resumed", change)
        for patient in actor.patients:
            await _ask_again(tx, patient)


async def _ask_again(tx: Tx, patient: Patient) -> None:
    """What was called off when the patient stopped or paused comes at its time again."""
    clinic = await storage.people.clinic(tx.session, patient.clinic_id)
    zone = patient.zone or (clinic.zone if clinic else "UTC")
    _number, schedule = await schedules.current(tx.session, patient.clinic_id)
    for check in await storage.treatment.check_ins_of_patient(
        tx.session, patient.id or 0, states=("planned", "open")
    ):
        coming = timing.reminders(schedule, check.due_at, check.closes_at, zone)
        await planning.resume(tx, check, coming)
    await merging.arrange(tx, patient.clinic_id, patient.id or 0)


async def set_language(work: Work, actor: Actor, language: str, *, known: Collection[str]) -> None:
    """What this chat's patients, or this member of staff, read from now on.

    Raises:
        RefusedError: the language is none of `known`, or nobody is known here.
    """
    if language not in known or actor.is_stranger:
        raise RefusedError("no such language")

    def change(_tx: Tx, patient: Patient) -> None:
        patient.language = language

    async with work.writing() as tx:
        if actor.person is not None and actor.clinic_id is not None:
            person = await storage.people.person(tx.session, actor.clinic_id, actor.person.id or 0)
            if person is not None:
                person.language = language
                tx.session.add(person)
                tx.audit(actor.clinic_id, actor.name, "language_set", actor.name)
        await _change(tx, actor, "language_set", change)


async def _each(
    work: Work,
    actor: Actor,
    what: str,
    change: Callable[[Tx, Patient], None],
    *,
    call_off: bool = False,
) -> None:
    async with work.writing() as tx:
        await _change(tx, actor, what, change, call_off=call_off)


async def _change(
    tx: Tx,
    actor: Actor,
    what: str,
    change: Callable[[Tx, Patient], None],
    *,
    call_off: bool = False,
) -> None:
    for known in actor.patients:
        patient = await storage.people.patient(tx.session, known.clinic_id, known.id or 0)
        if patient is None:
            continue
        change(tx, patient)
        tx.session.add(patient)
        if call_off:
            await storage.outbox.cancel(
                tx.session, at=tx.now, kinds=SESSION_KINDS, patient_id=patient.id
            )
        tx.audit(patient.clinic_id, f"patient:{patient.ref}", what, f"patient:{patient.ref}")


async def zone_of(work: Work, actor: Actor) -> str:
    """The zone this chat's patient lives by: their own, or the clinic's."""
    patient = actor.patients[0]
    if patient.zone:
        return patient.zone
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, patient.clinic_id)
    return clinic.zone if clinic else "UTC"


async def set_zone(work: Work, actor: Actor, zone: str) -> str:
    """The patient's zone from now on.

    Raises:
        UnknownZoneError: there is none of that name.
    """
    by_lower = {name.lower(): name for name in available_timezones()}
    name = by_lower.get(zone.lower())
    if name is None:
        raise UnknownZoneError(zone)

    def change(_tx: Tx, patient: Patient) -> None:
        patient.zone = name

    await _each(work, actor, "zone_set", change)
    return name


async def shift_zone(work: Work, actor: Actor, hours: int) -> str:
    """The patient's clock is `hours` from the zone we used: a fixed offset zone fits it."""
    try:
        offset = work.clock.now().astimezone(ZoneInfo(await zone_of(work, actor))).utcoffset()
    except ZoneInfoNotFoundError:
        offset = timedelta()
    total = round((offset or timedelta()) / timedelta(hours=1)) + hours
    # POSIX signs: Etc/GMT-2 is two hours east of Greenwich.
    name = "Etc/GMT" if total == 0 else f"Etc/GMT{-total:+d}"
    return await set_zone(work, actor, name)
