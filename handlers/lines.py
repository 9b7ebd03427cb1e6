"""Lines: messages of one line leave in order, and one line never waits for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from care.outbox import KINDS
from storage.tables import OutboxRow


def line_of(row: OutboxRow) -> object:
    """Which line a row stands in: its chat, its card's edits, or its patient's timed steps."""
    if not KINDS[row.kind].sends:
        return "step", row.patient_id or row.id
    if row.kind == "card_edit":
        return "edit", row.detail.get("copy")
    if row.kind == "card_group":
        return "group", row.clinic_id
    if row.person_id is not None:
        return "person", row.person_id
    return "patient", row.patient_id or row.id


@dataclass
class _Turn:
    """A line's turn, and how many want it or have it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Lines:
    """Whose turn it is, for as long as anybody waits."""

    def __init__(self) -> None:
        self._turns: dict[object, _Turn] = {}

    @asynccontextmanager
    async def turn(self, line: object) -> AsyncIterator[None]:
        """Have the line to oneself inside the block; entering waits in order."""
        turn = self._turns.setdefault(line, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[line]
