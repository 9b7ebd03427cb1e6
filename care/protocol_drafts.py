"""Changing the numbers of the rules: a draft, its rehearsal on the past, and the new version."""

from dataclasses import dataclass, replace

import storage.people
import storage.protocols
from care.actors import Actor, RefusedError
from care.protocols import SHIPPED, fingerprint, in_force
from care.triage import Protocol, load_protocol
from care.triage.thresholds import (
    BOUNDS,
    InvalidThresholdError,
    Weakening,
    changed,
    differences,
    stored,
    thresholds_from,
    weakened,
)
from care.work import Tx, Work
from storage.tables import Clinic, ProtocolDraft, ProtocolVersion


class OutdatedError(Exception):
    """Somebody changed the draft meanwhile; nothing was done."""


class WeakenedError(Exception):
    """The numbers would have emergencies missed; `by` says which."""

    def __init__(self, by: tuple[Weakening, ...]) -> None:
        super().__init__(", ".join(one.name for one in by))
        self.by = by


class NotRehearsedError(Exception):
    """What these numbers would have done was not shown yet."""


@dataclass(frozen=True)
class Draft:
    """A draft with the protocol in force and the one it would make."""

    row: ProtocolDraft
    now: Protocol
    then: Protocol

    @property
    def differences(self) -> tuple[tuple[str, int | float, int | float], ...]:
        """What it changes: (name, before, after)."""
        return differences(self.now.thresholds, self.then.thresholds)

    @property
    def weakened(self) -> tuple[Weakening, ...]:
        """What in it would have emergencies missed."""
        return weakened(self.then.thresholds, load_protocol(SHIPPED).thresholds)


async def open_draft(work: Work, actor: Actor) -> Draft:
    """The draft that is open, or a new one with the numbers in force.

    Raises:
        RefusedError: the actor is no admin.
    """
    person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        clinic = await _clinic(tx, clinic_id)
        row = await storage.protocols.draft(tx.session, clinic_id)
        if row is None:
            now = await in_force(tx.session, clinic)
            row = ProtocolDraft(
                clinic_id=clinic_id,
                based_on=now.version,
                thresholds=stored(now.thresholds),
                changed_by=person,
                changed_at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
        return await _draft(tx, clinic, row)


async def nudge(
    work: Work, actor: Actor, draft_id: int, revision: int, name: str, *, up: bool
) -> Draft:
    """One step more or less of one number; at its bounds nothing changes.

    Raises:
        RefusedError: the actor is no admin, or there is no such number.
        OutdatedError: the draft was changed or ended meanwhile.
    """
    person, clinic_id = _admin(actor)
    if name not in BOUNDS:
        raise RefusedError("no such number")
    async with work.writing() as tx:
        clinic, row = await _open(tx, clinic_id, draft_id, revision)
        numbers = thresholds_from(row.thresholds)
        step = BOUNDS[name].step if up else -BOUNDS[name].step
        try:
            numbers = changed(numbers, name, getattr(numbers, name) + step)
        except InvalidThresholdError:
            return await _draft(tx, clinic, row)
        row.thresholds, row.revision = stored(numbers), row.revision + 1
        row.changed_by, row.changed_at, row.rehearsed = person, tx.now, None
        tx.session.add(row)
        return await _draft(tx, clinic, row)


async def rehearsed(work: Work, actor: Actor, draft_id: int, revision: int) -> Draft:
    """The effect of this revision was shown; it may become a version.

    Raises:
        RefusedError: the actor is no admin.
        OutdatedError: the draft was changed or ended meanwhile.
    """
    _person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        clinic, row = await _open(tx, clinic_id, draft_id, revision)
        row.rehearsed = revision
        tx.session.add(row)
        return await _draft(tx, clinic, row)


async def drop(work: Work, actor: Actor, draft_id: int, revision: int) -> None:
    """[Throw it away].

    Raises:
        RefusedError: the actor is no admin.
        OutdatedError: the draft was changed or ended meanwhile.
    """
    _person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        _clinic_row, row = await _open(tx, clinic_id, draft_id, revision)
        row.state = "dropped"
        tx.session.add(row)


async def make(work: Work, actor: Actor, draft_id: int, revision: int) -> Protocol:
    """[Make it version N]: new sessions get it, and it is unsigned. What runs keeps its version.

    Raises:
        RefusedError: the actor is no admin, or nothing is changed.
        OutdatedError: the draft was changed or ended meanwhile.
        NotRehearsedError: its effect was not shown.
        WeakenedError: it would have emergencies missed.
    """
    person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        clinic, row = await _open(tx, clinic_id, draft_id, revision)
        draft = await _draft(tx, clinic, row)
        if not draft.differences:
            raise RefusedError("nothing is changed")
        if draft.weakened:
            raise WeakenedError(draft.weakened)
        if row.rehearsed != row.revision:
            raise NotRehearsedError
        number = await storage.protocols.newest(tx.session, clinic_id) + 1
        tx.session.add(
            ProtocolVersion(
                clinic_id=clinic_id,
                version=number,
                body_hash=fingerprint(load_protocol(SHIPPED), row.thresholds),
                first_used_at=tx.now,
                thresholds=row.thresholds,
                made_by=person,
            )
        )
        clinic.protocol_version, row.state = number, "made"
        tx.session.add(clinic)
        tx.session.add(row)
        changes = {name: [before, after] for name, before, after in draft.differences}
        tx.audit(clinic_id, actor.name, "protocol_made", f"protocol:{number}", **changes)
        await tx.session.flush()
        return await in_force(tx.session, clinic)


def _admin(actor: Actor) -> tuple[int | None, int]:
    person, clinic_id = actor.staff()
    if not actor.is_admin:
        raise RefusedError("only an admin changes the protocol")
    return person.id, clinic_id


async def _clinic(tx: Tx, clinic_id: int) -> Clinic:
    clinic = await storage.people.clinic(tx.session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    return clinic


async def _open(
    tx: Tx, clinic_id: int, draft_id: int, revision: int
) -> tuple[Clinic, ProtocolDraft]:
    row = await storage.protocols.draft(tx.session, clinic_id)
    if row is None or (row.id, row.revision) != (draft_id, revision):
        raise OutdatedError
    return await _clinic(tx, clinic_id), row


async def _draft(tx: Tx, clinic: Clinic, row: ProtocolDraft) -> Draft:
    now = await in_force(tx.session, clinic)
    then = replace(now, thresholds=thresholds_from(row.thresholds), signed_by=None)
    return Draft(row, now, then)
