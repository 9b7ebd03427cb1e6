"""What a command finds in the database: whether it can be opened, and the protocol in force."""

import storage.people
from care.protocols import in_force
from care.triage import Protocol, load_protocol
from storage.engine import Database
from storage.schema import known_revisions, newest_revision, revision
from storage.trouble import away


async def opening_fault(database: Database) -> str | None:
    """What to say when the database cannot be opened; None when it can."""
    try:
        at = await revision(database)
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own for this
        why = away(error) or type(error).__name__
        return (
            f"DATABASE_URL cannot be opened ({why}): "
            "is the address right, is it there, and may this user open it?"
        )
    if at is not None and at not in known_revisions():
        return (
            f"The database at DATABASE_URL is of a newer version (schema {at}): "
            "upgrade symptom-diary."
        )
    return None


async def in_force_in(database: Database) -> Protocol:
    """The protocol in force in a database, which is closed afterwards; the shipped one where no
    clinic can be read.
    """
    try:
        if await opening_fault(database) or await revision(database) != newest_revision():
            return load_protocol()
        async with database.reading() as session:
            clinic = await storage.people.first_clinic(session)
            return await in_force(session, clinic) if clinic else load_protocol()
    finally:
        await database.dispose()
