"""`symptom-diary audit verify|export`: the chain in the database, or in an exported file."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import storage.people
from bot.commands import complain, out, with_database
from bot.settings import Settings
from care.audit import NotAnAuditFileError, Verification, exported, verify, verify_lines
from storage.engine import Database
from storage.schema import newest_revision, revision


def verify_audit(settings: Settings) -> int:
    """Walk the clinic's chain; 1 when a line does not fit."""

    async def check(database: Database, clinic_id: int) -> int:
        async with database.reading() as session:
            return _said(await verify(session, clinic_id))

    return asyncio.run(with_database(settings, _of_the_clinic(check)))


def verify_file(path: Path) -> int:
    """Walk an exported chain; 1 when a line does not fit or the file holds none."""
    try:
        with path.open(encoding="utf-8") as lines:
            found = verify_lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or 'no text'}.")
        return 1
    except NotAnAuditFileError as error:
        complain(f"{path.name} is no exported audit chain: {error}.")
        return 1
    if not found.entries and found.broken_at is None:
        complain(f"{path.name} is empty.")
        return 1
    return _said(found)


def export_audit(settings: Settings, path: Path) -> int:
    """Write the clinic's chain to a new file that only its owner reads; 1 when that fails."""

    async def write(database: Database, clinic_id: int) -> int:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            complain(f"{path.name} cannot be written: {error.strerror}.")
            return 1
        count = 0
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            async with database.reading() as session:
                async for line in exported(session, clinic_id):
                    file.write(line)
                    count += 1
        out.print(f"{count} entries are in {path.name}.", highlight=False, markup=False)
        return 0

    return asyncio.run(with_database(settings, _of_the_clinic(write)))


def _of_the_clinic(
    work: Callable[[Database, int], Awaitable[int]],
) -> Callable[[Database], Awaitable[int]]:
    async def with_clinic(database: Database) -> int:
        if await revision(database) != newest_revision():
            complain("The database at DATABASE_URL is not up to date: run symptom-diary migrate.")
            return 1
        async with database.reading() as session:
            clinic = await storage.people.first_clinic(session)
        if clinic is None:
            out.print("There is no clinic yet, so there is nothing to verify.")
            return 0
        return await work(database, clinic.id or 0)

    return with_clinic


def _said(found: Verification) -> int:
    if found.broken_at is None:
        out.print(f"The audit chain is whole: {found.entries} entries.", highlight=False)
        return 0
    complain(f"The audit chain breaks at entry {found.broken_at}: {found.reason}.")
    return 1
