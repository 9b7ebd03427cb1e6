"""Every row of a database as the product reads it, and a database with a clinic's first days."""

from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlmodel import SQLModel

from storage import copying
from storage.backup_file import Reader
from storage.engine import Database

SNAPSHOT = Path(__file__).parents[1] / "migrations" / "0001.backup"
KEY = SNAPSHOT.with_suffix(".key").read_text().strip()


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, by table, in the order of their keys."""
    async with database.reading() as session:
        return {
            name: [
                tuple(row)
                for row in await session.exec(select(table).order_by(*table.primary_key.columns))
            ]
            for name, table in SQLModel.metadata.tables.items()
        }


async def fill(database: Database, path: Path = SNAPSHOT) -> None:
    """Restore a file, the way the command does."""
    with Reader(path) as reader:
        reader.verify()
        await copying.restore(database, reader, progress=quiet)


def quiet(_table: str, _rows: int, _total: int) -> None:
    """Nobody looks at this progress."""


async def orphans(database: Database) -> int:
    """Rows whose parent is not there, on either kind of database."""
    found = 0
    async with database.reading() as session:
        for table in SQLModel.metadata.tables.values():
            for key in table.foreign_keys:
                parent, column = key.column.table.name, key.parent.name
                query = text(
                    f'SELECT count(*) FROM "{table.name}" c WHERE c.{column} IS NOT NULL AND NOT '  # noqa: S608
                    f'EXISTS (SELECT 1 FROM "{parent}" p WHERE p.{key.column.name} = c.{column})'
                )
                found += (await session.exec(query)).scalar_one()
    return found
