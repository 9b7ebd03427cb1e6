"""Tidy tables: what they hold, what they leave out, and what they do to a folder."""

import csv
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from care import notes
from care.audit import verify
from care.exports.columns import guarded
from care.exports.csv_files import DICTIONARY, export_csv
from care.exports.folder import FolderError, new_folder
from care.exports.reading import Wish
from care.exports.tables import TABLES
from care.notes import Incoming
from storage.tables import AuditEntry
from tests.exports.practice import WELL, Practice

UNWELL = {"danger": "none", "pain": 9, "soreness": "severe", "bruising": "none",
          "new": ["skin", "fever"], "skin_signs": ["hot", "spreading"],
          "temperature": "38_or_more"}  # fmt: skip
# What stays in the house, by table: chat and message numbers, leases, hashes, and inner state.
KEPT_BACK = {
    "patients": {"id", "clinic_id", "ref", "chat_id", "code", "name", "phone", "external_id",
                 "synthetic"},
    "sessions": {"id", "clinic_id", "patient_id", "visit_key"},
    "check_ins": {"id", "clinic_id", "patient_id", "paused", "chat_id", "message_id"},
    "answers": {"id", "clinic_id"},
    "assessments": {"id", "clinic_id", "inputs"},
    "alerts": {"id", "clinic_id", "patient_id", "action"},
    "alert_events": {"id", "clinic_id"},
    "notes": {"id", "clinic_id", "patient_id", "media", "update_id"},
    "messages": {
        "id", "clinic_id", "patient_id", "key", "lane", "priority", "detail", "held_until",
        "holder", "claims", "chat_id", "message_id", "created_at", "note_id",
    },
}  # fmt: skip


async def export(practice: Practice, out: Path, **wish: object) -> dict[str, list[dict]]:
    with new_folder(out) as folder:
        await export_csv(practice.work, Wish(practice.clinic.id, "test", **wish), folder)
    return read_all(out)


def read_all(out: Path) -> dict[str, list[dict]]:
    return {path.stem: read(path) for path in sorted(out.glob("*.csv"))}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def read(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


async def test_every_noun_has_its_table_and_the_keys_join(
    practice: Practice, tmp_path: Path
) -> None:
    anna, check = await practice.check_in(1, **UNWELL)
    await practice.deals_with(await practice.alert(anna))
    await practice.check_in(2, **WELL)
    tables = await export(practice, tmp_path / "out")
    assert len(tables["patients"]) == len(tables["sessions"]) == 2
    assert {row["patient"] for row in tables["sessions"]} == {
        row["patient"] for row in tables["patients"]
    }
    pain = [row["value"] for row in tables["answers"] if row["question"] == "pain"]
    assert pain == ["9", "3"]
    (hers,) = [row for row in tables["check_ins"] if row["check_in_id"] == str(check.id)]
    assert (hers["state"], hers["level"], hers["step"]) == ("complete", "emergency", "24h")
    (alert,) = tables["alerts"]
    assert alert["check_in_id"] == hers["check_in_id"]
    assert (alert["state"], alert["outcome"]) == ("closed", "confirmed")
    kinds = [row["kind"] for row in tables["alert_events"]]
    assert kinds[0] == "opened"
    assert kinds.index("acknowledged") < kinds.index("closed")
    assert any(
        row["kind"] == "card_private" or row["kind"] == "seen" for row in tables["messages"]
    )
    assert tables["assessments"][-1]["level"] == "none"


async def test_a_correction_leaves_both_values_in_the_table(
    practice: Practice, tmp_path: Path
) -> None:
    anna, check = await practice.check_in(1, **WELL)
    await practice.answers(anna, check, pain=6)
    rows = (await export(practice, tmp_path / "out"))["answers"]
    pain = [
        (row["value"], row["superseded_at"] != "") for row in rows if row["question"] == "pain"
    ]
    assert pain == [("3", True), ("6", False)]


async def test_times_are_utc_and_once_more_on_the_patients_clock(
    practice: Practice, tmp_path: Path
) -> None:
    await practice.check_in(1, **WELL)
    (session,) = (await export(practice, tmp_path / "out"))["sessions"]
    assert session["at"] == "2026-03-03T12:00:00Z"
    assert session["at_local"] == "2026-03-03T13:00:00+01:00"


async def test_names_and_words_stay_sealed_unless_asked_for(
    practice: Practice, tmp_path: Path
) -> None:
    anna = await practice.patient(1, name="Anna Karenina", phone="+44 7700 900101")
    await practice.session(anna)
    incoming = Incoming("text", "my arm is on fire", "", 7)
    await notes.receive(practice.work, anna, anna.patients[0].id, incoming)
    await export(practice, tmp_path / "codes")
    everything = "".join(path.read_text() for path in (tmp_path / "codes").iterdir())
    for secret in ("Karenina", "900101", "on fire"):
        assert secret not in everything
    assert not (tmp_path / "codes" / "notes.csv").exists()
    named = await export(practice, tmp_path / "named", names=True, words=True)
    assert named["patients"][0]["name"] == "Anna Karenina"
    assert named["patients"][0]["phone"] == "'+44 7700 900101"
    assert named["notes"][0]["body"] == "my arm is on fire"


async def test_words_that_a_spreadsheet_would_run_are_guarded(
    practice: Practice, tmp_path: Path
) -> None:
    anna, _ = await practice.check_in(1, **UNWELL)
    await practice.deals_with(await practice.alert(anna))
    (alert,) = (await export(practice, tmp_path / "out", words=True))["alerts"]
    assert alert["action"] == "'=Called, told to come in"


@given(st.text(min_size=1))
def test_no_guarded_text_begins_like_a_formula_and_none_loses_a_sign(text: str) -> None:
    safe = guarded(text)
    assert safe[0] not in "=+-@\t\r\n＝＋－＠"
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text


async def test_every_column_of_every_file_is_in_the_dictionary(
    practice: Practice, tmp_path: Path
) -> None:
    await practice.check_in(1, **UNWELL)
    tables = await export(practice, tmp_path / "out", names=True, words=True)
    explained = {(row["table"], row["column"]) for row in tables[Path(DICTIONARY).stem]}
    columns = {
        (path.name, name)
        for path in (tmp_path / "out").glob("*.csv")
        if path.name != DICTIONARY
        for name in path.read_text().splitlines()[0].split(",")
    }
    assert columns == explained
    for row in tables[Path(DICTIONARY).stem]:
        assert row["meaning"]
        assert row["type"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_stored_field_is_exported_or_kept_back_on_purpose(table) -> None:
    exported = {column.name for column in table.columns}
    stored = set(table.model.model_fields)
    assert stored - exported - KEPT_BACK[table.name] == set()


async def test_a_period_takes_sessions_held_on_these_days_and_all_that_followed(
    practice: Practice, tmp_path: Path
) -> None:
    anna, _ = await practice.check_in(1, **UNWELL)
    practice.clock.at = practice.clock.at.replace(day=20, hour=22, minute=30)
    ben, _ = await practice.check_in(2, **WELL)
    march_third = {"since": date(2026, 3, 3), "until": date(2026, 3, 3)}
    first = await export(practice, tmp_path / "first", **march_third)
    assert [row["patient"] for row in first["patients"]] == [anna.patients[0].code]
    assert len(first["sessions"]) == 1
    assert {row["question"] for row in first["answers"]} == set(UNWELL)
    assert len(first["alerts"]) == 1
    assert first["alert_events"]
    # 22:30 UTC on the 20th is the 20th still in Berlin in winter time.
    later = {"since": date(2026, 3, 20), "until": date(2026, 3, 20)}
    second = await export(practice, tmp_path / "second", **later)
    assert [row["patient"] for row in second["patients"]] == [ben.patients[0].code]
    nothing = {"since": date(2026, 4, 20)}
    assert (await export(practice, tmp_path / "third", **nothing))["patients"] == []


async def test_the_audit_chain_says_who_exported_what(practice: Practice, tmp_path: Path) -> None:
    await export(practice, tmp_path / "out", names=True)
    async with practice.work.reading() as session:
        rows = (await session.exec(select(AuditEntry))).all()
        assert (await verify(session, practice.clinic.id)).broken_at is None
    entry = next(row for row in rows if row.action == "exported")
    assert entry.actor == "test"
    assert entry.detail["names"] is True
    assert entry.detail["format"] == "csv"


async def test_files_are_for_their_owner_alone_and_no_half_export_is_left(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    await export(practice, out)
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700

    def broken(*_args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("care.exports.csv_files._write_dictionary", broken)
    with pytest.raises(OSError, match="disk full"):
        await export(practice, tmp_path / "half")
    assert not [name for name in names_in(tmp_path) if "half" in name]


async def test_only_an_earlier_export_is_ever_replaced(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    for force in (False, True):
        with (
            pytest.raises(FolderError, match="something else"),
            new_folder(tmp_path / "home", force=force),
        ):
            pass
    await export(practice, tmp_path / "out")
    with pytest.raises(FolderError, match="--force"), new_folder(tmp_path / "out"):
        pass
    await practice.check_in(1, **WELL)
    with new_folder(tmp_path / "out", force=True) as folder:
        await export_csv(practice.work, Wish(practice.clinic.id, "test"), folder)
    assert len(read(tmp_path / "out" / "patients.csv")) == 1
    assert {"out", "home"} <= names_in(tmp_path)
    assert not [name for name in names_in(tmp_path) if name.startswith(".out")]


async def test_more_rows_than_a_page_holds_all_arrive_once(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.exports.page.__kwdefaults__", {"limit": 2})
    for number in range(5):
        await practice.check_in(number + 1, **WELL)
    rows = (await export(practice, tmp_path / "out"))["answers"]
    keys = [int(row["answer_id"]) for row in rows]
    assert len(keys) == 25
    assert keys == sorted(set(keys))
