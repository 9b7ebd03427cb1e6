"""The clock of the simulated world: runs in real time, can jump, and knows who follows it.

A follower polls with the version it has already acted on. That poll is its acknowledgement, so a
jump returns only when everybody who follows has seen it (or has been silent for too long).
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.errors import ControlError

LONG_POLL = 20.0
FOLLOWER_MEMORY = 30.0
ACKNOWLEDGEMENT_WAIT = 3.0


@dataclass
class Follower:
    """One process that follows the clock; `version` is the last one it has acted on."""

    version: int | None
    next_due: datetime | None
    seen: float
    polls: int = 0


class Clock:
    """Aware UTC time with jumps; `version` grows by one at each jump or call for attention."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC)
        self._monotonic = time.monotonic()
        self._offset = timedelta(0)
        self._changed = asyncio.Event()
        self.version = 1
        self.followers: dict[str, Follower] = {}

    def now(self) -> datetime:
        """Return the simulated time."""
        elapsed = timedelta(seconds=time.monotonic() - self._monotonic)
        return self._started + elapsed + self._offset

    def state(self) -> dict[str, object]:
        """Return `{"now": ISO-8601, "version": n}` for the wire."""
        return {"now": self.now().isoformat(), "version": self.version}

    def shift(self, by: timedelta) -> None:
        """Jump, forward or back, and wake everybody who waits; zero only asks for attention."""
        self._offset += by
        self.version += 1
        self._wake()

    async def poll(
        self, *, after: int | None, follower: str | None, next_due: datetime | None
    ) -> None:
        """Return when the version differs from `after`, at the latest after 20 s."""
        entry = self._note(follower, after, next_due) if follower else None
        try:
            deadline = time.monotonic() + LONG_POLL
            while self.version == after and time.monotonic() < deadline:
                await self._wait(deadline)
        finally:
            if entry is not None:
                entry.polls -= 1
                entry.seen = time.monotonic()

    def forget(self, follower: str) -> None:
        """Drop a follower whose connection is gone: nobody waits for it any more."""
        self.followers.pop(follower, None)
        self._wake()

    async def acknowledged(self) -> None:
        """Wait until every living follower has polled with the present version (3 s at most)."""
        deadline = time.monotonic() + ACKNOWLEDGEMENT_WAIT
        while self._behind() and time.monotonic() < deadline:
            await self._wait(deadline)

    async def jump(self, by: timedelta) -> None:
        """Jump and wait for the followers."""
        self.shift(by)
        await self.acknowledged()

    async def jump_to_next_event(self) -> None:
        """Ask the followers what is due next and jump one second past it; 409 if nothing is."""
        await self.jump(timedelta(0))
        due = [entry.next_due for entry in self._living() if entry.next_due is not None]
        if not due:
            raise ControlError("Nothing is due: no follower of the clock reported a next event.")
        await self.jump(max(min(due) - self.now(), timedelta(0)) + timedelta(seconds=1))

    def _note(self, name: str, after: int | None, next_due: datetime | None) -> Follower:
        entry = self.followers.setdefault(name, Follower(None, None, 0.0))
        entry.version, entry.next_due = after, next_due
        entry.seen = time.monotonic()
        entry.polls += 1
        self._wake()
        return entry

    def _living(self) -> list[Follower]:
        oldest = time.monotonic() - FOLLOWER_MEMORY
        return [entry for entry in self.followers.values() if entry.polls or entry.seen > oldest]

    def _behind(self) -> bool:
        return any(entry.version != self.version for entry in self._living())

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self, deadline: float) -> None:
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                await self._changed.wait()
        except TimeoutError:
            return
