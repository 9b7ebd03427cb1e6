"""The time: the machine's, or a simulated Telegram's that can jump.

The only module that reads the machine's clock for product time. Moments are aware UTC, spans are
seconds.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import structlog

log = structlog.get_logger()

OnJump = Callable[[], Awaitable[None]]
NextDue = Callable[[], Awaitable[datetime | None]]

# A smaller difference than this is the way of the answer, not a jump.
JUMP_SECONDS = 0.25
# The other side waits 3 s for the acknowledgement of a jump.
CALLBACK_SECONDS = 2.0
# The other side answers a long poll after 20 s at the latest.
POLL_SECONDS = 30.0
FIRST_READING_SECONDS = 5.0
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 2.0

# What an unreachable clock raises, and one that answers nonsense.
_AWAY = (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError, ArithmeticError)


class SystemClock:
    """The machine's clock. It never jumps, so what is registered for a jump is never called."""

    def __init__(self) -> None:
        self.next_due: NextDue | None = None

    def now(self) -> datetime:
        """The present moment (aware UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that nobody sets, for watchdogs; only differences mean anything."""
        return time.monotonic()

    def on_jump(self, callback: OnJump) -> None:
        """Have `callback` awaited after each jump."""

    async def start(self) -> None:
        """Begin to follow; there is nothing to follow."""

    async def stop(self) -> None:
        """Cease to follow."""

    async def sleep_until_change(self, seconds: float) -> bool:
        """Sleep for `seconds` of real time; True when a jump ended the sleep early."""
        await asyncio.sleep(seconds)
        return False


@dataclass(frozen=True)
class _Reading:
    """What the other side's clock showed at one moment of ours."""

    shown: datetime
    at: float
    version: int | None

    def shown_at(self, moment: float) -> datetime:
        return self.shown + timedelta(seconds=moment - self.at)


class SandboxClock:
    """Follows a simulated Telegram's clock by its long poll, from `start` to `stop`.

    Before the first contact it shows the machine's time. While the other side is away it goes on
    from the last reading and tries again. A jump is acknowledged by the next poll, which leaves
    after every callback has returned or had its two seconds.

    Attributes:
        next_due: says when the next thing is due (aware UTC, None for nothing); reported with each
            poll.
    """

    def __init__(self, url: str, next_due: NextDue | None = None) -> None:
        self.next_due = next_due
        self._url = url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/_/clock"
        self._follower = f"bot-{os.getpid()}-{secrets.token_hex(4)}"
        self._callbacks: list[OnJump] = []
        self._reading = _Reading(datetime.now(UTC), time.monotonic(), None)
        self._jumped = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._following: asyncio.Task[None] | None = None
        self._unfinished: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        """The present moment of the simulated Telegram (aware UTC)."""
        return self._reading.shown_at(time.monotonic())

    def monotonic(self) -> float:
        """Seconds on a clock that no jump moves, for watchdogs; only differences mean anything."""
        return time.monotonic()

    def on_jump(self, callback: OnJump) -> None:
        """Have `callback` awaited after each jump, before it is acknowledged, in order of adding.

        One that takes over two seconds goes on by itself; one that fails is logged.
        """
        self._callbacks.append(callback)

    async def start(self) -> None:
        """Take the first reading, if the other side is there, and begin to follow."""
        if self._following is not None:
            return
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POLL_SECONDS))
        try:
            async with asyncio.timeout(FIRST_READING_SECONDS):
                self._reading = await self._poll(self._session)
        except _AWAY as error:
            log.warning("clock_away", error=type(error).__name__)
        self._following = asyncio.create_task(self._follow(self._session), name="clock")

    async def stop(self) -> None:
        """Cease to follow; callbacks under way get two more seconds."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
        if self._unfinished:
            _, late = await asyncio.wait(self._unfinished, timeout=CALLBACK_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def sleep_until_change(self, seconds: float) -> bool:
        """Sleep for `seconds` of real time; True when a jump ended the sleep early."""
        try:
            async with asyncio.timeout(seconds):
                await self._jumped.wait()
        except TimeoutError:
            return False
        return True

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                await self._take(await self._poll(session))
                pause = FIRST_RETRY_SECONDS
            except _AWAY as error:
                if pause == FIRST_RETRY_SECONDS:
                    log.warning("clock_away", error=type(error).__name__)
                # Without a version the next poll is answered at once, also by a new server.
                self._reading = _Reading(self._reading.shown, self._reading.at, None)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_RETRY_SECONDS)

    async def _poll(self, session: aiohttp.ClientSession) -> _Reading:
        query = {"follower": self._follower, "next_due": await self._ask_next_due()}
        if self._reading.version is not None:
            query["after"] = str(self._reading.version)
        async with session.get(self._url, params=query) as response:
            response.raise_for_status()
            answer = await response.json()
        shown = datetime.fromisoformat(answer["now"])
        if shown.tzinfo is None:
            raise ValueError("the clock's answer has no time zone")
        return _Reading(shown.astimezone(UTC), time.monotonic(), int(answer["version"]))

    async def _ask_next_due(self) -> str:
        if self.next_due is None:
            return ""
        try:
            async with asyncio.timeout(CALLBACK_SECONDS):
                moment = await self.next_due()
        except Exception:
            log.exception("next_due_failed")
            return ""
        return "" if moment is None else moment.astimezone(UTC).isoformat()

    async def _take(self, reading: _Reading) -> None:
        before, self._reading = self._reading, reading
        if abs((reading.shown - before.shown_at(reading.at)).total_seconds()) < JUMP_SECONDS:
            if reading.version == before.version:
                self._reading = before
            return
        self._jumped.set()
        self._jumped = asyncio.Event()
        for callback in self._callbacks:
            await self._call(callback)

    async def _call(self, callback: OnJump) -> None:
        task = asyncio.create_task(_logged(callback))
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        _, late = await asyncio.wait([task], timeout=CALLBACK_SECONDS)
        if late:
            log.warning("jump_acknowledged_early", after=CALLBACK_SECONDS)


async def _logged(callback: OnJump) -> None:
    try:
        await callback()
    except Exception:
        log.exception("jump_callback_failed")


def make_clock(url: str | None) -> SystemClock | SandboxClock:
    """The clock for a CLOCK_URL: a simulated Telegram's, or the machine's without one."""
    return SandboxClock(url) if url else SystemClock()
