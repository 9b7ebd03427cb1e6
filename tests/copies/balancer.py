"""A load balancer as small as one can be: each request goes to the next copy that answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

KEPT = ("X-Telegram-Bot-Api-Secret-Token", "Content-Type")


@dataclass
class Balancer:
    """Where Telegram posts, and the ports of the copies behind it."""

    url: str = ""
    ports: list[int] = field(default_factory=list)
    answered_by: dict[int, int] = field(default_factory=dict)
    _next: int = 0

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in KEPT if name in request.headers}
        ports = list(self.ports)
        for turn in range(len(ports)):
            port = ports[(self._next + turn) % len(ports)]
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
                    session.post(
                        f"http://127.0.0.1:{port}{request.path}", data=body, headers=headers
                    ) as answer,
                ):
                    self._next += 1
                    self.answered_by[port] = self.answered_by.get(port, 0) + 1
                    return web.Response(status=answer.status)
            except (TimeoutError, aiohttp.ClientError, OSError):
                continue
        return web.Response(status=502)


@asynccontextmanager
async def balancing() -> AsyncIterator[Balancer]:
    """Serve on a free port until the block ends."""
    balancer = Balancer()
    application = web.Application()
    application.router.add_post("/{path:.*}", balancer.pass_on)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    balancer.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    try:
        yield balancer
    finally:
        await runner.cleanup()
