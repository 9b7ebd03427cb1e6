"""How people come in: one-time links, consent, and the moment the clinician sees "joined"."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import storage.outbox
import storage.people
from care import team
from care.actors import Actor, RefusedError
from care.work import Tx, Work
from storage.tables import Clinic, Invite, Patient

LINK_LIFE = timedelta(days=14)
# No I, L, O, U, 0 or 1: a code is read aloud on the phone.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


class LinkError(StrEnum):
    """Why a link opens no door."""

    unknown = "unknown"
    used = "used"
    expired = "expired"


class LinkRefusedError(Exception):
    """The link is unknown, used or too old; `reason` says which."""

    def __init__(self, reason: LinkError) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Link:
    """A fresh one-time link's token, and the patient it is for (None for staff)."""

    token: str
    patient: Patient | None
    expires_at: datetime


@dataclass(frozen=True)
class Welcome:
    """What somebody who followed a link is shown before anything is theirs."""

    invite: Invite
    clinic: Clinic


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _code() -> str:
    return "P-" + "".join(secrets.choice(_LETTERS) for _ in range(4))


async def new_patient(
    work: Work, actor: Actor, *, name: str = "", phone: str = "", language: str | None = None
) -> Link:
    """A patient nobody knew, with a link for them. Name and phone are optional and encrypted."""
    async with work.writing() as tx:
        return (await add_patient(tx, actor, name=name, phone=phone, language=language))[1]


async def add_patient(
    tx: Tx,
    actor: Actor,
    *,
    name: str = "",
    phone: str = "",
    language: str | None = None,
    external_id: str = "",
) -> tuple[Patient, Link]:
    """`new_patient`, inside a transaction that writes more; `external_id` is encrypted too."""
    _, clinic_id = actor.staff()
    clinic = await storage.people.clinic(tx.session, clinic_id)
    code = _code()
    while await storage.people.patient_by_code(tx.session, clinic_id, code):
        code = _code()
    patient = Patient(
        clinic_id=clinic_id,
        ref=secrets.token_hex(8),
        code=code,
        name=tx.cipher.seal(name),
        phone=tx.cipher.seal(phone),
        external_id=tx.cipher.seal(external_id),
        language=language or (clinic.language if clinic else "en"),
        created_at=tx.now,
    )
    tx.session.add(patient)
    await tx.session.flush()
    tx.audit(clinic_id, actor.name, "patient_added", f"patient:{patient.ref}")
    return patient, await write_invite(tx, actor, "patient", patient)


async def new_link(work: Work, actor: Actor, patient_id: int) -> Link:
    """A new link for a known patient (a new phone); older unused ones become worthless.

    Raises:
        RefusedError: no such patient in the actor's clinic.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        patient = await storage.people.patient(tx.session, clinic_id, patient_id)
        if patient is None:
            raise RefusedError("no such patient")
        await storage.people.revoke_invites(tx.session, patient_id, tx.now)
        return await write_invite(tx, actor, "patient", patient)


async def invite_staff(work: Work, actor: Actor, role: str) -> Link:
    """A one-time link that makes whoever follows it a clinician or an admin.

    Raises:
        RefusedError: the actor is no admin.
    """
    if not actor.is_admin or role not in ("clinician", "admin"):
        raise RefusedError("only an admin invites staff")
    async with work.writing() as tx:
        return await write_invite(tx, actor, role, None)


async def write_invite(tx: Tx, actor: Actor, kind: str, patient: Patient | None) -> Link:
    """A one-time link, inside a transaction that writes more."""
    person, clinic_id = actor.staff()
    token = secrets.token_urlsafe(18)
    invite = Invite(
        clinic_id=clinic_id,
        kind=kind,
        token_hash=_hash(token),
        patient_id=patient.id if patient else None,
        created_by=person.id,
        created_at=tx.now,
        expires_at=tx.now + LINK_LIFE,
    )
    tx.session.add(invite)
    await tx.session.flush()
    tx.audit(clinic_id, actor.name, "invited", f"invite:{invite.id}", kind=kind)
    return Link(token, patient, invite.expires_at)


def _usable(invite: Invite | None, now: datetime) -> Invite:
    if invite is None:
        raise LinkRefusedError(LinkError.unknown)
    if invite.used_at or invite.revoked_at:
        raise LinkRefusedError(LinkError.used)
    if invite.expires_at <= now:
        raise LinkRefusedError(LinkError.expired)
    return invite


async def follow_link(work: Work, actor: Actor, token: str) -> Welcome:
    """Somebody pressed a link: remember who holds it, and show them what it leads to.

    Raises:
        LinkRefusedError: the link is unknown, used or too old; an audit line says who tried.
    """
    async with work.writing() as tx:
        invite = await storage.people.invite_by_hash(tx.session, _hash(token))
        refused: LinkRefusedError | None = None
        try:
            usable = _usable(invite, tx.now)
        except LinkRefusedError as error:
            refused = error
            clinic = await storage.people.first_clinic(tx.session)
            if clinic is not None:
                tx.audit(clinic.id or 0, actor.name, "refused", f"link:{error.reason}")
        else:
            usable.opened_by = actor.telegram_id
            tx.session.add(usable)
            clinic = await storage.people.clinic(tx.session, usable.clinic_id)
    if refused is not None:
        raise refused
    if clinic is None:
        raise LinkRefusedError(LinkError.unknown)
    return Welcome(usable, clinic)


async def still_open(work: Work, actor: Actor, invite_id: int) -> Welcome:
    """What the link that this holder pressed leads to; nothing is changed.

    Raises:
        LinkRefusedError: the link was used meanwhile, is too old, or was opened by somebody else.
    """
    async with work.reading() as session:
        invite = await storage.people.invite(session, invite_id)
        if invite is None or invite.opened_by != actor.telegram_id:
            raise LinkRefusedError(LinkError.unknown)
        usable = _usable(invite, work.clock.now())
        clinic = await storage.people.clinic(session, usable.clinic_id)
    if clinic is None:
        raise LinkRefusedError(LinkError.unknown)
    return Welcome(usable, clinic)


async def agree(
    work: Work, actor: Actor, invite_id: int, *, name: str, language: str | None = None
) -> Welcome:
    """The holder of a link agrees: a patient joins with consent, a member of staff gets the role.

    Raises:
        LinkRefusedError: the link was used meanwhile, is too old, or was opened by somebody else.
    """
    async with work.writing() as tx:
        invite = await storage.people.invite(tx.session, invite_id)
        if invite is None or invite.opened_by != actor.telegram_id:
            raise LinkRefusedError(LinkError.unknown)
        usable = _usable(invite, tx.now)
        if not await storage.people.use_invite(tx.session, invite_id, tx.now):
            raise LinkRefusedError(LinkError.used)
        clinic = await storage.people.clinic(tx.session, usable.clinic_id)
        if clinic is None:
            raise LinkRefusedError(LinkError.unknown)
        if usable.kind == "patient":
            await _join(tx, actor, usable, clinic, name=name, language=language)
        else:
            person = await team.admit(
                tx, usable.clinic_id, actor.telegram_id, usable.kind,
                name=name, by=f"invite:{invite_id}",
            )  # fmt: skip
            person.reachable = True
            person.language = language or person.language
            tx.session.add(person)
            await _tell_inviter(tx, usable, "staff_joined", person_joined=person.id)
        return Welcome(usable, clinic)


async def _join(
    tx: Tx, actor: Actor, invite: Invite, clinic: Clinic, *, name: str, language: str | None
) -> None:
    patient = await storage.people.patient(tx.session, invite.clinic_id, invite.patient_id or 0)
    if patient is None:
        raise LinkRefusedError(LinkError.unknown)
    patient.chat_id = actor.telegram_id
    patient.consent_version = clinic.consent_version
    patient.joined_at = tx.now
    patient.stopped_at = patient.unreachable_at = None
    if not patient.name:
        patient.name = tx.cipher.seal(name)
    if language:
        patient.language = language
    tx.session.add(patient)
    await storage.outbox.hurry(tx.session, patient.id or 0, tx.now)
    tx.soon = True
    tx.audit(
        invite.clinic_id, f"patient:{patient.ref}", "joined", f"patient:{patient.ref}",
        consent=clinic.consent_version,
    )  # fmt: skip
    await _tell_inviter(tx, invite, "patient_joined", patient_id=patient.id)


async def _tell_inviter(tx: Tx, invite: Invite, text: str, **refs: Any) -> None:
    joined = refs.pop("person_joined", None)
    await tx.enqueue(
        "staff_joined",
        f"joined:{invite.id}",
        clinic_id=invite.clinic_id,
        person_id=invite.created_by,
        detail={"text": text, "joined": joined},
        **refs,
    )


async def part(work: Work, actor: Actor, patient_id: int) -> Patient:
    """[Not my patient]: the wrong person used the link. The chat is parted from the patient.

    Raises:
        RefusedError: no such patient in the actor's clinic.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        patient = await storage.people.patient(tx.session, clinic_id, patient_id)
        if patient is None:
            raise RefusedError("no such patient")
        patient.chat_id = patient.joined_at = patient.consent_version = None
        tx.session.add(patient)
        tx.audit(clinic_id, actor.name, "parted", f"patient:{patient.ref}")
        return patient


async def share_phone(work: Work, actor: Actor, phone: str) -> None:
    """Keep the phone number that a patient shared, for everyone who shares this chat."""
    async with work.writing() as tx:
        for known in actor.patients:
            patient = await storage.people.patient(tx.session, known.clinic_id, known.id or 0)
            if patient is not None:
                patient.phone = tx.cipher.seal(phone)
                tx.session.add(patient)
                tx.audit(known.clinic_id, actor.name, "phone_shared", f"patient:{known.ref}")
