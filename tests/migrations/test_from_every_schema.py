"""What every released version stored is still there after migrating to the newest schema."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel import select as select_model

import storage.people
from care.audit import verify
from storage import copying
from storage.backup_file import Reader, to_portable
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import changing, known_revisions, migrate, newest_revision, revision, upgrade
from storage.tables import Alert, AlertEvent, Answer, CheckIn, Clinic, Note, OutboxRow, Patient
from tests.ground.rows import orphans, quiet

SNAPSHOTS = sorted(Path(__file__).parent.glob("*.backup"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=SNAPSHOTS, ids=lambda path: path.stem)
def snapshot(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
async def old(database_url: str, snapshot: Path):
    """A database at the snapshot's schema with the snapshot's rows, as that version left it."""
    database = Database(database_url)
    with Reader(snapshot) as reader:
        reader.verify()
        async with changing(database) as connection:
            await connection.run_sync(upgrade, reader.header.schema)
            await put(connection, reader)
    yield database
    await database.dispose()


async def put(connection: AsyncConnection, reader: Reader) -> None:
    for table in await connection.run_sync(copying._present, reader.header.tables):
        await copying._fill(connection, reader, table, quiet)


def stored(path: Path) -> dict[str, list[dict[str, object]]]:
    with Reader(path) as reader:
        return {
            name: [
                dict(zip(of.columns, row, strict=True))
                for batch in reader.batches(name)
                for row in batch
            ]
            for name, of in reader.header.tables.items()
        }


async def now_there(database: Database) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    async with database.reading() as session:
        for name, table in SQLModel.metadata.tables.items():
            rows = await session.exec(select(table).order_by(*table.primary_key.columns))
            found[name] = [
                {key: to_portable(value) for key, value in row._mapping.items()} for row in rows
            ]
    return found


def same(before: object, after: object) -> bool:
    if isinstance(before, str) and re.match(r"\d{4}-\d\d-\d\dT", before):
        return before == after
    return json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)


def steps_became_a_schedule(rows: list[dict], after: dict[str, list[dict]]) -> None:
    (version,) = after["schedule_version"]
    assert (version["number"], version["state"]) == (1, "applied")
    assert version["body"]["steps"] == [{"id": row["step"], "hours": row["hours"]} for row in rows]


# Tables that a later schema has no more, and how what they held is still there.
REPLACED = {"schedule_step": steps_became_a_schedule}


async def test_every_row_and_every_value_is_still_there(old: Database, snapshot: Path) -> None:
    before = stored(snapshot)
    await migrate(old)
    after = await now_there(old)
    assert await revision(old) == newest_revision()
    assert await orphans(old) == 0
    for name, rows in before.items():
        if name in REPLACED:
            REPLACED[name](rows, after)
            continue
        keys = [column.name for column in SQLModel.metadata.tables[name].primary_key.columns]
        found = {tuple(row[key] for key in keys): row for row in after[name]}
        for row in rows:
            kept = found[tuple(row[key] for key in keys)]
            for column, value in row.items():
                if column in kept:
                    assert same(value, kept[column]), (name, column)


async def test_the_product_reads_what_was_stored(old: Database, snapshot: Path) -> None:
    await migrate(old)
    cipher = Cipher((snapshot.with_suffix(".key").read_text().strip(),))
    async with old.reading() as session:
        clinic = await storage.people.first_clinic(session)
        assert clinic == (await session.exec(select_model(Clinic))).one()
        patients = (await session.exec(select_model(Patient))).all()
        assert "Cleo Ünal" in {cipher.open(patient.name) for patient in patients}
        (note,) = (await session.exec(select_model(Note))).all()
        assert "“normal”" in cipher.open(note.body)
        alerts = (await session.exec(select_model(Alert))).all()
        assert {alert.state for alert in alerts} >= {"open", "acknowledged"}
        for model in (Answer, AlertEvent, CheckIn, OutboxRow):
            assert (await session.exec(select_model(model))).first() is not None
        assert (await verify(session, clinic.id)).broken_at is None


async def test_the_migrated_tables_are_those_of_a_fresh_database(
    old: Database, tmp_path: Path, database_url: str
) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    await migrate(old)

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, SQLModel.metadata)

    async with old.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_migration_that_would_leave_orphans_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")

    def spoil(connection, to: str) -> None:
        upgrade(connection, to)
        connection.exec_driver_sql(
            "INSERT INTO role VALUES (1, 9, 9, 'admin', '2026-01-01', NULL)"
        )

    monkeypatch.setattr("storage.schema.upgrade", spoil)
    with pytest.raises(RuntimeError, match="rows without a parent"):
        await migrate(database)
    assert await revision(database) is None
    async with database.engine.connect() as connection:
        tables = MetaData()
        await connection.run_sync(tables.reflect)
    assert not tables.tables
    await database.dispose()


def test_there_is_a_snapshot_of_every_released_schema() -> None:
    """Each version in CHANGELOG.md names its schema, and that schema has a snapshot here."""
    released = re.findall(r"^## \d[^\n]*", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    stems = {path.stem for path in SNAPSHOTS}
    assert known_revisions()[0] in stems
    assert stems <= set(known_revisions())
    for heading in released:
        schema = re.search(r"schema (\w+)", heading)
        assert schema is not None, f"{heading!r} does not say its schema, like (schema 0001)"
        assert schema[1] in stems, f"run python -m tests.migrations.snapshot for {heading!r}"
