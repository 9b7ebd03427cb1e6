"""`symptom-diary keys rotate`, and what `check` says of the keys that are still needed."""

import asyncio

from bot.backup_command import bar
from bot.commands import complain, out
from bot.opening import opening_fault
from bot.settings import Settings
from care.rekeying import rotate
from storage.engine import Database
from storage.schema import newest_revision, revision
from storage.sealing import Keyring, fingerprint


def rotate_keys(settings: Settings) -> int:
    """Seal everything with the newest key. 0: done; 1: something opens with no key of ours."""
    if not settings.encryption_keys:
        complain("ENCRYPTION_KEYS is empty: put a new key first (symptom-diary keys new).")
        return 2
    return asyncio.run(_rotate(settings))


async def _rotate(settings: Settings) -> int:
    database = Database(settings.database_url)
    try:
        fault = await opening_fault(database)
        if fault is None and await revision(database) != newest_revision():
            fault = "The database at DATABASE_URL is not up to date: run symptom-diary migrate."
        if fault is not None:
            complain(fault)
            return 1
        keyring = Keyring(settings.encryption_keys)
        with bar("Sealing anew") as progress:
            changed = await rotate(
                database, keyring, lambda rows, total: progress("", rows, total)
            )
    finally:
        await database.dispose()
    newest, *older = map(fingerprint, settings.encryption_keys)
    out.print(f"{changed} rows were sealed anew with the key {newest}.", highlight=False)
    if keyring.unreadable:
        complain(
            f"{keyring.unreadable} values open with none of the present keys: put the key they "
            "were sealed with behind the others in ENCRYPTION_KEYS, and run this again."
        )
        return 1
    if older:
        out.print(
            f"The database needs {', '.join(older)} no longer; its older backups do. Restart the "
            "bot without them, and keep them apart.", highlight=False, soft_wrap=True,
        )  # fmt: skip
    return 0
