"""Exporting many check-ins: `python -m benchmarks.exports [n]`, 100,000 unless given."""

import asyncio
import resource
import sys
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from care import team
from care.exports.csv_files import export_csv
from care.exports.fhir_codes import DEFAULT_BASE, Codes
from care.exports.fhir_files import Lines, export_fhir
from care.exports.folder import new_folder
from care.exports.reading import Wish
from care.work import Work
from handlers.wording.exported import WORDS
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate
from storage.tables import Answer, Assessment, CheckIn, Patient, TreatmentSession

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
WELL = {"danger": ["none"], "pain": ["3"], "soreness": ["mild"], "bruising": ["none"],
        "new": ["none"]}  # fmt: skip
_CHUNK = 1_000


class _Noon:
    def now(self) -> datetime:
        return NOON


async def fill(work: Work, check_ins: int, *, begin: int = 0) -> None:
    """A clinic whose patients answered this many check-ins, two after each session.

    Those before `begin` are there already.
    """
    clinic = await team.prepare(work, ())
    of = {"clinic_id": clinic.id or 0}
    for first in range(begin, check_ins, _CHUNK):
        numbers = range(first, min(first + _CHUNK, check_ins))
        sessions = [number // 2 + 1 for number in numbers if number % 2 == 0]
        async with work.writing() as tx:
            rows: dict[Any, list[dict[str, Any]]] = {
                Patient: [_patient(one) for one in sessions],
                TreatmentSession: [_session(one) for one in sessions],
                CheckIn: [_check_in(number) for number in numbers],
                Answer: [answer for number in numbers for answer in _answers(number)],
                Assessment: [_assessment(number) for number in numbers],
            }
            for table, found in rows.items():
                if found:
                    await tx.session.exec(insert(table), params=[row | of for row in found])


def _patient(one: int) -> dict[str, Any]:
    return {"id": one, "ref": f"{one:016x}", "code": f"P-{one:06}", "language": "en",
            "name": "", "phone": "", "created_at": NOON}  # fmt: skip


def _session(one: int) -> dict[str, Any]:
    return {"id": one, "patient_id": one, "at": NOON, "regions": ["limb"], "risks": [],
            "pain_before": 5, "high_risk": False, "recorded_at": NOON}  # fmt: skip


def _check_in(number: int) -> dict[str, Any]:
    due = NOON + timedelta(hours=24 * (1 + number % 2))
    one = number // 2 + 1
    return {"id": number + 1, "patient_id": one, "session_id": one, "kind": "check_in",
            "step": f"{24 * (1 + number % 2)}h", "protocol_version": 1, "due_at": due,
            "closes_at": due + timedelta(hours=12), "state": "complete", "answered_at": due,
            "level": "none", "rules": ["N1"], "level_now": "none", "rules_now": ["N1"],
            "timed_out": [], "worried": False, "paused": False}  # fmt: skip


def _answers(number: int) -> list[dict[str, Any]]:
    return [
        {"check_in_id": number + 1, "question": question, "value": value, "final": True,
         "at": NOON}
        for question, value in WELL.items()
    ]  # fmt: skip


def _assessment(number: int) -> dict[str, Any]:
    return {"check_in_id": number + 1, "protocol_version": 1, "hours": 24.0, "level": "none",
            "rules": ["N1"], "at": NOON}  # fmt: skip


async def export(work: Work, style: str, folder: Path) -> None:
    """One export of everything."""
    wish = Wish(1, "benchmark")
    with new_folder(folder / style) as target:
        if style == "csv":
            await export_csv(work, wish, target)
        else:
            await export_fhir(work, wish, Codes(DEFAULT_BASE, 1, WORDS), Lines(target, None))


async def peak(work: Work, style: str, folder: Path) -> int:
    """The bytes of Python objects at an export's peak, beyond those before it."""
    tracemalloc.start()
    await export(work, style, folder)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


async def run(check_ins: int) -> None:
    """Both formats over a fresh database, with their time and the process's largest size."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await migrate(database)
        work = Work(database, _Noon(), Cipher())
        await fill(work, check_ins)
        before = _resident()
        for style in ("csv", "fhir"):
            began = time.perf_counter()
            await export(work, style, Path(folder))
            seconds = time.perf_counter() - began
            print(f"export {style}: {check_ins} check-ins in {seconds:.1f} s, the process's "
                  f"largest size went from {before:.0f} to {_resident():.0f} MB")  # fmt: skip
        await database.dispose()


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
