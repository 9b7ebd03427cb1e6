"""What the operator's commands do; each returns its exit code."""

import asyncio
from collections.abc import Awaitable, Callable

from cryptography.fernet import Fernet
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

import storage.people
from bot.opening import opening_fault
from bot.settings import Settings
from care.audit import verify
from storage.engine import Database
from storage.schema import migrate, newest_revision, revision
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


def verify_audit(settings: Settings) -> int:
    """Walk the chain of every clinic; 1 when a line does not fit."""

    async def work(database: Database) -> int:
        if await revision(database) != newest_revision():
            complain("The database at DATABASE_URL is not up to date: run symptom-diary migrate.")
            return 1
        async with database.reading() as session:
            clinic = await storage.people.first_clinic(session)
            if clinic is None:
                out.print("There is no clinic yet, so there is nothing to verify.")
                return 0
            found = await verify(session, clinic.id or 0)
        if found.broken_at is None:
            out.print(f"The audit chain is whole: {found.entries} entries.", highlight=False)
            return 0
        complain(f"The audit chain breaks at entry {found.broken_at}: {found.reason}.")
        return 1

    return asyncio.run(with_database(settings, work))


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
