"""Wires everything together; the list of handlers is the bot's table of contents."""

import asyncio
import time
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError
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

import storage.outbox
from bot.clock import SandboxClock, SystemClock, make_clock
from bot.copies import Copies
from bot.faultpoints import reached
from bot.inbox import Poller, RawUpdate, Workers
from bot.listening import listening
from bot.settings import Settings
from bot.tick import Ticker
from bot.transport import AiohttpRequest
from bot.web import WebhookKeeper, webhook_route
from care import away, digest, team
from care.work import Work
from handlers.apology import apologize
from handlers.delivery import Courier
from handlers.desk import Audience, Desk, serve
from handlers.failures import Failure
from handlers.limits import Limits
from handlers.menus import publish
from handlers.rendering import RENDERERS
from handlers.routes import ROUTES, Route
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate

log = structlog.get_logger()

# What went wrong while the current update was handled; PTB itself never raises.
_trouble: ContextVar[list[BaseException] | None] = ContextVar("trouble", default=None)
AWAY_AFTER = away.GAP.total_seconds()
BEAT_SECONDS = 20.0
# Longer than one call to Telegram may take.
STOP_WITHIN = 25.0


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
    clock: SystemClock | SandboxClock
    first: team.FirstSettings | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)


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
    ticker = Ticker(work, courier)
    workers = Workers(work, _processor(application), _teller(bot))
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
        clock=clock,
        first=first,
    )
    work.wake = ticker.wake
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
    """What is done whenever Telegram has answered: only then is it sure that no tap is lost."""
    beaten = -BEAT_SECONDS

    async def on_contact(seconds: float) -> None:
        nonlocal beaten
        if seconds > AWAY_AFTER:
            now = work.clock.now()
            asked = await away.ask_again(work, away.Gap(now - timedelta(seconds=seconds), now))
            log.warning("was_away", seconds=round(seconds), asked_again=asked)
        elif time.monotonic() - beaten > BEAT_SECONDS:
            await away.beat(work)
            beaten = time.monotonic()

    return on_contact


async def run(house: House) -> None:
    """Open everything, serve until cancelled, and close in good order.

    Order of closing: stop taking updates, finish those being handled, stop the application, close
    the database.

    Raises:
        InvalidToken: Telegram does not know the token.
    """
    async with AsyncExitStack() as stack, AsyncExitStack() as front:
        await _open(house, stack)
        if house.settings.webhook_url:
            take = webhook_route(house.settings, house.work, house.workers.wake)
            port = await front.enter_async_context(listening(house.settings.listen, [take]))
            log.info("listening", port=port)
        log.info("running", bot=house.application.bot_data["desk"].username)
        house.ready.set()
        loops = [
            asyncio.create_task(house.copies.whenever_on_duty(house.way_in.run), name="way in"),
            asyncio.create_task(house.workers.run(), name="workers"),
            asyncio.create_task(house.ticker.run_lane("urgent"), name="urgent"),
            asyncio.create_task(house.ticker.run_lane("bulk"), name="bulk"),
            asyncio.create_task(house.ticker.watch(_jobs(house.application)), name="watchdog"),
        ]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            await front.aclose()
            await _stop(house, loops)


async def _stop(house: House, loops: list["asyncio.Task[None]"]) -> None:
    """Take nothing new, finish what has begun, then end whatever still runs."""
    ending = {"urgent", "bulk"}
    house.ticker.stop()
    for task in loops:
        if task.get_name() not in ending:
            task.cancel()
    await house.workers.drain()
    await house.courier.drain()
    await asyncio.wait(loops, timeout=STOP_WITHIN)
    for task in loops:
        task.cancel()
    await asyncio.gather(*loops, return_exceptions=True)


async def _open(house: House, stack: AsyncExitStack) -> None:
    settings, work, application = house.settings, house.work, house.application
    stack.push_async_callback(work.database.dispose)
    before, after = await migrate(work.database, lambda: reached("migrating"))
    if before != after:
        log.info("migrated", before=before, after=after)
    house.clock.next_due = lambda: _next_due(work)
    house.clock.on_jump(house.ticker.settle)
    await house.clock.start()
    stack.push_async_callback(house.clock.stop)
    await stack.enter_async_context(house.copies.present())
    await team.prepare(work, settings.admin_ids, house.first)
    await digest.schedule(work)
    # The application closes them too, but only when its start went well.
    for request in (application.bot.request, house.polling_request):
        stack.push_async_callback(request.shutdown)
    await application.initialize()
    stack.push_async_callback(application.shutdown)
    await _introduce(house)
    await _return(house)
    await application.start()
    stack.push_async_callback(application.stop)
    house.ticker.schedule(_jobs(application))


async def _return(house: House) -> None:
    """Telegram is there, so we listen again: ask what was open while we did not."""
    gap = await away.gap_since_last_beat(house.work)
    if gap is not None:
        await away.ask_again(house.work, gap)
    # No beat before the first contact: what was tapped meanwhile is not stored yet.
    # A jump of a simulated clock is no absence.
    house.clock.on_jump(lambda: away.beat(house.work))


async def _introduce(house: House) -> None:
    application = house.application
    desk: Desk = application.bot_data["desk"]
    desk.username = desk.courier.username = application.bot.username
    if not house.settings.webhook_url:
        # A webhook left over from elsewhere would keep every update from us.
        await application.bot.delete_webhook()
    try:
        await publish(application.bot)
    except TelegramError as error:
        log.warning("menus_not_published", error=type(error).__name__)


async def _next_due(work: Work) -> datetime | None:
    async with work.reading() as session:
        return await storage.outbox.next_due(session)


def _jobs(application: Application[Any, Any, Any, Any, Any, Any]) -> Any:
    jobs = application.job_queue
    if jobs is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue")
    return jobs


__all__ = ["Audience", "House", "build", "run"]
