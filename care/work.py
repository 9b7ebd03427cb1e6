"""One piece of work: a transaction with everything a use case needs around it."""

import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.inbox
import storage.leases
import storage.outbox
from care.audit import append
from care.clock import Clock
from care.outbox import KINDS
from storage.cipher import Cipher
from storage.engine import Database
from storage.tables import InboxUpdate, OutboxRow

# The inbox row whose effects are being written; its first transaction marks it done.
current_update: ContextVar[int | None] = ContextVar("current_update", default=None)
# When that update was received (aware UTC), for measuring how long its effects took.
received_at: ContextVar[datetime | None] = ContextVar("received_at", default=None)
# Urgent rows that this update (or timed step) wrote, held by us, to be sent as soon as possible.
in_hand: ContextVar[list[OutboxRow] | None] = ContextVar("in_hand", default=None)


class AlreadyDoneError(Exception):
    """Another copy of the bot has handled this update; nothing of ours was written."""


@dataclass
class Tx:
    """An open transaction. `now` is one moment for all that is written in it (aware UTC)."""

    session: AsyncSession
    now: datetime
    cipher: Cipher
    holder: str
    held: list[OutboxRow] = field(default_factory=list)
    soon: bool = False
    arrived: bool = False
    # How something that a synthetic patient does reads as Telegram's update.
    as_update: Callable[[Any], dict[str, Any]] | None = None
    _audit: list[tuple[int, str, str, str, dict[str, object]]] = field(default_factory=list)

    def audit(
        self, clinic_id: int, actor: str, action: str, subject: str, **detail: object
    ) -> None:
        """Note who did what to what; ids and codes only. Appended when the transaction ends."""
        self._audit.append((clinic_id, actor, action, subject, detail))

    async def enqueue(
        self,
        kind: str,
        key: str,
        *,
        clinic_id: int,
        due_at: datetime | None = None,
        useful_until: datetime | None = None,
        detail: dict[str, object] | None = None,
        **refs: Any,
    ) -> OutboxRow | None:
        """Write a message or timed step to come, once per `key`; None when it is there already.

        What is to go at once is held by the handler or step that wrote it, which sends it right
        after the commit.

        Args:
            kind: a name in `care.outbox.KINDS`.
            key: unique for ever; writing the same key again changes nothing.
            clinic_id: whose row it is.
            due_at: when; now unless given.
            useful_until: past it the row is recorded as missed; the kind's own limit unless given.
            detail: codes and ids that the kind's delivery needs; never words.
            refs: `patient_id`, `person_id`, `session_id`, `check_in_id`, `alert_id`, `note_id`.
        """
        known = KINDS[kind]
        due = due_at or self.now
        if useful_until is None and known.useful_for is not None:
            useful_until = due + known.useful_for
        row = OutboxRow(
            clinic_id=clinic_id,
            kind=kind,
            key=key,
            lane=known.lane,
            priority=known.priority,
            due_at=due,
            useful_until=useful_until,
            detail=detail or {},
            created_at=self.now,
            **refs,
        )
        # Held only when somebody here waits to send it: else nobody would until the lease is over.
        urgent = known.at_once and due <= self.now and in_hand.get() is not None
        if urgent:
            lease = await storage.leases.lease_now(self.session)
            row.holder, row.claims = self.holder, 1
            row.held_until = lease + storage.leases.LEASE_SECONDS
        added = await storage.outbox.add(self.session, row)
        if added is None:
            return None
        if urgent:
            self.held.append(added)
        self.soon = self.soon or due <= self.now + timedelta(seconds=1)
        return added

    async def arrive(self, update_id: int, chat_id: int, raw: dict[str, Any]) -> None:
        """Put a raw update into the inbox, sealed, as if Telegram had brought it; once per id."""
        update = InboxUpdate(
            update_id=update_id,
            chat_id=chat_id,
            body=self.cipher.seal(json.dumps(raw, separators=(",", ":"))),
            received_at=self.now,
        )
        await storage.inbox.store(self.session, [update])
        self.arrived = True

    async def _end(self) -> None:
        for clinic_id, actor, action, subject, detail in self._audit:
            await append(
                self.session, clinic_id, self.now,
                actor=actor, action=action, subject=subject, detail=detail,
            )  # fmt: skip


class Work:
    """What every use case is given: the database, the clock, the cipher and the protocol."""

    def __init__(self, database: Database, clock: Clock, cipher: Cipher) -> None:
        self.database = database
        self.clock = clock
        self.cipher = cipher
        self.holder = secrets.token_hex(8)
        # Called after a commit that wrote something due at once; the process sets it to wake its
        # tick.
        self.wake: Callable[[], None] = lambda: None
        # How a drill's taps become updates; only a bot that talks to Telegram knows.
        self.as_update: Callable[[Any], dict[str, Any]] | None = None
        # Called after a commit that put something into the inbox itself.
        self.news: Callable[[], None] = lambda: None
        # Called once the effects of an update are committed; crash tests end the process there.
        self.after_effects: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one moment and writes nothing."""
        async with self.database.reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Tx]:
        """A transaction: facts, the messages they cause, the audit lines and the inbox row,
        together.

        Raises:
            AlreadyDoneError: the update being handled was done by another copy; all is rolled
            back.
        """
        update_id = current_update.get()
        async with self.database.writing() as session:
            tx = Tx(session, self.clock.now(), self.cipher, self.holder, as_update=self.as_update)
            yield tx
            if update_id is not None and not await storage.inbox.finish(
                session, update_id, tx.now
            ):
                raise AlreadyDoneError(update_id)
            await tx._end()
        if update_id is not None:
            current_update.set(None)
            self.after_effects()
        hand = in_hand.get()
        if hand is not None:
            hand.extend(tx.held)
        if tx.soon:
            self.wake()
        if tx.arrived:
            self.news()
