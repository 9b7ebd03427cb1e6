"""The versions of a clinic's protocol: which is in force, who signed, what became of its alerts.

Version 1 is shipped. A clinic's own versions differ from it in the numbers of the rules alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
import storage.protocols
from care.actors import Actor, RefusedError
from care.triage import Protocol, load_protocol
from care.triage.thresholds import thresholds_from
from care.work import Tx, Work
from storage.tables import Clinic, ProtocolVersion

SHIPPED = 1


class AlreadySignedError(Exception):
    """Somebody has signed this version already; `by` says who, `at` when (aware UTC)."""

    def __init__(self, by: str, at: datetime | None) -> None:
        super().__init__(by)
        self.by, self.at = by, at


@dataclass(frozen=True)
class Share:
    """What became of the closed alerts that a rule was a reason of."""

    rule: str
    confirmed: int
    not_confirmed: int
    unclear: int

    @property
    def closed(self) -> int:
        """All of them."""
        return self.confirmed + self.not_confirmed + self.unclear


def numbered(version: int) -> Protocol:
    """The protocol under a version's number: its questions, rules and texts, which are the same in
    every version of a clinic. Not for judging: the numbers are those that are shipped.
    """
    return replace(load_protocol(SHIPPED), version=version)


async def protocol_of(session: AsyncSession, clinic_id: int, version: int) -> Protocol:
    """The protocol of this version as this clinic has it.

    Raises:
        KeyError: the clinic has no such version.
    """
    shipped = load_protocol(SHIPPED)
    found = await storage.protocols.version(session, clinic_id, version)
    if found is None:
        return load_protocol(version)
    thresholds = shipped.thresholds
    if found.thresholds is not None:
        thresholds = thresholds_from(found.thresholds)
    return replace(
        shipped,
        version=version,
        signed_by=found.signed_by or shipped.signed_by if version == SHIPPED else found.signed_by,
        fingerprint=found.body_hash,
        thresholds=thresholds,
    )


async def in_force(session: AsyncSession, clinic: Clinic) -> Protocol:
    """The protocol that new sessions get."""
    return await protocol_of(session, clinic.id or 0, clinic.protocol_version)


def fingerprint(shipped: Protocol, thresholds: dict[str, object]) -> str:
    """The SHA-256 (hex) of a clinic's own version: of the shipped text and its own numbers."""
    body = json.dumps([shipped.fingerprint, thresholds], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


async def sign(work: Work, actor: Actor, version: int, *, role: str) -> ProtocolVersion:
    """A clinician signs a version with their name.

    Raises:
        RefusedError: the actor is no clinician, or there is no such version.
        AlreadySignedError: it is signed.
    """
    person, clinic_id = actor.staff()
    if "clinician" not in actor.roles:
        raise RefusedError("only a clinician signs the protocol")
    async with work.writing() as tx:
        name = tx.cipher.open(person.name) or f"person {person.id}"
        return await sign_in(tx, clinic_id, version, signer=f"{name}, {role}", by=actor.name)


async def sign_in(
    tx: Tx, clinic_id: int, version: int, *, signer: str, by: str
) -> ProtocolVersion:
    """`sign`, inside a transaction; `signer` is how the signature reads.

    Raises:
        RefusedError: there is no such version.
        AlreadySignedError: it is signed.
    """
    found = await storage.protocols.version(tx.session, clinic_id, version)
    if found is None:
        raise RefusedError("no such version")
    if found.signed_by is not None:
        raise AlreadySignedError(found.signed_by, found.signed_at)
    found.signed_by, found.signed_at = signer, tx.now
    tx.session.add(found)
    tx.audit(clinic_id, by, "protocol_signed", f"protocol:{version}", fingerprint=found.body_hash)
    return found


async def shares(
    session: AsyncSession, clinic_id: int, since: datetime, until: datetime
) -> tuple[Share, ...]:
    """What became of each rule's alerts closed in [since, until), in the order of the rules."""
    return shares_of(await storage.protocols.outcomes(session, clinic_id, since, until))


def shares_of(outcomes: Iterable[tuple[list[str], str]]) -> tuple[Share, ...]:
    """The same, counted from (rules, outcome) of each alert."""
    counts: Counter[tuple[str, str]] = Counter()
    for rules, outcome in outcomes:
        counts.update((rule, outcome) for rule in set(rules))
    seen = {rule for rule, _outcome in counts}
    order = [rule for rule in load_protocol(SHIPPED).rules if rule in seen]
    return tuple(
        Share(
            rule,
            counts[rule, "confirmed"],
            counts[rule, "not_confirmed"],
            counts[rule, "unclear"],
        )
        for rule in order
    )
