"""Messages a second through our transport, against python-telegram-bot's own on httpx."""

import asyncio
import time
from statistics import median

from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest

from bot.transport import AiohttpRequest
from sandbox.people import World
from sandbox.server import serving

MESSAGES = 400
AT_ONCE = 32
ROUNDS = 5


async def _rate(request: BaseRequest, url: str, chat_id: int) -> float:
    """Messages a second, `AT_ONCE` under way."""
    bot = Bot(
        "100001:SANDBOX", f"{url}/bot", request=request, get_updates_request=AiohttpRequest()
    )
    async with bot:
        room = asyncio.Semaphore(AT_ONCE)

        async def send() -> None:
            async with room:
                await bot.send_message(chat_id, "A check-in, as long as a short question is.")

        began = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(MESSAGES)))
        return MESSAGES / (time.perf_counter() - began)


async def compare() -> tuple[float, float, float]:
    """(ours, theirs, ratio): medians over rounds that take turns."""
    async with serving() as running, World.connect(running.url) as world:
        await world.limits(enabled=False)
        anna = await world.person("Anna")
        await anna.starts()
        pairs = []
        for _ in range(ROUNDS):
            ours = await _rate(AiohttpRequest(), running.url, anna.id)
            theirs = await _rate(HTTPXRequest(connection_pool_size=AT_ONCE), running.url, anna.id)
            pairs.append((ours, theirs))
    return (
        median(ours for ours, _ in pairs),
        median(theirs for _, theirs in pairs),
        median(ours / theirs for ours, theirs in pairs),
    )
