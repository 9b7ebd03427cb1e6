"""The database's shape: bring it up to date, and say whether it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

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


async def revision(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_revision)


async def migrate(
    database: Database, before_each: Callable[[], None] | None = None
) -> tuple[str | None, str]:
    """Bring the database to the newest revision and return (before, after).

    `before_each` is called before every statement of the migration; crash tests end the process
    there.

    Foreign keys are off on SQLite meanwhile, because rebuilding a parent table would delete its
    children; they are
    checked before the work counts. Copies that start together wait for each other on PostgreSQL.

    Raises:
        RuntimeError: a row refers to one that is not there after the migration.
    """
    before = await revision(database)
    if before == newest_revision():
        return before, before
    if not database.is_sqlite:
        async with database.engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            await connection.run_sync(_upgrade, before_each)
    else:
        async with database.engine.connect() as connection:
            await connection.run_sync(_foreign_keys, "OFF")
            try:
                await connection.run_sync(_upgrade, before_each)
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if broken:
                    await connection.rollback()
                    raise RuntimeError(
                        f"the migration would leave {len(broken)} rows without a parent"
                    )
                await connection.commit()
            finally:
                await connection.run_sync(_foreign_keys, "ON")
    return before, newest_revision()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _foreign_keys(connection: Connection, state: str) -> None:
    """Outside a transaction, where alone SQLite listens to it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()


def _upgrade(connection: Connection, before_each: Callable[[], None] | None) -> None:
    if before_each is not None:

        def told(*_details: Any) -> None:
            before_each()

        event.listen(connection, "before_cursor_execute", told)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
