"""The database and the clinic in it, for a command that works beside the running bot."""

from collections.abc import Awaitable, Callable

import storage.people
from bot.clock import SystemClock
from bot.commands import complain
from bot.opening import opening_fault
from bot.settings import Settings, SettingsError
from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import newest_revision, revision
from storage.tables import Clinic

NOT_MIGRATED = "The database at DATABASE_URL is not up to date: run symptom-diary migrate."
NO_CLINIC = "There is no clinic in this database yet: start the bot once with symptom-diary run."
# How the audit log names whoever sits at the command line.
OPERATOR = "command_line"


async def with_clinic(
    settings: Settings,
    work: Callable[[Work, Clinic], Awaitable[int]],
    clinic_id: int | None = None,
) -> int:
    """Do `work` with a clinic of this database, the oldest unless one is named.

    1 or 2 with a sentence when there is none, or the settings do not open it.
    """
    try:
        keys = settings.require_keys()
    except SettingsError as error:
        complain(str(error))
        return 2
    database = Database(settings.database_url)
    try:
        fault = await opening_fault(database)
        if fault is None and await revision(database) != newest_revision():
            fault = NOT_MIGRATED
        if fault is not None:
            complain(fault)
            return 1
        async with database.reading() as session:
            clinic = await (
                storage.people.first_clinic(session)
                if clinic_id is None
                else storage.people.clinic(session, clinic_id)
            )
        if clinic is None:
            complain(NO_CLINIC if clinic_id is None else f"There is no clinic {clinic_id} here.")
            return 1
        return await work(Work(database, SystemClock(), Cipher(keys)), clinic)
    finally:
        await database.dispose()
