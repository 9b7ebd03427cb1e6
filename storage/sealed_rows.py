"""Every sealed value, wherever it is stored: found by how it begins, changed only if still so."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, String, Table, and_, func, or_, select, tuple_, update
from sqlmodel import AutoString, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.tables  # noqa: F401 - fills the metadata
from storage.engine import Database
from storage.sealing import PLAIN, SEALED
from storage.statements import rows_changed

BATCH = 200
# Where words stand unsealed while ALLOW_PLAINTEXT is on. Elsewhere a text may begin so by itself.
PLAIN_COLUMNS = frozenset(
    {"patient.name", "patient.phone", "person.name", "note.body", "note.media", "alert.action",
     "inbox.body", "patient.external_id", "staff_message.body"}
)  # fmt: skip


@dataclass(frozen=True)
class SealedRow:
    """One row with something sealed in it: its table, its key, and the sealed values by column."""

    table: Table
    key: tuple[Any, ...]
    values: Mapping[str, str]


def _columns(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if isinstance(column.type, (String, AutoString)) and not column.primary_key
    ]


def _is_sealed(column: Column[Any]) -> Any:
    sealed = column.startswith(SEALED, autoescape=True)
    if str(column) not in PLAIN_COLUMNS:
        return sealed
    return or_(sealed, column.startswith(PLAIN, autoescape=True))


async def count(database: Database) -> int:
    """How many rows hold something sealed."""
    found = 0
    async with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            if columns := _columns(table):
                condition = or_(*map(_is_sealed, columns))
                query = select(func.count()).select_from(table).where(condition)
                connection = await session.connection()
                found += int((await connection.execute(query)).scalar_one())
    return found


async def batches(database: Database) -> AsyncIterator[list[SealedRow]]:
    """All rows with something sealed in them, some hundreds at a time, each in a short look."""
    for table in SQLModel.metadata.sorted_tables:
        columns = _columns(table)
        if not columns:
            continue
        after: tuple[Any, ...] | None = None
        while True:
            async with database.reading() as session:
                found = await _batch(session, table, columns, after)
            if not found:
                break
            yield found
            after = found[-1].key


async def _batch(
    session: AsyncSession, table: Table, columns: list[Column[Any]], after: tuple[Any, ...] | None
) -> list[SealedRow]:
    keys = list(table.primary_key.columns)
    query = select(*keys, *columns).where(or_(*map(_is_sealed, columns)))
    if after is not None:
        query = query.where(tuple_(*keys) > after)
    connection = await session.connection()
    rows = (await connection.execute(query.order_by(*keys).limit(BATCH))).all()
    return [
        SealedRow(
            table,
            tuple(row[: len(keys)]),
            {
                column.name: value
                for column, value in zip(columns, row[len(keys) :], strict=True)
                if _looks_sealed(column, value)
            },
        )
        for row in rows
    ]


def _looks_sealed(column: Column[Any], value: str | None) -> bool:
    if value is None:
        return False
    return value.startswith(SEALED) or (str(column) in PLAIN_COLUMNS and value.startswith(PLAIN))


async def replace(session: AsyncSession, row: SealedRow, values: Mapping[str, str]) -> bool:
    """Write new values; False when somebody changed the row meanwhile, who then was right."""
    table = row.table
    where = [key == value for key, value in zip(table.primary_key.columns, row.key, strict=True)]
    where += [table.columns[name] == row.values[name] for name in values]
    return await rows_changed(session, update(table).where(and_(*where)).values(**values)) == 1
