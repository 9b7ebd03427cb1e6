"""Whether the database can be opened, in words for whoever runs the bot."""

from storage.engine import Database
from storage.schema import known_revisions, revision
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
