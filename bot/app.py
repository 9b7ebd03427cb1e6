"""Wires everything together; the list of handlers is the bot's table of contents."""

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.clock import SandboxClock, SystemClock, make_clock
from bot.copies import Copies
from bot.faultpoints import reached
from bot.inbox import Poller, RawUpdate, Workers
from bot.lookout import Lookout
from bot.metrics import Metrics
from bot.settings import Settings
from bot.tick import Ticker
from bot.transport import AiohttpRequest
from bot.web import WebhookKeeper
from care import away, team
from care.work import Work
from handlers.apology import apologize
from handlers.delivery import Courier
from handlers.desk import Desk, serve
from handlers.failures import Failure
from handlers.limits import Limits
from handlers.pretending import as_update
from handlers.rendering import RENDERERS
from handlers.routes import ROUTES, Route
from storage.cipher import Cipher
from storage.engine import Database

log = structlog.get_logger()

# What went wrong while the current update was handled; PTB itself never raises.
_trouble: ContextVar[list[BaseException] | None] = ContextVar("trouble", default=None)
AWAY_AFTER = away.GAP.total_seconds()
BEAT_SECONDS = 20.0


@dataclass
class House:
    """The running bot: its parts, and the loops that serve."""

    settings: Settings
    work: Work
    application: Application[Any, Any, Any, Any, Any, Any]
    polling_request: AiohttpRequest
    courier: Courier
    ticker: Ticker
    workers: Workers
    # What the copy with the duty does: ask Telegram for updates, or see that it posts them here.
    way_in: Poller | WebhookKeeper
    copies: Copies
    metrics: Metrics
    clock: SystemClock | SandboxClock
    first: team.FirstSettings | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    lookout: Lookout = field(init=False)
    # Where health, metrics and the webhook listen; chosen by the system when LISTEN says 0.
    port: int = field(default=0, init=False)


def build(settings: Settings, first: team.FirstSettings | None = None) -> House:
    """Make every part of the bot; nothing runs and nothing is opened yet.

    Args:
        settings: from the environment.
        first: what a clinic that is not there yet starts with.
    """
    clock = make_clock(settings.clock_url)
    database = Database(settings.database_url)
    work = Work(database, clock, Cipher(settings.encryption_keys))
    base = settings.telegram_api_url.rstrip("/")
    polling_request = AiohttpRequest()
    application = (
        ApplicationBuilder()
        .token(settings.require_token())
        .base_url(f"{base}/bot")
        .base_file_url(f"{base}/file/bot")
        .request(AiohttpRequest())
        .get_updates_request(polling_request)
        .updater(None)
        .build()
    )
    bot: Bot = application.bot
    courier = Courier(work, bot, "", RENDERERS, Failure(work), Limits(settings.bulk_per_second))
    application.bot_data["desk"] = Desk(work, bot, courier, "")
    for route in ROUTES:
        application.add_handler(_handler(route))
    application.add_error_handler(_remember)
    metrics = Metrics(work)
    courier.ended, courier.failed_try = metrics.ended, metrics.failed
    ticker = Ticker(work, courier)
    workers = Workers(work, _processor(application), _teller(bot), metrics.handled)
    house = House(
        settings=settings,
        work=work,
        application=application,
        polling_request=polling_request,
        courier=courier,
        ticker=ticker,
        workers=workers,
        way_in=WebhookKeeper(settings, work, bot, _contact(work))
        if settings.webhook_url
        else Poller(work, bot, polling_request, workers.wake, _contact(work)),
        copies=Copies(work, courier.limits.share),
        metrics=metrics,
        clock=clock,
        first=first,
    )
    work.wake, work.news = ticker.wake, workers.wake
    work.as_update = as_update
    work.after_effects = lambda: reached("committed")
    courier.at = reached
    return house


def _handler(route: Route) -> Any:
    """One line of the routing table as PTB knows it."""
    callback = serve(route.audience, route.handler)
    if route.command is not None:
        return CommandHandler(route.command, callback)
    if route.verbs:
        return CallbackQueryHandler(callback, pattern=rf"^({'|'.join(route.verbs)})(:|$)")
    if route.member:
        return ChatMemberHandler(callback, ChatMemberHandler.MY_CHAT_MEMBER)
    if route.any_button:
        return CallbackQueryHandler(callback)
    return MessageHandler(route.filter or filters.ALL, callback)


async def _remember(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    trouble = _trouble.get()
    if trouble is not None and context.error is not None:
        trouble.append(context.error)
    else:
        log.error("job_failed", error=type(context.error).__name__)


def _processor(application: Application[Any, Any, Any, Any, Any, Any]) -> Any:
    async def process(raw: RawUpdate) -> None:
        update = Update.de_json(raw, application.bot)
        token = _trouble.set([])
        try:
            await application.process_update(update)
            trouble = _trouble.get()
            if trouble:
                raise trouble[0]
        finally:
            _trouble.reset(token)

    return process


def _teller(bot: Bot) -> Any:
    """What a person hears when their update failed for its own sake: never silence."""

    async def failed(raw: RawUpdate) -> None:
        await apologize(bot, raw)

    return failed


def _contact(work: Work) -> Any:
    """What is done whenever Telegram has answered: only then is it sure that no tap is lost.

    It is told the seconds since Telegram answered last; None when this copy has just begun to ask,
    and the last beat of any copy counts.
    """
    beaten = -BEAT_SECONDS

    async def on_contact(seconds: float | None) -> None:
        nonlocal beaten
        gap = None
        if seconds is None:
            gap = await away.gap_since_last_beat(work)
        elif seconds > AWAY_AFTER:
            now = work.clock.now()
            gap = away.Gap(now - timedelta(seconds=seconds), now)
        if gap is not None:
            asked = await away.ask_again(work, gap)
            log.warning("was_away", since=gap.start.isoformat(), asked_again=asked)
        elif time.monotonic() - beaten > BEAT_SECONDS:
            await away.beat(work)
            beaten = time.monotonic()

    return on_contact
