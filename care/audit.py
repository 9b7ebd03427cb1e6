"""The audit chain: append-only, each line sealed by the hash of the one before."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

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


async def verify(session: AsyncSession, clinic_id: int) -> Verification:
    """Walk the clinic's chain and name the first line that does not fit."""
    previous, expected = GENESIS, 1
    async for entry in storage.audit.entries(session, clinic_id):
        if entry.seq != expected:
            return Verification(expected - 1, expected, "an entry is missing")
        if entry.previous != previous:
            return Verification(expected - 1, entry.seq, "it does not follow the entry before it")
        if seal(entry) != entry.hash:
            return Verification(expected - 1, entry.seq, "its content was changed")
        previous, expected = entry.hash, expected + 1
    return Verification(expected - 1)
