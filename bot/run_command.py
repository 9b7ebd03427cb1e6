"""`symptom-diary run`: the bot in service until it is told to stop."""

import asyncio
import signal
from contextlib import suppress

import structlog
from telegram.error import InvalidToken, TelegramError

import storage.people
from bot import app, checks, service
from bot.commands import BOT_NOT_KNOWN, complain, with_database
from bot.listening import ListenError
from bot.logs import configure_logging
from bot.settings import Settings, SettingsError
from care.protocols import in_force

log = structlog.get_logger()


def run(settings: Settings) -> int:
    """Serve until interrupted. 0: stopped in good order; 2: settings are wrong; 1: a fault."""
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    try:
        settings.require_token()
        settings.require_keys()
    except SettingsError as error:
        complain(str(error))
        return 2
    try:
        return asyncio.run(with_database(settings, lambda _: _serve(settings)))
    except ListenError as error:
        complain(str(error))
        return 2
    except InvalidToken:
        complain(BOT_NOT_KNOWN)
        return 2
    except TelegramError as error:
        complain(checks.unreachable(settings, error))
        return 1


async def _serve(settings: Settings) -> int:
    house = app.build(settings)
    serving = asyncio.create_task(service.run(house))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    saying = asyncio.create_task(_say_unsigned(house))
    with suppress(asyncio.CancelledError):
        await serving
    saying.cancel()
    return 0


async def _say_unsigned(house: app.House) -> None:
    """Once it serves: a protocol that nobody signed is for evaluation only."""
    await house.ready.wait()
    async with house.work.reading() as session:
        clinic = await storage.people.first_clinic(session)
        protocol = await in_force(session, clinic) if clinic else None
    if protocol is not None and protocol.signed_by is None:
        log.warning("protocol_unsigned", version=protocol.version)
