"""The log of everything that happened, in order, for the page and the tests to follow."""

import asyncio
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One thing that happened; `kind` is the name of the server-sent event."""

    seq: int
    kind: str
    data: dict[str, Any]


class EventLog:
    """Events numbered from 1 without gaps, kept for replay."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._changed = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the newest event, 0 when there is none."""
        return len(self._events)

    def add(self, kind: str, data: dict[str, Any]) -> int:
        """Write an event, with its number as `seq` in the data, and wake the readers."""
        seq = self.last + 1
        self._events.append(Event(seq, kind, {"seq": seq, **data}))
        self.wake()
        return seq

    def after(self, seq: int) -> list[Event]:
        """Return what happened after the event with this number."""
        return self._events[max(seq, 0) :]

    async def changed(self, timeout: float) -> None:  # noqa: ASYNC109 - a long poll, not a limit
        """Wait for the next event, so many seconds at most."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return

    def wake(self) -> None:
        """Let every reader look again."""
        self._changed.set()
        self._changed = asyncio.Event()
