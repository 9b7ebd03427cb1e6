"""The wall clock was set back: what danger waits for must not wait the difference as well."""

from datetime import timedelta

import storage.outbox
from care.work import Work

# The clocks of copies of the bot may differ by so much without being wrong.
TOLERANCE = timedelta(seconds=30)


async def set_right(work: Work) -> int:
    """Let the wait of every urgent row that seems to be written in the future begin anew now;
    returns how many.

    Check-ins and their closing keep their times: they were counted from a session's, which people
    see and can move.
    """
    async with work.writing() as tx:
        rows = await storage.outbox.from_the_future(
            tx.session, tx.now + TOLERANCE, apart_from=("close_check_in",)
        )
        for row in rows:
            by = row.created_at - tx.now
            row.created_at, row.due_at = tx.now, row.due_at - by
            if row.useful_until is not None:
                row.useful_until -= by
            tx.session.add(row)
        tx.soon = tx.soon or bool(rows)
    return len(rows)
