"""Tidy CSV: a file for each noun, and a dictionary that explains every column."""

import asyncio
import csv
from collections.abc import Iterable
from typing import IO

from care.exports.columns import KINDS, Column, Row
from care.exports.folder import Folder
from care.exports.reading import Progress, Reading, Wish, begin, no_progress, note
from care.exports.tables import TABLES, Table
from care.work import Work

DICTIONARY = "data_dictionary.csv"
_DICTIONARY_COLUMNS = ("table", "column", "type", "unit", "values", "meaning")


async def export_csv(
    work: Work, wish: Wish, folder: Folder, progress: Progress = no_progress
) -> dict[str, int]:
    """Write every table into `folder`, leave the audit line, and publish it.

    Returns:
        the number of rows in each file.

    Raises:
        NothingToExportError: there is no such clinic.
        UnreadableError: names or words were asked for and no key opens them.
    """
    tables = [table for table in TABLES if wish.words or not table.only_words]
    # In reverse: children are capped before the parents they refer to.
    reading = await begin(work, wish, tuple(table.model for table in reversed(tables)))
    rows = {}
    for table in tables:
        rows[table.name] = await _write_table(reading, table, wish, folder, progress)
    _write_dictionary(folder, tables, wish)
    await note(work, wish, "csv", sum(rows.values()))
    await asyncio.to_thread(
        folder.publish, {"format": "csv", "rows": rows, "chosen": wish.as_detail()}
    )
    return rows


async def _write_table(
    reading: Reading, table: Table, wish: Wish, folder: Folder, progress: Progress
) -> int:
    columns = table.chosen(names=wish.names, words=wish.words)
    cipher = reading.work.cipher if wish.names or wish.words else None
    opened = folder.file(f"{table.name}.csv")
    csv.writer(opened).writerow(column.name for column in columns)
    done, total = 0, await reading.total(table.model)
    progress(table.name, done, total)
    async for page in reading.pages(table.model):
        rows = [Row(it, patient, reading.clinic, cipher) for it, patient in page]
        await asyncio.to_thread(_write_rows, opened, columns, rows)
        done += len(page)
        progress(table.name, done, total)
    return done


def _write_rows(opened: IO[str], columns: Iterable[Column], rows: Iterable[Row]) -> None:
    csv.writer(opened).writerows([column.cell(row) for column in columns] for row in rows)


def _write_dictionary(folder: Folder, tables: Iterable[Table], wish: Wish) -> None:
    writer = csv.writer(folder.file(DICTIONARY))
    writer.writerow(_DICTIONARY_COLUMNS)
    for table in tables:
        for column in table.chosen(names=wish.names, words=wish.words):
            kind = f"{column.kind}: {KINDS[column.kind]}"
            values = ";".join(column.values)
            writer.writerow(
                [f"{table.name}.csv", column.name, kind, column.unit, values, column.meaning]
            )
