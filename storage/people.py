"""Queries about the clinic, its staff, its patients and its invitations."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.statements import rows_changed
from storage.tables import Clinic, Invite, Patient, Person, Role, TreatmentSession


async def clinic(session: AsyncSession, clinic_id: int) -> Clinic | None:
    """The clinic, or None."""
    return await session.get(Clinic, clinic_id)


async def first_clinic(session: AsyncSession) -> Clinic | None:
    """The oldest clinic: the only one, until one bot serves many."""
    return (await session.exec(select(Clinic).order_by(col(Clinic.id)).limit(1))).first()


async def clinic_of_group(session: AsyncSession, chat_id: int) -> Clinic | None:
    """The clinic whose alerts go to this group."""
    return (await session.exec(select(Clinic).where(Clinic.group_chat_id == chat_id))).first()


async def person_by_telegram(
    session: AsyncSession, telegram_id: int
) -> tuple[Person, frozenset[str]] | None:
    """The member of staff behind a Telegram user, with their roles in force."""
    rows = (
        await session.exec(
            select(Person, Role.role)
            .join(Role, col(Role.person_id) == col(Person.id))
            .where(Person.telegram_id == telegram_id, col(Role.revoked_at).is_(None))
        )
    ).all()
    if not rows:
        return None
    return rows[0][0], frozenset(role for _, role in rows)


async def known_person(session: AsyncSession, clinic_id: int, telegram_id: int) -> Person | None:
    """The person's row, whatever their roles are now."""
    query = select(Person).where(Person.clinic_id == clinic_id, Person.telegram_id == telegram_id)
    return (await session.exec(query)).first()


async def person(session: AsyncSession, clinic_id: int, person_id: int) -> Person | None:
    """A member of this clinic's staff."""
    query = select(Person).where(Person.clinic_id == clinic_id, Person.id == person_id)
    return (await session.exec(query)).first()


async def staff(
    session: AsyncSession, clinic_id: int, *, on_duty: bool | None = None
) -> list[tuple[Person, frozenset[str]]]:
    """Everyone with a role in force, oldest first; `on_duty` narrows to those on or off duty."""
    query = (
        select(Person, Role.role)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Person.clinic_id == clinic_id, col(Role.revoked_at).is_(None))
        .order_by(col(Person.id))
    )
    if on_duty is not None:
        query = query.where(col(Person.on_duty).is_(on_duty))
    found: dict[int, tuple[Person, set[str]]] = {}
    for member, role in (await session.exec(query)).all():
        found.setdefault(member.id or 0, (member, set()))[1].add(role)
    return [(member, frozenset(roles)) for member, roles in found.values()]


async def patients_in_chat(session: AsyncSession, chat_id: int) -> list[Patient]:
    """The patients who share this private chat and have not been parted from it, oldest first."""
    query = select(Patient).where(Patient.chat_id == chat_id).order_by(col(Patient.id))
    return list((await session.exec(query)).all())


async def followed(session: AsyncSession, clinic_id: int, since: datetime) -> list[Patient]:
    """Patients who joined, did not stop and had a session since then, oldest first."""
    treated = select(TreatmentSession.patient_id).where(
        TreatmentSession.clinic_id == clinic_id,
        TreatmentSession.at >= since,
        col(TreatmentSession.cancelled_at).is_(None),
    )
    query = (
        select(Patient)
        .where(
            Patient.clinic_id == clinic_id,
            col(Patient.chat_id).is_not(None),
            col(Patient.joined_at).is_not(None),
            col(Patient.stopped_at).is_(None),
            col(Patient.synthetic).is_(False),
            col(Patient.id).in_(treated),
        )
        .order_by(col(Patient.id))
    )
    return list((await session.exec(query)).all())


async def patient(session: AsyncSession, clinic_id: int, patient_id: int) -> Patient | None:
    """A patient of this clinic."""
    query = select(Patient).where(Patient.clinic_id == clinic_id, Patient.id == patient_id)
    return (await session.exec(query)).first()


async def patient_by_code(session: AsyncSession, clinic_id: int, code: str) -> Patient | None:
    """A patient of this clinic by the code on the cards, in any case."""
    query = select(Patient).where(
        Patient.clinic_id == clinic_id, func.upper(Patient.code) == code.upper()
    )
    return (await session.exec(query)).first()


async def newest_patients(
    session: AsyncSession, clinic_id: int, *, limit: int, offset: int = 0
) -> list[Patient]:
    """The clinic's patients, newest first."""
    query = (
        select(Patient)
        .where(Patient.clinic_id == clinic_id, col(Patient.synthetic).is_(False))
        .order_by(col(Patient.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return list((await session.exec(query)).all())


async def patients_by_code_part(
    session: AsyncSession, clinic_id: int, part: str, *, limit: int
) -> list[Patient]:
    """The clinic's patients whose code holds `part`, in any case, newest first."""
    query = (
        select(Patient)
        .where(
            Patient.clinic_id == clinic_id,
            func.upper(Patient.code).contains(part.upper(), autoescape=True),
            col(Patient.synthetic).is_(False),
        )
        .order_by(col(Patient.id).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def sealed_names(session: AsyncSession, clinic_id: int) -> list[tuple[int, str]]:
    """Every patient's id and encrypted name, newest first."""
    query = (
        select(Patient.id, Patient.name)
        .where(
            Patient.clinic_id == clinic_id,
            Patient.name != "",
            col(Patient.synthetic).is_(False),
        )
        .order_by(col(Patient.id).desc())
    )
    return [(found or 0, name) for found, name in (await session.exec(query)).all()]


async def patients_by_id(
    session: AsyncSession, clinic_id: int, ids: Sequence[int]
) -> list[Patient]:
    """The clinic's patients with these ids, newest first."""
    query = (
        select(Patient)
        .where(Patient.clinic_id == clinic_id, col(Patient.id).in_(ids))
        .order_by(col(Patient.id).desc())
    )
    return list((await session.exec(query)).all())


async def patients_by_ref(
    session: AsyncSession, clinic_id: int, refs: Collection[str]
) -> list[Patient]:
    """The clinic's patients with these refs."""
    query = select(Patient).where(Patient.clinic_id == clinic_id, col(Patient.ref).in_(refs))
    return list((await session.exec(query)).all())


async def invite_by_hash(session: AsyncSession, token_hash: str) -> Invite | None:
    """The invitation with this token's hash, whatever its state."""
    return (await session.exec(select(Invite).where(Invite.token_hash == token_hash))).first()


async def use_invite(session: AsyncSession, invite_id: int, at: datetime) -> bool:
    """Mark it used; False when somebody was faster."""
    return await rows_changed(
        session,
        update(Invite).where(
            col(Invite.id) == invite_id,
            col(Invite.used_at).is_(None),
            col(Invite.revoked_at).is_(None),
        ).values(used_at=at),
    ) == 1  # fmt: skip


async def revoke_invites(session: AsyncSession, patient_id: int, at: datetime) -> None:
    """A new link for a patient makes the unused older ones worthless."""
    await session.exec(
        update(Invite)
        .where(
            col(Invite.patient_id) == patient_id,
            col(Invite.used_at).is_(None),
            col(Invite.revoked_at).is_(None),
        )
        .values(revoked_at=at)
    )


async def move_group(session: AsyncSession, old_chat_id: int, new_chat_id: int) -> bool:
    """A group became a supergroup: its clinic writes to the new id from now on."""
    return (
        await rows_changed(
            session,
            update(Clinic)
            .where(col(Clinic.group_chat_id) == old_chat_id)
            .values(group_chat_id=new_chat_id),
        )
        == 1
    )


async def count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    """How many patients fulfil the conditions."""
    return (await session.exec(select(func.count(col(Patient.id))).where(*conditions))).one()


async def has_role(session: AsyncSession, person_id: int, role: str) -> bool:
    """True when the person holds this role now."""
    query = select(Role.id).where(
        Role.person_id == person_id, Role.role == role, col(Role.revoked_at).is_(None)
    )
    return (await session.exec(query)).first() is not None


async def invite(session: AsyncSession, invite_id: int) -> Invite | None:
    """One invitation."""
    return await session.get(Invite, invite_id)


async def patients_of(session: AsyncSession, clinic_id: int) -> list[Patient]:
    """Every real patient of a clinic."""
    query = select(Patient).where(
        Patient.clinic_id == clinic_id, col(Patient.synthetic).is_(False)
    )
    query = query.order_by(col(Patient.id))
    return list((await session.exec(query)).all())


async def hold(session: AsyncSession, patient_ids: Collection[int]) -> None:
    """Hold these patients until the transaction ends, in the order of their ids.

    Their check-ins, alerts and messages are changed in any order; on PostgreSQL that would end in
    deadlocks if two transactions did so at once. SQLite has one writer anyway.
    """
    if patient_ids and session.get_bind().dialect.name == "postgresql":
        query = select(Patient.id).where(col(Patient.id).in_(patient_ids))
        await session.exec(query.order_by(col(Patient.id)).with_for_update(key_share=True))
