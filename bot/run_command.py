"""`symptom-diary run`: the bot in service until it is told to stop."""

import asyncio
import signal
from contextlib import suppress

import structlog
from telegram.error import InvalidToken, TelegramError

from bot import app, checks, service
from bot.commands import BOT_NOT_KNOWN, complain, with_database
from bot.listening import ListenError
from bot.logs import configure_logging
from bot.settings import Settings, SettingsError

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
    with suppress(asyncio.CancelledError):
        await serving
    return 0
