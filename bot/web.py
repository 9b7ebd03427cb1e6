"""The webhook: Telegram's updates into the inbox before they are confirmed, and its upkeep."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.faultpoints import reached
from bot.inbox import ALLOWED, RawUpdate, receive
from bot.settings import Settings
from care.work import Work
from handlers.failures import Failure

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
# Telegram's updates are a few kilobytes; nobody else has business here.
LARGEST_BODY = 1_000_000
CONNECTIONS = 40
LOOK_SECONDS = 20.0
STORE_WITHIN = 30.0
# Longest wait in seconds before a failed try is repeated.
_LONGEST_PAUSE = 15.0
# Telegram waits up to a minute between its tries.
_STILL_FAILING = timedelta(seconds=120)
_REFUSED, _TOO_LARGE, _NOT_NOW = 403, 413, 503


def webhook_route(settings: Settings, work: Work, arrived: Callable[[], None]) -> Route:
    """Where Telegram posts: the path of WEBHOOK_URL.

    200 means stored. 403: not Telegram; 400: no update; 413: too large; 503: not stored, send it
    again.
    """
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""

    async def take(request: Request) -> Response:
        shown = request.headers.get(SECRET_HEADER, "")
        if not secret or not hmac.compare_digest(shown.encode(), secret.encode()):
            log.warning("webhook_refused", why="the secret is another")
            return Response(status_code=_REFUSED)
        body = await _body(request)
        if body is None:
            return Response(status_code=_TOO_LARGE)
        update = _update(body)
        if update is None:
            log.warning("webhook_refused", why="this is no update")
            return Response(status_code=400)
        reached("received")
        try:
            async with asyncio.timeout(STORE_WITHIN):
                await receive(work, [update])
        except Exception as error:  # noqa: BLE001 - what is not stored comes again
            log.error("update_not_stored", error=type(error).__name__)  # noqa: TRY400 - no words
            return Response(status_code=_NOT_NOW, headers={"Retry-After": "1"})
        reached("stored")
        arrived()
        return Response()

    return Route(urlsplit(settings.webhook_url or "").path or "/", take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The request's body, or None when it is too large; never more of it in memory than that."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _update(body: bytes) -> RawUpdate | None:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or type(found.get("update_id")) is not int:
        return None
    return found


class WebhookKeeper:
    """Tells Telegram where to post, and looks from time to time whether that still holds.

    `on_contact` is called at every good look, with the seconds since the last one; None at first.
    """

    def __init__(
        self,
        settings: Settings,
        work: Work,
        bot: Bot,
        on_contact: Callable[[float | None], Awaitable[None]],
        look_every: float = LOOK_SECONDS,
    ) -> None:
        self._url = settings.webhook_url or ""
        self._secret = settings.webhook_secret
        self._clock = work.clock
        self._bot = bot
        self._on_contact = on_contact
        self._look_every = look_every
        self.healthy = False

    async def run(self) -> None:
        """Set the webhook, and keep it until cancelled; every failure is tried again.

        Raises:
            InvalidToken: Telegram does not know the token; no later try will change that.
        """
        loop = asyncio.get_running_loop()
        contact: float | None = None
        pause, is_set = 0.5, False
        while True:
            try:
                if not is_set:
                    await self._set()
                    is_set = True
                info = await self._bot.get_webhook_info()
                if info.url != self._url:
                    log.warning("webhook_was_changed")
                    is_set = False
                    continue
                if _failing(info, self._clock.now()):
                    log.warning("webhook_failing", error=info.last_error_message)
                    self.healthy = False
                else:
                    await self._on_contact(None if contact is None else loop.time() - contact)
                    contact, pause, self.healthy = loop.time(), 0.5, True
                await asyncio.sleep(self._look_every)
            except InvalidToken:
                raise
            except Exception as error:  # noqa: BLE001 - logged below
                self.healthy = False
                wait = Failure.wait_of(error) if isinstance(error, RetryAfter) else pause
                expected = isinstance(error, (TelegramError, OSError))
                (log.warning if expected else log.exception)(
                    "webhook_not_seen", error=type(error).__name__
                )
                await asyncio.sleep(wait or pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _set(self) -> None:
        """Set the webhook; who meets a 429 may find that another copy set it a moment ago."""
        try:
            await self._bot.set_webhook(
                self._url,
                secret_token=self._secret.get_secret_value() if self._secret else None,
                allowed_updates=ALLOWED,
                max_connections=CONNECTIONS,
            )
        except RetryAfter as error:
            info = await self._bot.get_webhook_info()
            if info.url == self._url:
                return
            await asyncio.sleep(Failure.wait_of(error) or 1.0)
            raise


def _failing(info: WebhookInfo, now: datetime) -> bool:
    """Whether Telegram could not deliver lately and still has something for us."""
    failed = info.last_error_date
    return failed is not None and info.pending_update_count > 0 and now - failed < _STILL_FAILING
