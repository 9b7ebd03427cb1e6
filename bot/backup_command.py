"""`symptom-diary backup` and `restore`: care of the data, for either kind of database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import storage.people
from bot.clock import SystemClock
from bot.commands import complain, errors, out
from bot.copies import nobody_serves
from bot.opening import opening_fault
from bot.settings import Settings
from care.audit import verify
from storage import copying
from storage.backup_file import BackupError, Header, Reader
from storage.engine import Database
from storage.sealing import NO_KEY, Keyring, fingerprint


def backup(settings: Settings, path: Path, *, force: bool) -> int:
    """Write everything into one file while the bot may go on. 0: done; 1: a fault, said."""
    if path.is_dir():
        complain(f"{path} is a folder: name a file.")
        return 1
    if path.exists() and not force:
        complain(f"{path} is there already: name another file, or give --force.")
        return 1
    return asyncio.run(_saying(settings, lambda database: _backup(settings, database, path)))


async def _backup(settings: Settings, database: Database, path: Path) -> None:
    with bar("Saving") as progress:
        header = await copying.dump(
            database,
            path,
            taken_at=SystemClock().now(),
            keys=[fingerprint(key) for key in settings.encryption_keys],
            progress=progress,
        )
    out.print(f"Saved {_amount(header)} into {path}.", highlight=False, soft_wrap=True)
    if header.keys:
        out.print(
            f"Keep the encryption keys apart from it: without them ({', '.join(header.keys)}) "
            "names and words in it cannot be read.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip


def restore(settings: Settings, path: Path, *, force: bool) -> int:
    """Put a backup in the database's place. 0: done; 1: a fault, said, and nothing changed."""
    return asyncio.run(
        _saying(settings, lambda database: _restore(settings, database, path, force))
    )


async def _restore(settings: Settings, database: Database, path: Path, force: bool) -> None:
    with Reader(path) as reader:
        await asyncio.to_thread(reader.verify)
        if not force and await copying.holds_rows(database):
            raise BackupError(
                "The database at DATABASE_URL is not empty. Back it up; then give --force to put "
                "the backup in its place."
            )
        async with nobody_serves(database) as alone:
            if not alone:
                raise BackupError("The bot runs on this database: stop it, then restore.")
            with bar("Restoring") as progress:
                await copying.restore(
                    database, reader, progress=progress, sent_until=SystemClock().now()
                )
        keyring = Keyring(settings.encryption_keys)
        await asyncio.to_thread(_try_keys, reader, keyring)
    out.print(
        f"Restored {_amount(reader.header)}, taken {reader.header.taken_at[:16]} UTC from "
        f"{reader.header.database}.", highlight=False, soft_wrap=True,
    )  # fmt: skip
    _say_keys(reader.header, keyring)
    await _say_audit(database)


def _try_keys(reader: Reader, keyring: Keyring) -> None:
    for name in reader.header.tables:
        for batch in reader.batches(name):
            for row in batch:
                keyring.look_at(row)


def _say_keys(header: Header, keyring: Keyring) -> None:
    if keyring.unreadable:
        complain(
            f"{keyring.unreadable} values in it open with none of the present ENCRYPTION_KEYS. "
            f"It was made with the keys {', '.join(header.keys) or 'of another time'}: put them "
            "back before the bot starts."
        )
    elif used := [name for name in keyring.opened if name != NO_KEY]:
        out.print(f"Its words open with the keys {', '.join(used)}.", highlight=False)


async def _say_audit(database: Database) -> None:
    async with database.reading() as session:
        clinic = await storage.people.first_clinic(session)
        found = await verify(session, clinic.id or 0) if clinic is not None else None
    if found is not None and found.broken_at is not None:
        complain(f"Its audit chain breaks at entry {found.broken_at}: {found.reason}.")


def _amount(header: Header) -> str:
    return f"{header.rows} rows of {len(header.tables)} tables (schema {header.schema})"


async def _saying(settings: Settings, work: Callable[[Database], Awaitable[None]]) -> int:
    """Do the work if the database opens; what goes wrong is said in a sentence, with a 1."""
    database = Database(settings.database_url)
    try:
        fault = await opening_fault(database)
        if fault is not None:
            complain(fault)
            return 1
        await work(database)
    except (BackupError, RuntimeError) as error:
        complain(str(error))
        return 1
    finally:
        await database.dispose()
    return 0


@contextmanager
def bar(words: str) -> Iterator[copying.Progress]:
    """A progress bar on standard error, when that is a terminal."""
    shown = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(
        *shown, console=errors, transient=True, disable=not errors.is_terminal
    ) as progress:
        task = progress.add_task(words, total=None)

        def on_rows(table: str, rows: int, total: int) -> None:
            progress.update(task, description=f"{words} {table}", total=total, advance=rows)

        yield on_rows
