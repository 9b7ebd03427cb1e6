"""/import and /export, as an admin does them on the phone."""

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from sandbox.people import Message, Person
from storage.tables import AuditEntry, Patient, TreatmentSession
from tests.walk.world import Stage, stage_for

HEAD = "visit,mrn,name,start,region,pain\n"


def line(visit: str, patient: str, at: datetime, *, region: str = "arm") -> str:
    return f"{visit},{patient},Cleo {patient},{at.isoformat()},{region},4\n"


async def sessions_of(found: Stage) -> list[TreatmentSession]:
    async with found.house.work.reading() as session:
        return list((await session.exec(select(TreatmentSession))).all())


async def offered(admin: Person, text: str) -> Message:
    """What the bot says of a file sent after /import."""
    await admin.sends("/import")
    await admin.sees("Send me a CSV file")
    await admin.sends_document("visits.csv", text.encode())
    return await admin.sees("What I found")


async def test_an_admin_sends_a_file_looks_at_it_and_imports_it(
    tmp_path: Path, database_url: str
) -> None:
    async with stage_for(tmp_path, database_url) as found:
        admin, world = found.admin, found.world
        await world.limits(enabled=False)
        now = await world.now()
        text = HEAD + line("V1", "1", now - timedelta(hours=1))
        text += line("V2", "2", now - timedelta(hours=1), region="soul")
        text += line("V3", "3", now - timedelta(hours=2))
        shown = await offered(admin, text)
        assert "2 sessions to import" in shown.text
        assert 'Line 3: the region "soul" is not one of' in shown.text
        assert "V1 · 1 · Tue 09:00 · limb · pain 4" in shown.text
        assert await sessions_of(found) == []
        await admin.taps("Import 2 sessions")
        await admin.sees("2 sessions recorded")
        file = await admin.sees("A link for each new patient")
        links = list(csv.DictReader(io.StringIO((await world.download(file)).decode())))
        assert [row["visit_id"] for row in links] == ["V1", "V3"]
        token = links[0]["link"].split("start=")[1]
        await found.anna.starts(token)
        await found.anna.sees("Telegram")
        await found.anna.taps("I agree")
        await found.anna.sees("you have joined")
        await world.forward(hours=23)
        await found.anna.sees("Check 1 of 5")
        assert len(await sessions_of(found)) == 2


async def test_the_same_file_again_records_nothing_and_cancel_records_nothing(
    tmp_path: Path,
) -> None:
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as found:
        admin, world = found.admin, found.world
        await world.limits(enabled=False)
        text = HEAD + line("V1", "1", await world.now())
        await offered(admin, text)
        await admin.taps("Cancel")
        await admin.sees("Nothing was recorded")
        assert await sessions_of(found) == []
        await offered(admin, text)
        await admin.taps("Import 1 session")
        await admin.sees("1 session recorded")
        await admin.sees("A link for each new patient")
        again = await offered(admin, text)
        assert "1 was here already" in again.text
        assert not again.labels


async def test_a_file_that_is_no_table_gets_a_clear_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as found:
        admin = found.admin
        await found.world.limits(enabled=False)
        for data, words in (
            (b"PK\x03\x04" + bytes(90), "This is an Excel file"),
            (bytes(range(256)), "not a table of text"),
            (b"", "no lines in this file"),
            (b"name,start\nAnna,2026-03-03 10:00\n", "no column with the visit id"),
        ):
            await admin.sends_document("odd.csv", data)
            await admin.sees(words)
        monkeypatch.setattr("handlers.admins.importing.LARGEST_BYTES", 50)
        await admin.sends_document("odd.csv", b"visit,start\n" + b"1,2\n" * 50)
        await admin.sees("20 MB is the most")
        await found.clinician.sends_document("visits.csv", b"visit,start\n1,2\n")
        await found.clinician.sees("I can only use words here")
        await found.clinician.sends("/import")
        await found.clinician.sees("This is not for you")
        await found.clinician.sends("/export")
        await found.clinician.sees("This is not for you")


async def test_an_admin_exports_the_records_as_a_file(tmp_path: Path, database_url: str) -> None:
    async with stage_for(tmp_path, database_url) as found:
        admin, world = found.admin, found.world
        await world.limits(enabled=False)
        now = await world.now()
        await offered(admin, HEAD + line("V1", "1", now) + line("V2", "2", now))
        await admin.taps("Import 2 sessions")
        await admin.sees("A link for each new patient")
        await admin.sends("/export")
        await admin.sees("Patients by code only")
        await admin.taps("Tables (CSV), last 30 days")
        tables = unzipped(await world.download(await admin.sees("Tables (CSV), last 30 days")))
        assert len(tables["sessions.csv"].splitlines()) == 3
        assert "Cleo" not in "".join(tables.values())
        await admin.taps("FHIR R4B, everything")
        lines = unzipped(await world.download(await admin.sees("FHIR R4B, everything")))
        codes = {json.loads(one)["identifier"][0]["value"]
                 for one in lines["Patient.ndjson"].splitlines()}  # fmt: skip
        async with found.house.work.reading() as session:
            patients = (await session.exec(select(Patient))).all()
            entries = (await session.exec(select(AuditEntry))).all()
        assert codes == {patient.code for patient in patients}
        taken = [entry for entry in entries if entry.action == "exported"]
        assert [entry.detail["format"] for entry in taken] == ["csv", "fhir"]
        assert {entry.actor for entry in taken} == {"person:1"}


def unzipped(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_an_export_that_telegram_does_not_carry_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as found:
        monkeypatch.setattr("handlers.admins.exporting.LARGEST_BYTES", 100)
        await found.admin.sends("/export")
        await found.admin.sees("Patients by code only")
        await found.admin.taps("Tables (CSV), everything")
        await found.admin.sees("more than Telegram carries")
