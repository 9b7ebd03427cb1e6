"""Backup and restore keep every row, between both kinds of database, or change nothing."""

import asyncio
import json
import os
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from care import team
from care.audit import verify
from care.work import Work
from storage import copying
from storage.backup_file import BackupError, Reader, to_portable
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate, newest_revision, revision
from storage.tables import Clinic, Heartbeat, OutboxRow, Patient
from tests.clocks import NOON, FixedClock
from tests.ground.conftest import New
from tests.ground.rows import SNAPSHOT, everything, fill, orphans, quiet

KINDS = ("sqlite", "postgresql")


async def save(database: Database, path: Path) -> None:
    await copying.dump(database, path, taken_at=NOON, keys=("0badcafe",), progress=quiet)


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
async def test_a_restored_backup_has_the_same_rows_in_every_table(
    tmp_path: Path, new: New, source: str, target: str
) -> None:
    first, second = new(source), new(target)
    await fill(first)
    await save(first, tmp_path / "b")
    await fill(second, tmp_path / "b")
    before, after = await everything(first), await everything(second)
    assert before == after
    assert sum(map(len, after.values())) > 250
    assert await revision(second) == newest_revision()


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
async def test_odd_values_come_back_as_they_were(
    tmp_path: Path, new: New, source: str, target: str
) -> None:
    first, second = new(source), new(target)
    await migrate(first)
    async with first.writing() as session:
        session.add(
            Clinic(
                name='O\'Hara "&" Söhne\n💪\u2028\\x', group_chat_id=-(2**62), phone="",
                opening_hours={"ключ": [1.5, None, True, "\u0001"]},
                created_at=datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC),
            )
        )  # fmt: skip
        session.add(Heartbeat(name="", at=datetime(2028, 2, 29, tzinfo=UTC)))
    await save(first, tmp_path / "b")
    await fill(second, tmp_path / "b")
    assert await everything(first) == await everything(second)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_moment_is_written_as_itself_in_utc(moment: datetime) -> None:
    written = datetime.fromisoformat(to_portable(moment))
    assert written == moment.astimezone(UTC)
    assert written.utcoffset() == timedelta(0)


@pytest.mark.parametrize("kind", KINDS)
async def test_new_rows_find_free_numbers_after_a_restore(new: New, kind: str) -> None:
    database = new(kind)
    await fill(database)
    async with database.writing() as session:
        highest = max((await session.exec(select(Patient.id))).all())
        patient = Patient(clinic_id=1, ref="new", code="new", created_at=NOON)
        session.add(patient)
        await session.flush()
        assert patient.id > highest


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_taken_in_a_burst_of_writing_is_of_one_moment(
    tmp_path: Path, new: New, kind: str
) -> None:
    database = new(kind)
    await fill(database)
    work = Work(database, FixedClock(), Cipher())
    clinic = await team.prepare(work, ())
    going = True

    async def write(writer: int) -> int:
        written = 0
        while going:
            written += 1
            async with work.writing() as tx:
                patient = Patient(
                    clinic_id=clinic.id, ref=f"burst:{writer}:{written}",
                    code=f"{writer}:{written}", created_at=NOON,
                )  # fmt: skip
                tx.session.add(patient)
                await tx.session.flush()
                await tx.enqueue("safety", patient.ref, clinic_id=clinic.id, patient_id=patient.id)
                tx.audit(clinic.id, "bot", "tested", patient.ref)
        return written

    writers = [asyncio.create_task(write(number)) for number in range(4)]
    await asyncio.sleep(0.2)
    for number in range(3):
        await save(database, tmp_path / f"{number}")
    going = False
    written = sum(await asyncio.gather(*writers))
    counts = []
    for number in range(3):
        copy = new("sqlite")
        await fill(copy, tmp_path / f"{number}")
        rows = await everything(copy)
        counts.append(len(rows["patient"]))
        assert await orphans(copy) == 0
        async with copy.reading() as session:
            refs = (await session.exec(select(Patient.ref))).all()
            keys = (await session.exec(select(OutboxRow.key))).all()
        burst = {ref for ref in refs if ref.startswith("burst:")}
        assert burst == {key for key in keys if key.startswith("burst:")}
        async with copy.reading() as session:
            assert (await verify(session, clinic.id)).broken_at is None
    assert sorted(counts) == counts
    assert 5 < counts[0] < counts[-1] <= 5 + written


@pytest.mark.parametrize("kind", KINDS)
async def test_what_may_have_been_sent_after_the_backup_says_so_when_it_goes_again(
    new: New, kind: str
) -> None:
    database = new(kind)
    await fill(database)
    async with database.reading() as session:
        due = sorted(
            (await session.exec(select(OutboxRow.due_at).where(OutboxRow.state == "due"))).all()
        )
    between = due[0] + (due[-1] - due[0]) / 2
    with Reader(SNAPSHOT) as reader:
        await copying.restore(database, reader, progress=quiet, sent_until=between)
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.state == "due"))).all()
    assert {row.uncertain for row in rows} == {True, False}
    assert all(row.uncertain == (row.due_at <= between) for row in rows)


@pytest.fixture(scope="module")
def whole() -> bytes:
    return SNAPSHOT.read_bytes()


def all_rows(path: Path) -> dict[str, list[object]]:
    with Reader(path) as reader:
        reader.verify()
        return {name: list(reader.batches(name)) for name in reader.header.tables}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_changed_byte_brings_in_a_changed_row(data, whole, tmp_path_factory) -> None:
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(changed)
    with suppress(BackupError):
        assert all_rows(path) == all_rows(SNAPSHOT)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.9999))
def test_a_cut_off_backup_is_refused(share, whole, tmp_path_factory) -> None:
    path = tmp_path_factory.getbasetemp() / "cut"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupError):
        all_rows(path)


@pytest.mark.parametrize("at_end", [True, False])
async def test_what_fails_in_the_middle_leaves_the_database_as_it_was(
    tmp_path: Path, database: Database, at_end: bool
) -> None:
    await fill(database)
    before = await everything(database)
    path = tmp_path / "wrong"
    rewrite(path, "outbox" if at_end else "patient", lambda rows: [*rows, rows[-1]])
    with pytest.raises(BackupError, match="nothing was changed"):
        await fill(database, path)
    assert await everything(database) == before


async def test_a_row_without_its_parent_is_refused(tmp_path: Path, database: Database) -> None:
    await fill(database)
    before = await everything(database)
    path = tmp_path / "orphan"
    rewrite(path, "patient", lambda rows: rows[:-1])
    with pytest.raises((BackupError, RuntimeError), match=r"parent|nothing was changed"):
        await fill(database, path)
    assert await everything(database) == before


async def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "newer"
    rewrite(path, "patient", lambda rows: rows, schema="9999")
    with pytest.raises(BackupError, match="upgrade symptom-diary"):
        await fill(database, path)


def rewrite(path: Path, table: str, change, **header: str) -> None:
    """The snapshot with one table changed by hand, and checksums that fit."""
    from storage.backup_file import Writer

    with Reader(SNAPSHOT) as reader, Writer(path) as writer:
        for name, of in reader.header.tables.items():
            rows = [row for batch in reader.batches(name) for row in batch]
            target = writer.table(name, of.columns)
            target.add(change(rows) if name == table else rows)
            target.close()
        values = {"schema": "0001", "database": "sqlite", "taken_at": NOON.isoformat()}
        writer.finish(keys=(), **(values | header))


def test_files_of_others_are_refused_in_a_sentence(tmp_path: Path) -> None:
    texts, archive, folder = tmp_path / "a.txt", tmp_path / "a.zip", tmp_path / "folder"
    texts.write_text("not a zip at all")
    folder.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("header.json", json.dumps({"product": "another"}))
    for path in (texts, archive, folder, tmp_path / "absent"):
        with pytest.raises(BackupError):
            all_rows(path)


async def test_only_its_owner_may_read_a_backup(tmp_path: Path, database: Database) -> None:
    await migrate(database)
    os.umask(os.umask(0))
    await save(database, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600


async def test_a_backup_that_fails_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "b").write_text("the old one")

    async def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "_dump_table", full_disk)
    with pytest.raises(BackupError, match="No space left"):
        await save(database, folder / "b")
    assert [path.name for path in folder.iterdir()] == ["b"]
    assert (folder / "b").read_text() == "the old one"


async def test_an_empty_database_is_not_backed_up(tmp_path: Path, new: New) -> None:
    with pytest.raises(BackupError, match="empty"):
        await save(new("sqlite"), tmp_path / "b")
    assert not [name for name in os.listdir(tmp_path) if not name.startswith("1.db")]  # noqa: PTH208
