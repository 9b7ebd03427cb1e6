"""Delivery of updates to a webhook: in order per lane, tried again, given up in the end."""

import asyncio
import http
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp

from sandbox.errors import too_many_requests
from sandbox.telegram import Telegram
from sandbox.updates import CONFLICT_SET_WEBHOOK, Update

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
MOST_TRIES = 10
ANSWER_WITHIN = 60.0
BETWEEN_SETTINGS = 1.0


class Webhook:
    """Delivers while a URL is set. `pace` stretches or shrinks the waits between tries."""

    def __init__(self, telegram: Telegram, clock: Callable[[], float] = time.monotonic) -> None:
        self._telegram = telegram
        self._monotonic = clock
        self._last_setting = -BETWEEN_SETTINGS
        self._task: asyncio.Task[None] | None = None
        self._connections = 40
        self._secret = ""
        self._error: dict[str, Any] = {}
        self.url = ""
        self.pace = 1.0
        self.given_up = 0

    def slow_down(self) -> None:
        """Refuse a second setWebhook within a second."""
        now = self._monotonic()
        if now - self._last_setting < BETWEEN_SETTINGS:
            raise too_many_requests(1)
        self._last_setting = now

    async def start(self, url: str, secret: str, connections: int) -> None:
        """Deliver to this URL from now on."""
        await self.stop()
        self.url, self._secret, self._connections = url, secret, connections
        self._error = {}
        self._telegram.updates.interrupt(CONFLICT_SET_WEBHOOK)
        self._task = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        """End delivery; updates that were not delivered stay."""
        self.url = ""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def info(self) -> dict[str, Any]:
        """Return the Bot API's `WebhookInfo`."""
        info: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._telegram.updates.pending()),
        }
        if not self.url:
            return info
        info |= {"max_connections": self._connections, **self._error}
        allowed = self._telegram.updates.allowed
        return info | ({"allowed_updates": allowed} if allowed else {})

    async def _deliver(self) -> None:
        """Start a delivery for the oldest update of every free lane, `max_connections` at once."""
        busy: dict[tuple[str, int], asyncio.Task[None]] = {}
        connector = aiohttp.TCPConnector(limit=self._connections)
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            try:
                while not self._telegram.closed:
                    busy = {lane: task for lane, task in busy.items() if not task.done()}
                    for update in self._telegram.updates.pending():
                        if update.lane not in busy and len(busy) < self._connections:
                            task = asyncio.create_task(self._deliver_one(session, update))
                            task.add_done_callback(lambda _: self._telegram.updates.wake())
                            busy[update.lane] = task
                    await self._telegram.updates.changed(1.0)
            finally:
                for task in busy.values():
                    task.cancel()
                await asyncio.gather(*busy.values(), return_exceptions=True)

    async def _deliver_one(self, session: aiohttp.ClientSession, update: Update) -> None:
        """Try until it is taken, until it would be too old, or ten times."""
        delay = FIRST_DELAY
        for attempt in range(1, MOST_TRIES + 1):
            problem = await self._post(session, update)
            if problem is None:
                break
            now = self._telegram.clock.now()
            self._error = {
                "last_error_date": int(now.timestamp()),
                "last_error_message": problem,
            }
            if attempt == MOST_TRIES or now + timedelta(seconds=delay) > update.expires:
                self.given_up += 1
                break
            await asyncio.sleep(delay * self.pace)
            delay = min(delay * 2, LONGEST_DELAY)
        self._telegram.updates.drop(update.update_id)

    async def _post(self, session: aiohttp.ClientSession, update: Update) -> str | None:
        headers = {SECRET_HEADER: self._secret} if self._secret else {}
        try:
            async with session.post(self.url, json=update.api(), headers=headers) as response:
                if response.status // 100 == 2:
                    return None
                phrase = http.HTTPStatus(response.status).phrase
                return f"Wrong response from the webhook: {response.status} {phrase}"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except (aiohttp.ClientError, TimeoutError):
            return "Connection timed out"
