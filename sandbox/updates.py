"""What waits for the bot: the queue of updates, and getUpdates with its rules."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import BotApiError

CALLBACK_LIFETIME = timedelta(seconds=150)
MESSAGE_LIFETIME = timedelta(hours=24)
MOST_AT_ONCE = 100
LONGEST_POLL = 50.0
UNMOVED_OFFSET = 0.5
ON_REQUEST_ONLY = ("chat_member", "message_reaction", "message_reaction_count")
CONFLICT_POLLERS = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
CONFLICT_SET_WEBHOOK = (
    "Conflict: terminated by setWebhook request; make sure that only one bot instance is running"
)


@dataclass
class Update:
    """One update; `lane` names what is delivered in order to a webhook."""

    update_id: int
    kind: str
    payload: dict[str, Any]
    expires: datetime
    lane: tuple[str, int]

    def api(self) -> dict[str, Any]:
        """Return the Bot API's `Update`."""
        return {"update_id": self.update_id, self.kind: self.payload}


class UpdateQueue:
    """Undelivered updates, oldest first; what is older than its lifetime on the clock is gone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[int, Update] = {}
        self._next_id = 700_000_001
        self._changed = asyncio.Event()
        self._poll = 0
        self._conflict = CONFLICT_POLLERS
        self._previous_offset: int | None = None
        self._previous_start = 0.0
        self.allowed: list[str] | None = None
        self.closed = False

    def put(self, kind: str, payload: dict[str, Any], lane: tuple[str, int]) -> None:
        """Queue an update of this kind, unless the bot did not ask for such updates."""
        wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST_ONLY
        if not wanted:
            return
        lifetime = CALLBACK_LIFETIME if kind == "callback_query" else MESSAGE_LIFETIME
        update = Update(self._next_id, kind, payload, self._clock.now() + lifetime, lane)
        self._waiting[update.update_id] = update
        self._next_id += 1
        self.wake()

    def pending(self) -> list[Update]:
        """Return the updates that are still alive, oldest first."""
        now = self._clock.now()
        for update in [old for old in self._waiting.values() if old.expires <= now]:
            del self._waiting[update.update_id]
        return list(self._waiting.values())

    def drop(self, update_id: int) -> None:
        """Take out one update: delivered or given up."""
        self._waiting.pop(update_id, None)

    def clear(self) -> None:
        """Take out everything."""
        self._waiting.clear()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, timeout: float) -> None:  # noqa: ASYNC109 - a long poll, not a limit
        """Wait for a new update, so many seconds at most."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return

    def interrupt(self, by: str = CONFLICT_POLLERS) -> None:
        """End a waiting getUpdates with a conflict in these words."""
        self._poll += 1
        self._conflict = by
        self.wake()

    async def get(self, offset: int, limit: int, timeout: float) -> list[Update]:  # noqa: ASYNC109
        """Carry out getUpdates; the older of two calls at once ends with 409.

        1. An offset above zero confirms everything below it, a negative one all but the newest.
        2. The same offset as half a second ago or less is answered with one update at most.
        """
        self.interrupt()
        mine = self._poll
        self._confirm(offset)
        now = time.monotonic()
        repeated = offset == self._previous_offset and now < self._previous_start + UNMOVED_OFFSET
        self._previous_offset, self._previous_start = offset, now
        most = 1 if repeated else max(1, min(limit, MOST_AT_ONCE))
        deadline = now + min(max(timeout, 0.0), LONGEST_POLL)
        while not (ready := self.pending()[:most]):
            left = deadline - time.monotonic()
            if left <= 0 or self.closed:
                break
            await self.changed(left)
            if self._poll != mine:
                raise BotApiError(409, self._conflict)
        return ready

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            gone = [update_id for update_id in self._waiting if update_id < offset]
        else:
            gone = list(self._waiting)[:offset] if offset < 0 else []
        for update_id in gone:
            del self._waiting[update_id]
