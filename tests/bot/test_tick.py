"""The tick: it comes back when its clock fell silent, and never runs for ever."""

import asyncio
from contextlib import suppress

import pytest
from telegram.ext import JobQueue

from bot import tick as ticking
from bot.tick import Ticker
from care import team
from care.work import Work


class Dispatching:
    def dispatch(self, rows) -> asyncio.Task:
        return asyncio.create_task(self.deliver(rows))

    async def room(self, _most: int) -> None:
        return


class CountingCourier(Dispatching):
    def __init__(self) -> None:
        self.delivered: list[str] = []

    async def deliver(self, rows) -> None:
        self.delivered += [row.key for row in rows]


class BrokenCourier(Dispatching):
    def dispatch(self, _rows) -> asyncio.Task:
        raise RuntimeError("every round fails")


async def enqueue(work: Work, *keys: str) -> None:
    clinic = await team.prepare(work, ())
    async with work.writing() as tx:
        for key in keys:
            await tx.enqueue("safety", key, clinic_id=clinic.id or 0)


async def running(ticker: Ticker, seconds: float) -> None:
    task = asyncio.create_task(ticker.run_lane("bulk"))
    ticker.wake()
    await asyncio.sleep(seconds)
    ticker.stop()
    with suppress(TimeoutError):
        await asyncio.wait_for(task, 5)


async def test_a_due_row_is_delivered_once_after_a_wake(work: Work) -> None:
    await enqueue(work, "a", "b")
    courier = CountingCourier()
    await running(Ticker(work, courier), 0.5)
    assert sorted(courier.delivered) == ["a", "b"]


async def test_a_round_that_fails_does_not_end_the_lane(work: Work) -> None:
    await enqueue(work, "a")
    ticker = Ticker(work, BrokenCourier())
    task = asyncio.create_task(ticker.run_lane("bulk"))
    ticker.wake()
    await asyncio.sleep(0.5)
    assert not task.done()
    ticker.stop()
    await asyncio.wait_for(task, 10)


async def test_the_watchdog_ticks_when_the_job_queue_is_silent(work: Work, monkeypatch) -> None:
    monkeypatch.setattr(ticking, "WATCHDOG_SECONDS", 0.1)
    monkeypatch.setattr(ticking, "TICK_SECONDS", 0.05)
    ticker, ticked = Ticker(work, CountingCourier()), asyncio.Event()

    async def tick(_context: object = None) -> None:
        ticked.set()

    monkeypatch.setattr(ticker, "tick", tick)
    scheduled: list[object] = []
    monkeypatch.setattr(ticker, "schedule", scheduled.append)
    jobs: JobQueue = JobQueue()
    watchdog = asyncio.create_task(ticker.watch(jobs))
    async with asyncio.timeout(5):
        await ticked.wait()
    watchdog.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watchdog
    assert scheduled
