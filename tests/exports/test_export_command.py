"""`symptom-diary export` as an operator meets it."""

import asyncio
from pathlib import Path

from cryptography.fernet import Fernet

from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate
from tests.clocks import FixedClock
from tests.exports.practice import WELL, Practice
from tests.unit.test_commands import run, said

KEY = Fernet.generate_key().decode()


def with_patient(folder: Path) -> None:
    async def fill() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'cli.db'}")
        await migrate(database)
        clock = FixedClock()
        practice = await Practice.found(Work(database, clock, Cipher((KEY,))), clock)
        await practice.check_in(1, **WELL)
        await database.dispose()

    asyncio.run(fill())


def test_export_writes_csv_and_fhir_and_says_where(tmp_path: Path) -> None:
    with_patient(tmp_path)
    done = run(tmp_path, "export", "--out", "tables", ENCRYPTION_KEYS=KEY)
    assert done.returncode == 0, said(done)
    assert "rows are in tables" in done.stdout
    assert (tmp_path / "tables" / "answers.csv").exists()
    words = ("export", "--format", "fhir", "--out", "fhir", "--validate")
    done = run(tmp_path, *words, ENCRYPTION_KEYS=KEY)
    assert done.returncode == 0, said(done)
    assert "resources are in fhir" in done.stdout
    assert len((tmp_path / "fhir" / "Patient.ndjson").read_text().splitlines()) == 1
    done = run(tmp_path, *words, "--bundles", "--force", ENCRYPTION_KEYS=KEY)
    assert done.returncode == 0, said(done)
    names = {path.name for path in (tmp_path / "fhir").iterdir()}
    assert names == {"bundle-00001.json", "export.json"}


def test_an_export_that_cannot_be_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with_patient(tmp_path)
    for words, code, sentence in (
        (("--from", "2026-03-05", "--to", "2026-03-01"), 2, "--to 2026-03-01 comes before"),
        (("--format", "fhir", "--with-names"), 2, "codes only"),
        (("--base", "riverside", "--format", "fhir"), 2, "--base takes a web address"),
        (("--validate",), 2, "belong to --format fhir"),
    ):
        done = run(tmp_path, "export", "--out", "here", *words, ENCRYPTION_KEYS=KEY)
        assert done.returncode == code, said(done)
        assert sentence in said(done)
    done = run(tmp_path, "export", "--out", "here", "--with-names",
               ENCRYPTION_KEYS=Fernet.generate_key().decode())  # fmt: skip
    assert done.returncode == 1
    assert "no key in ENCRYPTION_KEYS opens this value" in said(done)
    assert not (tmp_path / "here").exists()


def test_export_without_a_clinic_says_what_to_do_first(tmp_path: Path) -> None:
    done = run(tmp_path, "export", "--out", "here", ENCRYPTION_KEYS=KEY)
    assert done.returncode == 1
    assert "symptom-diary migrate" in said(done)
    assert run(tmp_path, "migrate", ENCRYPTION_KEYS=KEY).returncode == 0
    done = run(tmp_path, "export", "--out", "here", ENCRYPTION_KEYS=KEY)
    assert "no clinic in this database yet" in said(done)
