"""The clinic and its staff: first set-up, roles, duty, and the group that gets the alerts."""

from dataclasses import dataclass

import storage.people
from care import schedules
from care.actors import Actor, RefusedError
from care.triage import load_protocol
from care.work import Tx, Work
from storage.tables import Clinic, Person, ProtocolVersion, Role, ScheduleVersion


@dataclass(frozen=True)
class FirstSettings:
    """What a new clinic starts with; later the admins change it in chat."""

    name: str = "The clinic"
    phone: str = ""
    zone: str = "UTC"
    emergency_number: str = "112"
    urgent_number: str = ""


async def prepare(
    work: Work, admin_ids: tuple[int, ...], first: FirstSettings | None = None
) -> Clinic:
    """Make sure that there is a clinic with a schedule and a protocol, and that the first admins
    are in.
    """
    async with work.writing() as tx:
        clinic = await storage.people.first_clinic(tx.session)
        if clinic is None:
            clinic = await _found(tx, first or FirstSettings())
        for telegram_id in admin_ids:
            await _grant(tx, clinic.id or 0, telegram_id, "admin", name="", by="settings")
        return clinic


async def _found(tx: Tx, first: FirstSettings) -> Clinic:
    clinic = Clinic(
        name=first.name,
        phone=first.phone,
        zone=first.zone,
        emergency_number=first.emergency_number,
        urgent_number=first.urgent_number,
        created_at=tx.now,
    )
    tx.session.add(clinic)
    await tx.session.flush()
    clinic_id = clinic.id or 0
    tx.session.add(
        ScheduleVersion(
            clinic_id=clinic_id,
            number=1,
            state="applied",
            body=schedules.to_json(schedules.DEFAULT),
            made_at=tx.now,
            applied_at=tx.now,
        )
    )
    protocol = load_protocol(clinic.protocol_version)
    tx.session.add(
        ProtocolVersion(
            clinic_id=clinic_id,
            version=protocol.version,
            body_hash=protocol.fingerprint,
            first_used_at=tx.now,
        )
    )
    await tx.session.flush()
    tx.audit(clinic_id, "system", "clinic_founded", f"clinic:{clinic_id}")
    return clinic


async def _grant(
    tx: Tx, clinic_id: int, telegram_id: int, role: str, *, name: str, by: str
) -> Person:
    person = await storage.people.known_person(tx.session, clinic_id, telegram_id)
    if person is None:
        person = Person(
            clinic_id=clinic_id,
            telegram_id=telegram_id,
            name=tx.cipher.seal(name),
            created_at=tx.now,
        )
        tx.session.add(person)
        await tx.session.flush()
    if not await storage.people.has_role(tx.session, person.id or 0, role):
        tx.session.add(
            Role(clinic_id=clinic_id, person_id=person.id or 0, role=role, granted_at=tx.now)
        )
        await tx.session.flush()
        tx.audit(clinic_id, by, "role_granted", f"person:{person.id}", role=role)
    return person


async def admit(
    tx: Tx, clinic_id: int, telegram_id: int, role: str, *, name: str, by: str
) -> Person:
    """Give somebody a role because their one-time link says so."""
    return await _grant(tx, clinic_id, telegram_id, role, name=name, by=by)


async def meet(work: Work, actor: Actor, name: str) -> None:
    """A member of staff started the bot: it may write to them now, and knows their name."""
    person, clinic_id = actor.staff()
    if person.reachable and work.cipher.open(person.name) == name:
        return
    async with work.writing() as tx:
        found = await storage.people.person(tx.session, clinic_id, person.id or 0)
        if found is None:
            raise RefusedError("not staff")
        found.reachable, found.name = True, tx.cipher.seal(name)
        tx.session.add(found)


async def unreachable(tx: Tx, clinic_id: int, telegram_id: int) -> None:
    """A member of staff blocked the bot or was never met: no private cards until they start it
    again.
    """
    found = await storage.people.known_person(tx.session, clinic_id, telegram_id)
    if found is not None and found.reachable:
        found.reachable = False
        tx.session.add(found)
        tx.audit(clinic_id, "system", "staff_unreachable", f"person:{found.id}")


async def set_duty(work: Work, actor: Actor, *, on: bool, person_id: int | None = None) -> None:
    """Put the actor, or as an admin a colleague, who is told, on or off duty. Idempotent.

    Raises:
        RefusedError: no such colleague, or the actor is no admin.
    """
    person, clinic_id = actor.staff()
    if person_id not in (None, person.id) and not actor.is_admin:
        raise RefusedError("only an admin puts a colleague on duty")
    async with work.writing() as tx:
        found = await storage.people.person(tx.session, clinic_id, person_id or person.id or 0)
        if found is None:
            raise RefusedError("not staff")
        if found.id == person.id:
            found.reachable = True
        elif found.on_duty != on:
            await tx.enqueue(
                "notice",
                f"duty:{found.id}:{on}:{tx.now.isoformat()}",
                clinic_id=clinic_id,
                person_id=found.id,
                detail={"text": "put_on_duty" if on else "taken_off_duty"},
            )
        found.on_duty = on
        tx.session.add(found)
        tx.audit(clinic_id, actor.name, "duty_on" if on else "duty_off", f"person:{found.id}")


async def link_group(
    work: Work, actor: Actor, chat_id: int, *, thread_id: int | None = None
) -> Clinic:
    """Send the clinic's alerts to this group from now on.

    Raises:
        RefusedError: the actor is no admin.
    """
    _, clinic_id = actor.staff()
    if not actor.is_admin:
        raise RefusedError("only an admin links the group")
    async with work.writing() as tx:
        clinic = await _clinic(tx, clinic_id)
        clinic.group_chat_id, clinic.group_thread_id = chat_id, thread_id
        tx.session.add(clinic)
        tx.audit(clinic_id, actor.name, "group_linked", f"chat:{chat_id}")
        return clinic


async def group_gone(work: Work, chat_id: int) -> Clinic | None:
    """The bot was removed from a group: if alerts went there, the admins are told."""
    async with work.writing() as tx:
        clinic = await storage.people.clinic_of_group(tx.session, chat_id)
        if clinic is None:
            return None
        await forget_group(tx, clinic)
        return clinic


async def forget_group(tx: Tx, clinic: Clinic) -> None:
    """Alerts go to private chats only until an admin links a group again; everyone is told."""
    chat_id, clinic.group_chat_id, clinic.group_thread_id = clinic.group_chat_id, None, None
    tx.session.add(clinic)
    tx.audit(clinic.id or 0, "system", "group_lost", f"chat:{chat_id}")
    for member, _ in await storage.people.staff(tx.session, clinic.id or 0):
        await tx.enqueue(
            "notice",
            f"group_lost:{chat_id}:{tx.now.isoformat()}:{member.id}",
            clinic_id=clinic.id or 0,
            person_id=member.id,
            detail={"text": "group_lost"},
        )


async def _clinic(tx: Tx, clinic_id: int) -> Clinic:
    clinic = await storage.people.clinic(tx.session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    return clinic
