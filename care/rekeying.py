"""Seal everything anew with the newest key, in small steps, while the bot goes on working."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import storage.sealed_rows
from storage.engine import Database
from storage.sealed_rows import SealedRow
from storage.sealing import Keyring


async def rotate(
    database: Database, keyring: Keyring, progress: Callable[[int, int], None]
) -> int:
    """Renew every sealed value; returns how many rows were changed.

    Each batch is a transaction of its own, so it may be interrupted and begun again at any time:
    what is renewed already is only looked at.

    Args:
        database: at the newest revision.
        keyring: the present keys; it counts what each of them opened.
        progress: told of each batch: rows done in it, rows in all.
    """
    total, changed = await storage.sealed_rows.count(database), 0
    async for batch in storage.sealed_rows.batches(database):
        renewed = await asyncio.to_thread(_renew, keyring, batch)
        if renewed:
            async with database.writing() as session:
                for row, values in renewed:
                    changed += await storage.sealed_rows.replace(session, row, values)
        progress(len(batch), total)
    return changed


def _renew(
    keyring: Keyring, batch: Sequence[SealedRow]
) -> list[tuple[SealedRow, Mapping[str, str]]]:
    found: list[tuple[SealedRow, Mapping[str, str]]] = []
    for row in batch:
        values = {
            name: new
            for name, stored in row.values.items()
            if (new := keyring.renewed(stored)) is not None
        }
        if values:
            found.append((row, values))
    return found


async def survey(database: Database, keyring: Keyring) -> None:
    """Count in `keyring` which key opens how many of the stored values."""
    async for batch in storage.sealed_rows.batches(database):
        for row in batch:
            await asyncio.to_thread(keyring.look_at, row.values.values())
