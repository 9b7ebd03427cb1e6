"""From outbox row to Telegram: render from what is true now, send, and write how it ended."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram import Bot
from telegram.error import RetryAfter, TelegramError

import storage.leases
import storage.outbox
import storage.people
from care import steps
from care.outbox import KINDS
from care.work import Work, in_hand, received_at
from handlers.failures import Failure, Fate, sort
from handlers.insisting import until_written
from handlers.limits import Limits
from handlers.lines import Lines, line_of
from handlers.marking import marked
from handlers.outgoing import Outgoing, post
from storage.cipher import Cipher
from storage.tables import OutboxRow
from storage.trouble import away

log = structlog.get_logger()

# The longest pause, in seconds, that a message which goes at once sits out under its lease.
LONGEST_PAUSE = 10.0
# A row that must wait longer than this for its turn (seconds) goes back to the outbox meanwhile.
LONGEST_TURN = 3.0


@dataclass(frozen=True)
class Nothing:
    """The row is no longer called for; `missed` records that its time went by."""

    reason: str
    missed: bool = False


@dataclass(frozen=True)
class NotYet:
    """The row cannot go now; try again after `wait`."""

    reason: str
    wait: timedelta = timedelta(minutes=10)


Rendered = Outgoing | Nothing | NotYet


@dataclass(frozen=True)
class Rendering:
    """What a renderer is given: one row, and the means to read what is true now."""

    session: AsyncSession
    row: OutboxRow
    cipher: Cipher
    now: datetime
    username: str

    @property
    def may_repeat(self) -> bool:
        """True when the row may have been sent already by a worker that died."""
        return self.row.uncertain


Renderer = Callable[[Rendering], Awaitable[Rendered]]


@dataclass
class Courier:
    """Delivers rows that this process holds.

    Rows of one chat leave in order, different chats side by side. A row that fails never stops
    another.
    """

    work: Work
    bot: Bot
    username: str
    renderers: dict[str, Renderer]
    failure: Failure
    limits: Limits = field(default_factory=Limits)
    # Called with "claimed/" or "sent/" and the kind when a message passes there; crash tests end
    # the process at such a point.
    at: Callable[[str], None] = lambda _point: None
    # Told of every message that ended, with its fate and when the tap that caused it was received.
    ended: Callable[[OutboxRow, str, datetime | None], None] = lambda _row, _fate, _since: None
    # Told the class of error of every try that failed.
    failed_try: Callable[[str], None] = lambda _error: None
    _under_way: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _lines: Lines = field(default_factory=Lines, init=False)

    def dispatch(self, rows: Sequence[OutboxRow]) -> "asyncio.Task[None]":
        """Deliver these rows beside whatever the caller does next."""
        task = asyncio.create_task(self.deliver(rows))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def room(self, most: int) -> None:
        """Wait until at most so many dispatches are under way."""
        while len(self._under_way) > most:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def drain(self, seconds: float = 25.0) -> None:
        """Wait until what was dispatched has ended, for so long at most."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)

    async def deliver(self, rows: Sequence[OutboxRow]) -> None:
        """Deliver these rows, most urgent first; returns when each has ended or was put off."""
        lines: dict[object, list[OutboxRow]] = defaultdict(list)
        for row in rows:
            lines[line_of(row)].append(row)
        await asyncio.gather(*(self._deliver_line(line, found) for line, found in lines.items()))

    async def _deliver_line(self, line: object, rows: list[OutboxRow]) -> None:
        async with self._lines.turn(line):
            await self._deliver_in_order(rows)

    async def _deliver_in_order(self, rows: list[OutboxRow]) -> None:
        for row in rows:
            try:
                await self._deliver_one(row)
            except Exception as error:
                if not away(error):
                    log.exception("row_failed", row=row.id, kind=row.kind)
                left = row.message_id is not None  # it went out; what came after it failed
                await self._put_off(
                    row, f"bug:{type(error).__name__}", _backoff(row, 60), uncertain=left
                )

    async def _deliver_one(self, row: OutboxRow) -> None:
        now = self.work.clock.now()
        late = row.useful_until is not None and now > row.useful_until
        if not KINDS[row.kind].sends:
            await self._take_step(row)
        elif late:
            await self._end(row, "missed", error="too late")
        else:
            await self._send(row, now)

    async def _take_step(self, row: OutboxRow) -> None:
        token = in_hand.set([])
        try:
            async with self.work.writing() as tx:
                await storage.people.hold(tx.session, {row.patient_id or 0})
                if await storage.outbox.finish(
                    tx.session, row.id or 0, row.holder or "",
                    {"state": "sent", "ended_at": tx.now},
                ):  # fmt: skip
                    await steps.take(tx, row)
            written = in_hand.get() or []
        finally:
            in_hand.reset(token)
        await self.deliver(sorted(written, key=lambda found: (found.priority, found.id)))

    async def _send(self, row: OutboxRow, now: datetime) -> None:
        async with self.work.reading() as session:
            current = await storage.outbox.row(session, row.id or 0)
            if current is None or current.state != "due" or current.holder != row.holder:
                return  # called off, or another copy took it while it waited in line here
            rendered = await self.renderers[row.kind](
                Rendering(session, row, self.work.cipher, now, self.username)
            )
            if isinstance(rendered, Outgoing):
                rendered = await marked(session, row, rendered)
        if isinstance(rendered, Nothing):
            await self._end(row, "missed" if rendered.missed else "cancelled", rendered.reason)
            return
        if isinstance(rendered, NotYet):
            async with self.work.writing() as tx:
                await storage.outbox.postpone(
                    tx.session, row.id or 0, row.holder or "", tx.now + rendered.wait,
                    rendered.reason,
                )  # fmt: skip
            return
        editing = rendered.edit is not None
        turn_ends = time.monotonic() + LONGEST_TURN
        while wait := self.limits.delay(row, rendered.chat_id, editing=editing):
            if time.monotonic() + wait > turn_ends:
                await self._put_off(row, "limit", wait, tried=False)
                return
            await asyncio.sleep(wait)
        await self._post(row, rendered)

    async def _post(self, row: OutboxRow, outgoing: Outgoing) -> None:
        try:
            self.at(f"claimed/{row.kind}")
            message_id = await self._patiently(row, outgoing)
            self.at(f"sent/{row.kind}")
        except TelegramError as error:
            beyond_editing = outgoing.edit is not None and sort(error) is Fate.never
            if beyond_editing and not outgoing.edit_only:
                await self._post(row, replace(outgoing, edit=None))
            else:
                await self._failed(row, outgoing, error)
            return
        await self._end(row, "sent", outgoing=outgoing, message_id=message_id)

    async def _patiently(self, row: OutboxRow, outgoing: Outgoing) -> int | None:
        """Hand it over; what goes at once sits out a short pause that Telegram asks for."""
        try:
            return await post(self.bot, outgoing)
        except RetryAfter as error:
            wait = self.failure.wait_of(error) or 1.0
            if not KINDS[row.kind].at_once or wait > LONGEST_PAUSE:
                raise
            await asyncio.sleep(wait)
            return await post(self.bot, outgoing)

    async def _failed(self, row: OutboxRow, outgoing: Outgoing, error: TelegramError) -> None:
        fate = sort(error)
        self.failed_try(type(error).__name__)
        log.info("not_sent", row=row.id, kind=row.kind, fate=fate.name, error=type(error).__name__)
        if fate is Fate.fulfilled or (fate is Fate.never and outgoing.edit_only):
            await self._end(row, "sent" if fate is Fate.fulfilled else "cancelled",
                            error=type(error).__name__)  # fmt: skip
        elif fate is Fate.moved:
            await self.failure.moved(outgoing.chat_id, error)
            await self._put_off(row, "moved", 0.0)
        elif fate is Fate.never and await self.failure.topic_gone(outgoing.chat_id, error):
            await self._put_off(row, "topic", 0.0)
        elif fate is Fate.never:
            # First what it means: if we die in between, the row is tried, and refused, once more.
            await self.failure.gone(outgoing.chat_id, error)
            await self._end(row, "failed", error=str(error)[:120])
        else:
            wait = self.failure.wait_of(error)
            seconds = wait if wait is not None else _backoff(row, 10 if row.priority < 10 else 300)
            await self._put_off(
                row, type(error).__name__, seconds, uncertain=fate is Fate.uncertain
            )

    @until_written
    async def _end(
        self,
        row: OutboxRow,
        state: str,
        error: str | None = None,
        *,
        outgoing: Outgoing | None = None,
        message_id: int | None = None,
    ) -> None:
        async with self.work.writing() as tx:
            await storage.people.hold(tx.session, {row.patient_id or 0})
            values: dict[str, object] = {"state": state, "ended_at": tx.now, "error": error}
            if outgoing is not None:
                values |= {"chat_id": outgoing.chat_id, "message_id": message_id}
                row.chat_id, row.message_id = outgoing.chat_id, message_id
            kept = await storage.outbox.finish(tx.session, row.id or 0, row.holder or "", values)
            if outgoing is not None and message_id is not None:
                if not kept:
                    await storage.outbox.note_sent(tx.session, row.id or 0, values)
                if outgoing.after is not None:
                    await outgoing.after(tx, row)
            if state in ("missed", "failed"):
                await steps.missed(tx, row)
        self.ended(row, state, received_at.get())

    @until_written
    async def _put_off(
        self,
        row: OutboxRow,
        error: str,
        seconds: float,
        *,
        uncertain: bool = False,
        tried: bool = True,
    ) -> None:
        async with self.work.writing() as tx:
            lease = await storage.leases.lease_now(tx.session)
            values: dict[str, object] = {
                "held_until": lease + seconds,
                "error": error,
                "tries": row.tries + tried,
            }
            if uncertain:
                values["uncertain"] = True
            await storage.outbox.finish(tx.session, row.id or 0, row.holder or "", values)


def _backoff(row: OutboxRow, most: float) -> float:
    return float(min(most, 2 ** min(row.tries, 12)))
