"""Whatever a drill sends says so in its first line."""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.drills
from handlers.outgoing import Outgoing
from handlers.wording.drills import drill_mark
from storage.tables import OutboxRow


async def marked(session: AsyncSession, row: OutboxRow, outgoing: Outgoing) -> Outgoing:
    """The message as it is, or under the mark when it is about nobody real."""
    if row.patient_id is None:
        return outgoing
    if not await storage.drills.is_synthetic(session, row.patient_id):
        return outgoing
    return replace(outgoing, text=f"{drill_mark()}\n{outgoing.text}")
