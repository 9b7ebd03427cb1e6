"""`symptom-diary import-sessions` as an operator meets it."""

import csv
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.exports.test_export_command import with_patient
from tests.unit.test_commands import run, said

KEY = Fernet.generate_key().decode()
HEAD = "Visit,Patient,Name,Start,Region,Pain\n"


def line(visit: str, patient: str, *, hours_ago: float = 2, region: str = "arm") -> str:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    return f"{visit},{patient},=Anna,{at.isoformat(timespec='minutes')},{region},4\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tests.exports.test_export_command.KEY", KEY)
    with_patient(tmp_path)
    return tmp_path


def imports(folder: Path, *words: str, file: str = "visits.csv"):
    return run(folder, "import-sessions", file, *words, ENCRYPTION_KEYS=KEY)


def test_good_lines_are_recorded_bad_ones_named_and_a_second_run_adds_nothing(
    folder: Path,
) -> None:
    bad = line("V3", "3", region="soul")
    (folder / "visits.csv").write_text(HEAD + line("V1", "1") + bad + line("V2", "2"))
    dry = imports(folder, "--dry-run")
    assert dry.returncode == 1
    assert 'Line 3: the region "soul" is not one of' in dry.stderr
    assert "2 sessions to import." in dry.stdout
    done = imports(folder, "--bot", "@riverside_bot")
    assert done.returncode == 1, said(done)
    assert "2 sessions recorded." in done.stdout
    assert "2 new patients." in done.stdout
    path = folder / "visits.csv.links.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open() as opened:
        links = list(csv.DictReader(opened))
    assert [(row["visit_id"], row["name"]) for row in links] == [
        ("V1", "'=Anna"),
        ("V2", "'=Anna"),
    ]
    assert all(row["link"].startswith("https://t.me/riverside_bot?start=") for row in links)
    (folder / "visits.csv").write_text(HEAD + line("V1", "1", hours_ago=2))
    again = imports(folder, "--bot", "riverside_bot")
    assert "0 sessions recorded." in again.stdout
    assert not (folder / "visits.csv.links-2.csv").exists()


def test_an_import_that_cannot_begin_says_why(folder: Path) -> None:
    (folder / "visits.csv").write_text(HEAD + line("V1", "1"))
    (folder / "book.csv").write_bytes(b"PK\x03\x04" + bytes(90))
    for words, file, sentence in (
        ((), "nothing.csv", "cannot be read"),
        ((), "book.csv", "This is an Excel file"),
        (("--map", "Besuch"), "visits.csv", "--map takes COLUMN=FIELD"),
        (("--map", "Besuch=visit_id"), "visits.csv", 'no column called "besuch"'),
        ((), "visits.csv", "give --bot NAME, or set BOT_TOKEN"),
    ):
        done = imports(folder, *words, file=file)
        assert done.returncode == 2, said(done)
        assert sentence in said(done)
    done = imports(folder, "--clinic", "7")
    assert done.returncode == 1
    assert "There is no clinic 7" in said(done)


def test_columns_are_mapped_by_hand_and_dates_read_as_told(folder: Path) -> None:
    day = datetime.now(UTC) - timedelta(hours=30)
    shape = "%m/%d/%Y %H:%M"
    (folder / "visits.csv").write_text(
        f"Besuch;Wer;Wann;Farbe\nV1;1;{day.strftime(shape)};blau\n", encoding="utf-16"
    )
    mapped = [word for pair in ("Besuch=visit_id", "Wer=patient_id", "Wann=at")
              for word in ("--map", pair)]  # fmt: skip
    done = imports(folder, *mapped, "--dates", "mdy", "--bot", "b")
    assert done.returncode == 0, said(done)
    assert "1 session recorded." in done.stdout
    assert "Columns not used: Farbe" in done.stderr
    assert "no region given" in done.stderr
