"""The clock jumps, and waits for those who follow it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import Clock
from sandbox.errors import ControlError


class Follower:
    """Follows the clock as the bot does: acts on a version, then polls with it."""

    def __init__(self, world, next_due=None, delay=0.0) -> None:
        self.world, self.next_due, self.delay = world, next_due, delay
        self.now = None
        self.task = asyncio.create_task(self.follow())

    async def follow(self) -> None:
        version = ""
        while True:
            due = self.next_due.isoformat() if self.next_due else ""
            state = await self.world.wire.get(
                "clock", after=version, next_due=due, follower=str(id(self))
            )
            await asyncio.sleep(self.delay)
            self.now, version = datetime.fromisoformat(state["now"]), state["version"]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def follow(world):
    followers = []

    async def start(**how):
        followers.append(Follower(world, **how))
        await asyncio.sleep(0.1)
        return followers[-1]

    yield start
    for follower in followers:
        await follower.stop()


async def test_a_jump_returns_after_the_followers_have_acted_on_it(world, follow):
    first, second = await follow(delay=0.1), await follow()
    before = await world.now()
    await world.forward(hours=24)
    for follower in (first, second):
        assert follower.now - before >= timedelta(hours=24)


async def test_the_next_event_is_the_earliest_that_a_follower_reports(world, follow):
    now = await world.now()
    await follow(next_due=now + timedelta(hours=5))
    await follow(next_due=now + timedelta(hours=3))
    landed = await world.to_next_event()
    assert timedelta(hours=3, seconds=1) <= landed - now < timedelta(hours=3, seconds=3)


async def test_the_next_event_is_asked_for_anew(world, follow):
    now = await world.now()
    follower = await follow(next_due=now + timedelta(hours=5))
    follower.next_due = now + timedelta(hours=1)
    assert (await world.to_next_event()) - now < timedelta(hours=2)


async def test_without_a_next_event_there_is_no_jump(world, follow):
    await follow()
    with pytest.raises(ControlError, match="Nothing is due"):
        await world.to_next_event()


async def test_a_follower_that_hangs_up_is_not_waited_for(world, follow):
    follower = await follow()
    await follower.stop()
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await world.forward(hours=1)
    assert time.monotonic() - started < 1


async def test_a_silent_follower_is_waited_for_three_seconds(world, follow):
    await follow(delay=20)
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await world.forward(hours=1)
    assert 2.5 < time.monotonic() - started < 4


async def test_the_clock_can_go_back_and_be_set(world):
    before = await world.now()
    assert await world.back(hours=2) < before - timedelta(hours=1, minutes=59)
    to = datetime(2030, 5, 1, 12, tzinfo=UTC)
    assert timedelta(0) <= await world.set_clock(to) - to < timedelta(seconds=1)


async def test_messages_carry_the_simulated_date(world, api, anna):
    await world.set_clock(datetime(2030, 5, 1, 12, tzinfo=UTC))
    sent = await api("sendMessage", chat_id=anna.id, text="hello")
    assert datetime.fromtimestamp(sent["date"], UTC).date().isoformat() == "2030-05-01"


async def test_the_first_poll_is_answered_at_once_and_the_next_at_a_change(world):
    state = await world.wire.get("clock", follower="x")
    polling = asyncio.create_task(world.wire.get("clock", follower="x", after=state["version"]))
    await asyncio.sleep(0.05)
    assert not polling.done()
    jumping = asyncio.create_task(world.forward(hours=1))
    assert (await polling)["version"] == state["version"] + 1
    await world.wire.get("clock", follower="x", after=state["version"])
    confirming = asyncio.create_task(
        world.wire.get("clock", follower="x", after=state["version"] + 1)
    )
    await jumping
    confirming.cancel()
    await asyncio.gather(confirming, return_exceptions=True)


def test_the_clock_runs_between_jumps():
    clock = Clock()
    first = clock.now()
    time.sleep(0.01)
    assert timedelta(0) < clock.now() - first < timedelta(seconds=1)
