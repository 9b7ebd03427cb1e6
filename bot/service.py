"""The bot in service: opened in order, its loops, and closed in order."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import Route
from telegram.error import TelegramError
from telegram.ext import Application

import storage.outbox
from bot.app import House
from bot.clock import SystemClock
from bot.faultpoints import reached
from bot.listening import listening
from bot.lookout import Lookout
from bot.pages import pages, wrong_with_the_process
from bot.web import webhook_route
from care import away, digest, forgotten, team
from care.triage.notes import read
from care.work import Work
from handlers.desk import Desk
from handlers.insisting import until_written
from handlers.menus import publish
from storage.schema import migrate
from storage.trouble import DatabaseAwayError

log = structlog.get_logger()

# Longer than one call to Telegram may take.
STOP_WITHIN = 25.0


async def run(house: House) -> None:
    """Open everything, serve until cancelled, and close in good order.

    Order of closing: stop taking updates, finish those being handled, stop the application, close
    the database.

    Raises:
        InvalidToken: Telegram does not know the token.
    """
    async with AsyncExitStack() as stack, AsyncExitStack() as front:
        port = await front.enter_async_context(listening(house.settings.listen, _routes(house)))
        house.port = port
        log.info("listening", port=port)
        await _open(house, stack)
        log.info("running", bot=house.application.bot_data["desk"].username)
        house.ready.set()
        loops = [
            asyncio.create_task(house.copies.whenever_on_duty(house.way_in.run), name="way in"),
            asyncio.create_task(house.workers.run(), name="workers"),
            asyncio.create_task(house.ticker.run_lane("urgent"), name="urgent"),
            asyncio.create_task(house.ticker.run_lane("bulk"), name="bulk"),
            asyncio.create_task(house.ticker.watch(_jobs(house.application)), name="watchdog"),
            asyncio.create_task(house.lookout.run(), name="lookout"),
        ]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            house.ready.clear()
            await front.aclose()
            await _stop(house, loops)


def _routes(house: House) -> list[Route]:
    house.lookout = Lookout(
        house.work, lambda: wrong_with_the_process(house), house.settings.heartbeat_url
    )
    routes = pages(house)
    if house.settings.webhook_url:
        routes.append(webhook_route(house.settings, house.work, house.workers.wake))
    return routes


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
    await forgotten.catch_up(work)
    # The word lists take a second to load: now, and not when somebody writes of danger.
    await asyncio.to_thread(read, "warm")
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
    # A jump of a simulated clock is no absence; a leap of the machine's is one.
    house.clock.on_jump(until_written(lambda: away.beat(house.work)))
    if isinstance(house.clock, SystemClock):
        house.ticker.on_leap = lambda start, end: _slept(house.work, start, end)


async def _slept(work: Work, start: datetime, end: datetime) -> None:
    with suppress(SQLAlchemyError, DatabaseAwayError):
        await away.ask_again(work, away.Gap(start, end))


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
