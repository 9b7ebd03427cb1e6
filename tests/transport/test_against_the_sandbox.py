"""Clock and transport against the simulated Telegram itself."""

from datetime import timedelta

import aiohttp
import pytest
from telegram import Bot
from telegram.error import InvalidToken

from bot.clock import SandboxClock
from bot.transport import AiohttpRequest
from sandbox.server import serving


async def move(url, **how):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/_/clock", json=how) as response,
    ):
        return response.status, await response.json()


async def test_the_bots_clock_follows_jumps_forward_back_and_to_the_next_event():
    jumps = []
    async with serving() as running:
        simulated = running.telegram.clock
        due = simulated.now() + timedelta(days=2)

        async def next_due():
            return due

        async def jumped():
            jumps.append(clock.now())

        clock = SandboxClock(f"{running.url}/_/clock", next_due)
        clock.on_jump(jumped)
        await clock.start()
        try:
            moves = [{"forward_seconds": 86_400}, {"back_seconds": 3600}, {"to_next_event": True}]
            for how in moves:
                status, _ = await move(running.url, **how)
                assert status == 200
                assert abs(clock.now() - simulated.now()) < timedelta(seconds=0.5)
        finally:
            await clock.stop()

    assert len(jumps) == 3
    assert timedelta(seconds=0.5) < jumps[-1] - due < timedelta(seconds=2)


async def test_a_clock_that_stopped_following_holds_nobody_up():
    async with serving() as running:
        clock = SandboxClock(f"{running.url}/_/clock")
        await clock.start()
        assert await clock.sleep_until_change(0.1) is False
        await clock.stop()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            await session.post(f"{running.url}/_/clock", json={"forward_seconds": 60})


async def test_the_transport_talks_to_it_and_a_foreign_token_is_refused():
    async with serving() as running:
        for token, known in (("100001:SANDBOX", True), ("100002:OTHER", False)):
            request, polling = AiohttpRequest(), AiohttpRequest()
            bot = Bot(
                token,
                base_url=f"{running.url}/bot",
                request=request,
                get_updates_request=polling,
            )
            try:
                if known:
                    assert (await bot.get_me()).username == "symptom_diary_bot"
                    assert await bot.get_updates(timeout=0) == ()
                else:
                    with pytest.raises(InvalidToken):
                        await bot.get_me()
            finally:
                await request.shutdown()
                await polling.shutdown()
