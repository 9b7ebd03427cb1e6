"""Backup and restore: every row of every table, between databases of either kind."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    Table,
    bindparam,
    func,
    null,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 - fills the metadata
from storage.backup_file import (
    BATCH,
    BackupError,
    Header,
    Reader,
    Row,
    Writer,
    from_base64,
)
from storage.engine import Database
from storage.schema import changing, known_revisions, newest_revision, revision_within, upgrade

# Told of each batch: the table, how many rows it had, how many there are in all.
Progress = Callable[[str, int, int], None]
VERSIONS = "alembic_version"


async def dump(
    database: Database,
    path: Path,
    *,
    taken_at: datetime,
    keys: Sequence[str],
    progress: Progress,
) -> Header:
    """Write what the database holds at one moment into `path`; the bot may go on writing.

    Args:
        database: at any revision.
        path: replaced in one step when all is written.
        taken_at: the present (aware UTC).
        keys: fingerprints of the present encryption keys.
        progress: told of each batch.

    Raises:
        BackupError: the database is empty, or the file cannot be written.
    """
    with Writer(path) as writer:
        async with database.reader.connect() as plain:
            connection = await plain.execution_options(**_one_moment(database))
            schema = await connection.run_sync(revision_within)
            if schema is None:
                raise BackupError("The database is empty: there is nothing to back up.")
            tables = await connection.run_sync(_tables, schema)
            total = sum([await _count(connection, table) for table in tables])
            try:
                for table in tables:
                    await _dump_table(connection, writer, table, total, progress)
            except OSError as error:
                raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
        try:
            return writer.finish(
                schema=schema,
                database=_kind(database),
                taken_at=taken_at.isoformat(),
                keys=keys,
            )
        except OSError as error:
            raise BackupError(f"{path} cannot be written: {error.strerror}.") from None


def _one_moment(database: Database) -> dict[str, Any]:
    """A deferred transaction on SQLite sees one moment anyway."""
    if database.is_sqlite:
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _kind(database: Database) -> str:
    return "sqlite" if database.is_sqlite else "postgresql"


def _tables(connection: Connection, schema: str) -> list[Table]:
    """Our tables as they are in this database, parents first."""
    found = MetaData()
    found.reflect(connection)
    tables = [table for table in found.sorted_tables if table.name != VERSIONS]
    if schema != newest_revision():
        return tables
    # A shared database may hold tables of others.
    return [table for table in tables if table.name in SQLModel.metadata.tables]


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def _dump_table(
    connection: AsyncConnection, writer: Writer, table: Table, total: int, progress: Progress
) -> None:
    kept = writer.table(table.name, [column.name for column in table.columns])
    query = select(table).order_by(*table.primary_key.columns)
    async with connection.stream(query) as rows:
        async for batch in rows.partitions(BATCH):
            await asyncio.to_thread(kept.add, batch)
            progress(table.name, len(batch), total)
    kept.close()


async def holds_rows(database: Database) -> bool:
    """Whether any table of ours has a row."""

    def look(connection: Connection) -> bool:
        return any(
            connection.execute(select(1).select_from(table).limit(1)).first() is not None
            for table in _present(connection, SQLModel.metadata.tables)
        )

    async with database.engine.connect() as connection:
        return await connection.run_sync(look)


def _present(connection: Connection, names: Iterable[str]) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    wanted = set(names)
    return [table for table in found.sorted_tables if table.name in wanted]


async def restore(
    database: Database,
    backup: Reader,
    *,
    progress: Progress,
    sent_until: datetime | None = None,
) -> None:
    """Put a verified backup in the place of all that is there, in one transaction, at the newest
    revision; when anything fails, nothing has changed.

    Args:
        database: its tables of ours are dropped first.
        backup: verified.
        progress: told of each batch.
        sent_until: what was due up to this moment may have been sent after the backup was taken,
            and says so when it is sent again (aware UTC; None: nothing was).

    Raises:
        BackupError: made by a newer version, or its rows do not fit the tables.
    """
    header = backup.header
    if header.schema not in known_revisions():
        raise BackupError(
            f"The backup is of schema {header.schema}, which this version does not know: "
            "upgrade symptom-diary, then restore."
        )
    try:
        async with changing(database) as connection:
            names = {*SQLModel.metadata.tables, *header.tables, VERSIONS}
            await connection.run_sync(_drop, names)
            await connection.run_sync(upgrade, header.schema)
            for table in await connection.run_sync(_present, header.tables):
                await _fill(connection, backup, table, progress)
            await connection.run_sync(upgrade, "head")
            if sent_until is not None:
                await connection.run_sync(_doubt, sent_until)
            if not database.is_sqlite:
                await connection.run_sync(_set_sequences)
    except SQLAlchemyError as error:
        raise BackupError(
            f"The backup does not fit the tables ({type(error).__name__}): nothing was changed."
        ) from error


def _drop(connection: Connection, names: set[str]) -> None:
    found = MetaData()
    found.reflect(connection)
    ours = [table for table in found.sorted_tables if table.name in names]
    found.drop_all(connection, tables=ours)


async def _fill(
    connection: AsyncConnection, backup: Reader, table: Table, progress: Progress
) -> None:
    header = backup.header.tables[table.name]
    unknown = [name for name in header.columns if name not in table.columns]
    if unknown:
        raise BackupError(
            f"The backup has a column {table.name}.{unknown[0]} that its schema does not know: "
            "nothing was changed."
        )
    columns = [table.columns[name] for name in header.columns]
    # Without a column of ours named in it, a statement would fill in defaults of its own.
    statement = table.insert().values({c.name: bindparam(c.name) for c in columns})
    batches = backup.batches(table.name)
    while batch := await asyncio.to_thread(next, batches, None):
        rows = [_row(columns, row) for row in batch]
        await connection.execute(statement, rows)
        progress(table.name, len(rows), backup.header.rows)


def _row(columns: Sequence[Column[Any]], row: Row) -> dict[str, Any]:
    return {
        column.name: _native(column, value) for column, value in zip(columns, row, strict=True)
    }


def _native(column: Column[Any], value: Any) -> Any:
    """A portable value as this column takes it."""
    if isinstance(column.type, JSON):
        return null() if value is None and column.nullable else value
    if value is None:
        return None
    kind = column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value).astimezone(UTC)
        aware = getattr(column.type, "timezone", False)
        return moment if aware else moment.replace(tzinfo=None)
    if kind is date:
        return date.fromisoformat(value)
    return from_base64(value) if kind is bytes else value


def _doubt(connection: Connection, sent_until: datetime) -> None:
    outbox = SQLModel.metadata.tables["outbox"]
    connection.execute(
        update(outbox)
        .where(outbox.c.state == "due", outbox.c.due_at <= sent_until)
        .values(uncertain=True)
    )


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL numbers new rows by a counter that knows nothing of rows that came numbered."""
    for table in _present(connection, SQLModel.metadata.tables):
        for column in table.primary_key.columns:
            names = {"name": table.name, "key": column.name}
            counter = connection.scalar(text("SELECT pg_get_serial_sequence(:name, :key)"), names)
            if counter is not None:
                highest = connection.scalar(select(func.max(column)))
                connection.execute(
                    text("SELECT setval(:counter, :value, :used)"),
                    {"counter": counter, "value": highest or 1, "used": highest is not None},
                )
