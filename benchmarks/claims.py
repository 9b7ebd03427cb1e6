"""Claiming due rows from the outbox, against reading the same rows with a plain SELECT."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlmodel import col, select

import storage.outbox
from care import team
from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate
from storage.tables import OutboxRow

ROWS = 2_000
BATCH = 40
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


class _Noon:
    def now(self) -> datetime:
        return NOON


async def compare() -> tuple[float, float, float]:
    """(milliseconds a claim of 40, milliseconds a SELECT of 40, ratio)."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await migrate(database)
        work = Work(database, _Noon(), Cipher())
        clinic = await team.prepare(work, ())
        async with work.writing() as tx:
            for number in range(ROWS):
                await tx.enqueue("check_in", f"k{number}", clinic_id=clinic.id or 0)
        pairs = [(await _claim(work), await _select(work)) for _ in range(ROWS // BATCH)]
        await database.dispose()
    ours, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    return ours, theirs, median(a / b for a, b in pairs)


async def _claim(work: Work) -> float:
    began = time.perf_counter()
    async with work.writing() as tx:
        await storage.outbox.claim(tx.session, now=NOON, lane="bulk", holder="b", limit=BATCH)
    return (time.perf_counter() - began) * 1000


async def _select(work: Work) -> float:
    began = time.perf_counter()
    async with work.reading() as session:
        query = select(OutboxRow).where(OutboxRow.state == "due").order_by(col(OutboxRow.id))
        (await session.exec(query.limit(BATCH))).all()
    return (time.perf_counter() - began) * 1000
