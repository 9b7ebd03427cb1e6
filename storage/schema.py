"""The database's shape: bring it up to date, and say whether it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
# Any 64-bit number will do, as long as every copy of the bot uses the same one.
_MIGRATION_LOCK = 7_350_117_001


def newest_revision() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise RuntimeError("the migrations folder is empty")
    return head


def known_revisions() -> tuple[str, ...]:
    """Every revision this code can migrate from, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return tuple(reversed([script.revision for script in scripts]))


async def revision(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(revision_within)


async def migrate(
    database: Database, before_each: Callable[[], None] | None = None
) -> tuple[str | None, str]:
    """Bring the database to the newest revision and return (before, after).

    All or nothing, also over several revisions. Copies that start together wait for each other.
    `before_each` is called before every statement; crash tests end the process there.

    Raises:
        RuntimeError: a row refers to one that is not there after the migration.
    """
    before = await revision(database)
    if before != newest_revision():
        async with changing(database) as connection:
            if before_each is not None:
                await connection.run_sync(_tell, before_each)
            await connection.run_sync(upgrade, "head")
    return before, newest_revision()


@asynccontextmanager
async def changing(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction that may change tables; nobody else changes them meanwhile.

    Foreign keys are off on SQLite meanwhile, because rebuilding a parent table would delete its
    children; they are checked before the work counts.

    Raises:
        RuntimeError: a row refers to one that is not there; all is rolled back.
    """
    if not database.is_sqlite:
        async with database.engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            yield connection
        return
    async with database.engine.connect() as connection:
        await connection.run_sync(_foreign_keys, "OFF")
        try:
            # Begun here: Alembic would else commit each revision before the check below.
            async with connection.begin():
                yield connection
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if broken:
                    raise RuntimeError(f"this would leave {len(broken)} rows without a parent")
        finally:
            await connection.run_sync(_foreign_keys, "ON")


def revision_within(connection: Connection) -> str | None:
    """The revision as this connection sees it."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, to: str) -> None:
    """Run the migrations up to a revision, or "head", inside the open transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _tell(connection: Connection, before_each: Callable[[], None]) -> None:
    def told(*_details: Any) -> None:
        before_each()

    event.listen(connection, "before_cursor_execute", told)


def _foreign_keys(connection: Connection, state: str) -> None:
    """Outside a transaction, where alone SQLite listens to it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()
