"""The audit chain: append-only, each line sealed by the hash of the one before."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.audit
from storage.tables import AuditEntry

GENESIS = "0" * 64


@dataclass(frozen=True)
class Verification:
    """What a walk along the chain found: entries read, the first broken `seq`, and why."""

    entries: int
    broken_at: int | None = None
    reason: str = ""


def seal(entry: AuditEntry) -> str:
    """The SHA-256 (hex) over an entry's content and the hash before it."""
    content = [
        entry.clinic_id,
        entry.seq,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.previous,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def append(
    session: AsyncSession,
    clinic_id: int,
    at: datetime,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: dict[str, object],
) -> AuditEntry:
    """Add a line at the end of the clinic's chain; hold its lock until the transaction ends."""
    await storage.audit.lock(session, clinic_id)
    last = await storage.audit.last(session, clinic_id)
    entry = AuditEntry(
        clinic_id=clinic_id,
        seq=last.seq + 1 if last else 1,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        detail=detail,
        previous=last.hash if last else GENESIS,
        hash="",
    )
    entry.hash = seal(entry)
    session.add(entry)
    await session.flush()
    return entry


class _Walk:
    """A walk along a chain from its beginning, entry by entry."""

    def __init__(self) -> None:
        self.previous, self.expected = GENESIS, 1

    def fault(self, entry: AuditEntry) -> str:
        """Why this entry does not follow; empty when it does, and the walk goes on."""
        if entry.seq != self.expected:
            return "an entry is missing"
        if entry.previous != self.previous:
            return "it does not follow the entry before it"
        if seal(entry) != entry.hash:
            return "its content was changed"
        self.previous, self.expected = entry.hash, self.expected + 1
        return ""

    def broken(self, entry: AuditEntry, why: str) -> Verification:
        at = self.expected if why == "an entry is missing" else entry.seq
        return Verification(self.expected - 1, at, why)


async def verify(session: AsyncSession, clinic_id: int) -> Verification:
    """Walk the clinic's chain and name the first line that does not fit."""
    walk = _Walk()
    async for entry in storage.audit.entries(session, clinic_id):
        if why := walk.fault(entry):
            return walk.broken(entry, why)
    return Verification(walk.expected - 1)


class NotAnAuditFileError(ValueError):
    """A line is no line of an exported chain; the text says which and why."""


async def exported(session: AsyncSession, clinic_id: int) -> AsyncIterator[str]:
    """The chain as lines of JSON, from its beginning, as `verify_lines` reads them."""
    async for entry in storage.audit.entries(session, clinic_id):
        yield _Line(**entry.model_dump(exclude={"id"})).model_dump_json() + "\n"


def verify_lines(lines: Iterable[str]) -> Verification:
    """Walk along an exported chain and name the first entry that does not fit.

    Raises:
        NotAnAuditFileError: a line is no entry.
    """
    walk = _Walk()
    for number, line in enumerate(lines, start=1):
        entry = _entry(number, line)
        if why := walk.fault(entry):
            return walk.broken(entry, why)
    return Verification(walk.expected - 1)


class _Line(BaseModel):
    """An entry as an exported chain writes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    clinic_id: int
    seq: int
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    detail: dict[str, object]
    previous: str
    hash: str


def _entry(number: int, line: str) -> AuditEntry:
    try:
        return AuditEntry(**_Line.model_validate_json(line).model_dump())
    except ValidationError:
        raise NotAnAuditFileError(f"line {number} is no entry of an audit chain") from None
