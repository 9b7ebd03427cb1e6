"""The tick: looks for due outbox rows every second, at once when something urgent was written."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from telegram.ext import ContextTypes, JobQueue

import storage.outbox
from care import clock_steps
from care.work import Work
from handlers.delivery import Courier
from storage.trouble import away

log = structlog.get_logger()

TICK_SECONDS = 1.0
WATCHDOG_SECONDS = 3.0
# A smaller difference between wall clock and monotonic clock is no step.
CLOCK_STEP = 30.0
# After a longer sleep of the machine taps may be lost: Telegram forgets them.
LEAP = 120.0
URGENT_AT_ONCE = 40
BULK_AT_ONCE = 60
# A lane waits so many seconds for a batch before it looks for the next, unless too many are under
# way already.
AT_MOST_WAIT, MOST_UNDER_WAY = 0.5, 12
# A lane looks up from its work after so many rounds, whatever is left.
MOST_ROUNDS = 50
JOB = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Ticker:
    """Two lanes, each delivered by a loop of its own, so that bulk never delays an alert."""

    def __init__(self, work: Work, courier: Courier) -> None:
        self._work = work
        self._courier = courier
        self._due = {"urgent": asyncio.Event(), "bulk": asyncio.Event()}
        self._idle = {"urgent": asyncio.Event(), "bulk": asyncio.Event()}
        # Told when the wall clock leapt ahead: the machine slept, or its clock was wrong.
        self.on_leap: Callable[[datetime, datetime], Awaitable[None]] | None = None
        # The monotonic time of the last tick.
        self.ticked = time.monotonic()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for due rows now."""
        for event in self._due.values():
            event.set()

    async def run_lane(self, lane: str) -> None:
        """Serve one lane until told to stop; a round that has begun is finished."""
        limit = URGENT_AT_ONCE if lane == "urgent" else BULK_AT_ONCE
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCHDOG_SECONDS):
                    await self._due[lane].wait()
            self._due[lane].clear()
            if self._stopping.is_set():
                return
            try:
                for _round in range(MOST_ROUNDS):
                    if self._stopping.is_set() or not await self._round(lane, limit):
                        break
                else:
                    self._due[lane].set()
            except Exception as error:
                if not away(error):
                    log.exception("tick_failed", lane=lane)
                await asyncio.sleep(1.0)
            self._idle[lane].set()

    async def _round(self, lane: str, limit: int) -> int:
        async with self._work.writing() as tx:
            rows = await storage.outbox.claim(
                tx.session, now=tx.now, lane=lane, holder=self._work.holder, limit=limit
            )
        if rows:
            # What is slow does not hold up what is due next; it is only never more than so much.
            await asyncio.wait({self._courier.dispatch(rows)}, timeout=AT_MOST_WAIT)
            await self._courier.room(MOST_UNDER_WAY)
        return len(rows)

    def stop(self) -> None:
        """Let both lanes end after the round they are in, so that what was sent is noted."""
        self._stopping.set()
        self.wake()

    async def settle(self) -> None:
        """Look now, and wait until both lanes found nothing more (or two seconds went by)."""
        for event in self._idle.values():
            event.clear()
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                for event in self._idle.values():
                    await event.wait()
        await self._courier.drain(1.0)

    async def tick(self, _context: ContextTypes.DEFAULT_TYPE | None = None) -> None:
        """One second went by."""
        self.ticked = time.monotonic()
        self.wake()

    def schedule(self, jobs: JobQueue[ContextTypes.DEFAULT_TYPE]) -> None:
        """Have the job queue call the tick in a second, and every second from then on.

        One run at a time: of a repeating job it would work out every run that the wall clock
        jumped over, which takes seconds for a month.
        """
        for job in jobs.get_jobs_by_name("tick"):
            job.schedule_removal()

        async def once(_context: ContextTypes.DEFAULT_TYPE) -> None:
            await self.tick()
            self.schedule(jobs)

        jobs.run_once(once, TICK_SECONDS, name="tick", job_kwargs=JOB)

    async def watch(self, jobs: JobQueue[ContextTypes.DEFAULT_TYPE]) -> None:
        """Tick by the monotonic clock when the job queue fell silent (it does when the wall clock
        is set back), and give it a fresh job. Notice when the wall clock was set."""
        shown, at = await self._set_right(), time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if time.monotonic() - self.ticked > WATCHDOG_SECONDS:
                log.warning("tick_revived")
                await self.tick()
                self.schedule(jobs)
            now, then = self._work.clock.now(), time.monotonic()
            step = (now - shown).total_seconds() - (then - at)
            shown, at = now, then
            if step > LEAP and self.on_leap is not None:
                log.warning("time_leapt", seconds=round(step))
                await self.on_leap(now - timedelta(seconds=step), now)
            if step < -CLOCK_STEP:
                log.warning("clock_set_back", seconds=round(-step))
                shown = await self._set_right()

    async def _set_right(self) -> datetime:
        """See `care.clock_steps`; returns the moment it was done."""
        try:
            moved = await clock_steps.set_right(self._work)
            if moved:
                log.warning("waits_begun_anew", rows=moved)
        except Exception as error:
            if not away(error):
                log.exception("waits_not_set_right")
        return self._work.clock.now()
