"""The way in: polling into the inbox, then workers that take each chat's updates in order."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

import storage.inbox
from bot.faultpoints import reached
from care.work import AlreadyDoneError, Work, current_update, received_at
from handlers.failures import Failure
from storage.tables import InboxUpdate
from storage.trouble import away

log = structlog.get_logger()

POLL_SECONDS = 25
BATCH = 100
AT_ONCE = 16
# After a week without news Telegram chooses the next update's number at random.
NUMBERED_ANEW_SECONDS = 6 * 86_400.0
# A chat's turn is renewed after so long, well within its lease.
RENEW_SECONDS = 20.0
# How soon a copy looks again: nothing waits, or what waits is another copy's turn.
IDLE_SECONDS, OTHERS_TURN_SECONDS = 1.0, 0.1
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")

RawUpdate = dict[str, Any]
Process = Callable[[RawUpdate], Awaitable[None]]


def chat_of(update: RawUpdate) -> int:
    """The chat whose order an update belongs to: its own, or the user's where there is none."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            return int(update[kind]["chat"]["id"])
    query = update.get("callback_query", {})
    message = query.get("message")
    return int(message["chat"]["id"] if message else query.get("from", {}).get("id", 0))


async def receive(work: Work, updates: list[RawUpdate]) -> None:
    """Store raw updates, encrypted, in one transaction; only then may Telegram forget them."""
    async with work.writing() as tx:
        await storage.inbox.store(
            tx.session,
            [
                InboxUpdate(
                    update_id=update["update_id"],
                    chat_id=chat_of(update),
                    body=tx.cipher.seal(json.dumps(update, separators=(",", ":"))),
                    received_at=tx.now,
                )
                for update in updates
            ],
        )


class Poller:
    """Asks Telegram for updates, stores them, and only then moves the offset.

    `on_contact` is called whenever Telegram answers, with the seconds since it did last; None at
    first.
    """

    def __init__(
        self,
        work: Work,
        bot: Bot,
        request: BaseRequest,
        arrived: Callable[[], None],
        on_contact: Callable[[float | None], Awaitable[None]],
    ) -> None:
        self._work = work
        self._bot = bot
        self._request = request
        self._arrived = arrived
        self._on_contact = on_contact
        self._offset: int | None = None
        self.healthy = False

    async def run(self) -> None:
        """Poll until cancelled; every failure waits a little and is tried again.

        Raises:
            InvalidToken: Telegram does not know the token; no later try will change that.
        """
        loop = asyncio.get_running_loop()
        # Without an offset the oldest unconfirmed come again, and those stored already are known.
        # An offset behind the newest stored would drop what comes after a quiet week, when
        # Telegram numbers anew.
        self._offset, last_news = None, loop.time()
        contact: float | None = None
        pause = 0.5
        while True:
            try:
                if loop.time() - last_news > NUMBERED_ANEW_SECONDS:
                    self._offset = None
                updates = await self._fetch()
                if updates:
                    last_news = loop.time()
                    reached("received")
                    await receive(self._work, updates)
                    reached("stored")
                    self._offset = updates[-1]["update_id"] + 1
                    self._arrived()
                await self._on_contact(None if contact is None else loop.time() - contact)
                contact, pause, self.healthy = loop.time(), 0.5, True
            except InvalidToken:
                raise
            except (TelegramError, OSError) as error:
                self.healthy = False
                wait = Failure.wait_of(error) if isinstance(error, RetryAfter) else pause
                level = log.error if isinstance(error, Conflict) else log.warning
                level("polling_failed", error=type(error).__name__, again_in=wait)
                await asyncio.sleep(wait or pause)
                pause = min(pause * 2, 15.0)
            except Exception as error:  # the database may be away: keep the offset, ask again
                self.healthy = False
                if not away(error):
                    log.exception("storing_updates_failed")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 15.0)

    async def _fetch(self) -> list[RawUpdate]:
        """The raw updates: one that our library cannot read yet must not hold up the others."""
        query: dict[str, object] = {
            "limit": BATCH,
            # After trouble at once, so that a gap is known as soon as it is over.
            "timeout": POLL_SECONDS if self.healthy else 0,
            "allowed_updates": json.dumps(ALLOWED),
        }
        if self._offset is not None:
            query["offset"] = self._offset
        found: Any = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(query)}", read_timeout=POLL_SECONDS + 5
        )
        return list(found)


class Workers:
    """Takes updates from the inbox: one chat's in order, different chats side by side.

    An update that fails for its own sake stays whole in the inbox, is reported, and the next one
    goes on.
    """

    def __init__(
        self,
        work: Work,
        process: Process,
        failed: Process,
        handled: Callable[[str], None] = lambda _how: None,
    ) -> None:
        """`handled` is told "done" or "failed" for each update."""
        self._work = work
        self._process = process
        self._handled = handled
        self._failed = failed
        self._news = asyncio.Event()
        self._busy: set[int] = set()
        # Chats served to the end, whose turn is given back with the next look.
        self._finished: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There is something new in the inbox."""
        self._news.set()

    async def run(self) -> None:
        """Serve until cancelled; what is left undone waits in the inbox for the next start."""
        while True:
            self._news.clear()
            try:
                if wait := await self._hand_out():
                    # Not wait_for: in 3.11 it loses a cancellation that comes with the news.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(wait):
                            await self._news.wait()
            except Exception as error:
                if not away(error):
                    log.exception("inbox_failed")
                await asyncio.sleep(1.0)

    async def drain(self) -> None:
        """Wait until the updates that are being handled have ended, for so long at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=20)

    async def _hand_out(self) -> float:
        """Give free hands what waits; returns the seconds until it is worth another look."""
        free = AT_ONCE - len(self._busy)
        async with self._work.reading() as session:
            waiting = await storage.inbox.waiting(session, busy_chats=frozenset(self._busy))
        if not self._finished and not (waiting and free):
            return IDLE_SECONDS
        finished = frozenset(self._finished)
        async with self._work.writing() as tx:
            rows = await storage.inbox.take_turns(
                tx.session, holder=self._work.holder, finished=finished, most=free
            )
        self._finished -= finished
        chats: dict[int, list[InboxUpdate]] = {}
        for row in rows:
            chats.setdefault(row.chat_id, []).append(row)
        for chat_id, found in chats.items():
            self._busy.add(chat_id)
            task = asyncio.create_task(self._serve_chat(chat_id, found))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return 0.0 if chats else OTHERS_TURN_SECONDS if waiting and free else IDLE_SECONDS

    async def _serve_chat(self, chat_id: int, rows: list[InboxUpdate]) -> None:
        renewed = time.monotonic()
        try:
            for row in rows:
                if time.monotonic() - renewed > RENEW_SECONDS:
                    renewed = time.monotonic()
                    if not await self._keep_turn(chat_id):
                        return
                await self._serve(row)
        except Exception as error:
            if not away(error):
                log.exception("chat_failed", chat=chat_id)
            await asyncio.sleep(1.0)
        finally:
            self._busy.discard(chat_id)
            self._finished.add(chat_id)
            self.wake()

    async def _keep_turn(self, chat_id: int) -> bool:
        async with self._work.writing() as tx:
            return await storage.inbox.keep_turn(tx.session, self._work.holder, chat_id)

    async def _serve(self, row: InboxUpdate) -> None:
        update: RawUpdate = json.loads(self._work.cipher.open(row.body))
        token = current_update.set(row.update_id)
        since = received_at.set(row.received_at)
        try:
            await self._process(update)
            if current_update.get() is not None:
                async with self._work.writing():
                    pass  # nothing was written: the empty transaction marks the update done
            self._handled("done")
        except AlreadyDoneError:
            log.info("done_by_another_copy", update=row.update_id)
        except Exception as error:
            if away(error):
                if current_update.get() is not None:
                    raise  # nothing of it is stored: it waits in the inbox, whole
                # What was sent is kept, only its answer is not drawn: a new try draws it.
                await self._failed(update)
                return
            log.exception("update_failed", update=row.update_id)
            self._handled("failed")
            current_update.set(None)
            async with self._work.writing() as tx:
                await storage.inbox.fail(tx.session, row.update_id, type(error).__name__, tx.now)
            await self._failed(update)
        finally:
            current_update.reset(token)
            received_at.reset(since)
