"""What is to be exported, and how it is read: in pages, each in a short session of its own."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import storage.exports
import storage.people
from care.outbox import KINDS
from care.work import Work
from storage.exports import Selection
from storage.tables import Clinic, Patient

SENT_KINDS = tuple(kind.name for kind in KINDS.values() if kind.sends)

# Told after each page: what is being written, rows so far, rows in all.
Progress = Callable[[str, int, int], None]


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


class NothingToExportError(Exception):
    """There is no clinic in this database yet."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants exported.

    `since` and `until` are days on the clinic's clock, both included: sessions held then, with
    all that followed them. Names and words are left out unless asked for.
    """

    clinic_id: int
    by: str
    since: date | None = None
    until: date | None = None
    names: bool = False
    words: bool = False

    def selection(self, clinic: Clinic) -> Selection:
        """The rows that this means."""
        return Selection(
            self.clinic_id,
            _midnight(self.since, clinic.zone),
            _midnight(self.until + timedelta(days=1) if self.until else None, clinic.zone),
        )

    def as_detail(self) -> dict[str, object]:
        """The wish for the audit line and the manifest."""
        return {
            "from": self.since.isoformat() if self.since else None,
            "to": self.until.isoformat() if self.until else None,
            "names": self.names,
            "words": self.words,
        }


def _midnight(day: date | None, zone: str) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True)
class Reading:
    """An export's view of the database: rows that were there when it began."""

    work: Work
    clinic: Clinic
    selection: Selection
    tops: dict[Any, int]

    async def total(self, table: Any, kinds: tuple[str, ...] = SENT_KINDS) -> int:
        """How many rows of the table will come; `kinds` narrows messages."""
        wanted = replace(self.selection, kinds=kinds)
        async with self.work.reading() as session:
            return await storage.exports.count(session, table, wanted, upto=self.tops[table])

    async def pages(
        self, table: Any, kinds: tuple[str, ...] = SENT_KINDS
    ) -> AsyncIterator[list[tuple[Any, Patient | None]]]:
        """The table's rows with their patients, some hundred at a time, in order of their keys."""
        wanted = replace(self.selection, kinds=kinds)
        after = 0
        while True:
            async with self.work.reading() as session:
                rows = await storage.exports.page(
                    session, table, wanted, after=after, upto=self.tops[table]
                )
            if not rows:
                return
            after = rows[-1][0].id
            yield rows
            # Not two pages at a time.
            del rows


async def begin(work: Work, wish: Wish, tables: tuple[Any, ...]) -> Reading:
    """Look at the clinic, and at how far each table goes now.

    Raises:
        NothingToExportError: there is no such clinic.
    """
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, wish.clinic_id)
        if clinic is None:
            raise NothingToExportError("there is no clinic in this database yet")
        # Children before parents: a row that comes in between never lacks what it refers to.
        tops = {table: await storage.exports.ceiling(session, table) for table in tables}
    return Reading(work, clinic, wish.selection(clinic), tops)


async def note(work: Work, wish: Wish, style: str, rows: int) -> None:
    """The audit line that says who took what out of the clinic."""
    async with work.writing() as tx:
        tx.audit(
            wish.clinic_id, wish.by, "exported", f"clinic:{wish.clinic_id}",
            format=style, rows=rows, **wish.as_detail(),
        )  # fmt: skip
