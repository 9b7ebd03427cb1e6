"""Whose private chat something goes to."""

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
from storage.tables import Person


async def to_tell(
    session: AsyncSession, clinic_id: int, *, everyone: bool = False
) -> list[Person]:
    """Who is on duty and can be written to; everyone who can when nobody is, or when asked."""
    on_duty = await storage.people.staff(session, clinic_id, on_duty=True)
    reachable = [member for member, _ in on_duty if member.reachable]
    if reachable and not everyone:
        return reachable
    staff = await storage.people.staff(session, clinic_id)
    return [member for member, _ in staff if member.reachable]
