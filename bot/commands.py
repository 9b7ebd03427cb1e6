"""What the operator's commands do; each returns its exit code."""

import asyncio
from collections.abc import Awaitable, Callable

from cryptography.fernet import Fernet
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.opening import opening_fault
from bot.settings import Settings
from storage.engine import Database
from storage.schema import migrate
from storage.sealing import fingerprint
from storage.trouble import DatabaseAwayError, away

out = Console()
errors = Console(stderr=True)

BOT_NOT_KNOWN = (
    "BOT_TOKEN is not a token that Telegram knows. Ask @BotFather for it (/mybots, API Token) "
    "and put BOT_TOKEN=... into .env."
)


def complain(sentence: str) -> None:
    """Say on standard error what is wrong and what to do, unwrapped."""
    errors.print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)


def migrate_database(settings: Settings) -> int:
    """Bring the database to the newest revision."""

    async def work(database: Database) -> int:
        before, after = await migrate(database)
        words = "is up to date at" if before == after else f"went from {before or 'empty'} to"
        out.print(f"The database {words} {after}.", highlight=False)
        return 0

    return asyncio.run(with_database(settings, work))


def new_key() -> int:
    """A new key on standard output, and on standard error its name and what to do with it."""
    key = Fernet.generate_key().decode()
    out.print(key, highlight=False, soft_wrap=True)
    errors.print(
        f"This is the key {fingerprint(key)}. Put it first in ENCRYPTION_KEYS, before older ones, "
        "restart the bot, then run symptom-diary keys rotate. Keep a copy apart.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    return 0


async def with_database(settings: Settings, work: Callable[[Database], Awaitable[int]]) -> int:
    """Do the work if the database opens; else say so, and 1."""
    database = Database(settings.database_url)
    try:
        fault = await opening_fault(database)
        if fault is not None:
            complain(fault)
            return 1
        return await work(database)
    except (SQLAlchemyError, DatabaseAwayError) as error:
        why = away(error)
        if why is None:
            raise
        complain(f"The database at DATABASE_URL cannot be used: {why}.")
        return 1
    except PermissionError as error:
        complain(f"{error.filename} may not be written by this user: {error.strerror}.")
        return 1
    finally:
        await database.dispose()
