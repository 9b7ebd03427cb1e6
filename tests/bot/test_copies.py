"""A copy that is told to stop gives back what it holds."""

import asyncio
from contextlib import suppress

from sqlmodel import select

import storage.outbox
from bot.copies import Copies
from care import team
from care.work import Work
from storage.tables import OutboxRow


async def test_a_copy_that_is_told_to_stop_gives_back_what_it_holds(work: Work) -> None:
    clinic = await team.prepare(work, ())
    held = asyncio.Event()

    async def serve() -> None:
        async with Copies(work, lambda _copies: None).present():
            async with work.writing() as tx:
                await tx.enqueue("safety", "a", clinic_id=clinic.id or 0)
                await storage.outbox.claim(
                    tx.session, now=tx.now, lane="bulk", holder=work.holder, limit=1
                )
            held.set()
            await asyncio.Event().wait()

    serving = asyncio.create_task(serve())
    async with asyncio.timeout(20):
        await held.wait()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    async with work.reading() as session:
        row = (await session.exec(select(OutboxRow))).one()
    # Not as one of a dead copy, which would be sent as a possible repeat.
    assert (row.state, row.holder, row.uncertain) == ("due", None, False)
