"""What the database must never do: lose an update, let a reader stop a writer."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import select

from storage.engine import Database
from storage.schema import migrate, newest_revision, revision
from storage.tables import CheckIn, Clinic, Heartbeat, Person, Role, TreatmentSession
from storage.trouble import DatabaseAwayError
from tests.clocks import NOON
from tests.conftest import new_postgres_database


async def add_clinic(database: Database) -> int:
    async with database.writing() as session:
        clinic = Clinic(created_at=NOON)
        session.add(clinic)
        await session.flush()
        return clinic.id or 0


async def test_forty_read_then_write_increments_side_by_side_all_count(database: Database) -> None:
    clinic_id = await add_clinic(database)

    async def increment() -> None:
        async with database.writing() as session:
            if not database.is_sqlite:
                await session.exec(text("SELECT 1 FROM clinic FOR UPDATE"))
            clinic = await session.get(Clinic, clinic_id)
            clinic.digest_hour += 1
            session.add(clinic)

    await asyncio.gather(*(increment() for _ in range(40)))
    async with database.reading() as session:
        assert (await session.get(Clinic, clinic_id)).digest_hour == 48


async def test_two_processes_on_one_sqlite_file_lose_no_increment(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}"
    first, second = Database(url), Database(url)
    await migrate(first)
    clinic_id = await add_clinic(first)

    async def increment(database: Database) -> None:
        async with database.writing() as session:
            clinic = await session.get(Clinic, clinic_id)
            clinic.digest_hour += 1
            session.add(clinic)

    await asyncio.gather(*(increment(which) for _ in range(20) for which in (first, second)))
    async with first.reading() as session:
        assert (await session.get(Clinic, clinic_id)).digest_hour == 48
    await first.dispose()
    await second.dispose()


async def test_an_open_reader_does_not_stop_a_writer(database: Database) -> None:
    clinic_id = await add_clinic(database)
    async with database.reading() as reader:
        before = (await reader.get(Clinic, clinic_id)).digest_hour
        async with asyncio.timeout(3), database.writing() as writer:
            clinic = await writer.get(Clinic, clinic_id)
            clinic.digest_hour = 20
            writer.add(clinic)
        assert before == 8


async def test_a_reading_session_on_sqlite_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'read.db'}")
    await migrate(database)
    async with database.reading() as session:
        with pytest.raises(DBAPIError, match="readonly"):
            await session.exec(text("DELETE FROM clinic"))
    await database.dispose()


async def test_times_come_back_as_the_same_moment_in_utc(database: Database) -> None:
    there = datetime(2026, 3, 3, 4, 0, tzinfo=timezone(timedelta(hours=-8)))
    async with database.writing() as session:
        session.add(Heartbeat(name="x", at=there))
    async with database.reading() as session:
        found = await session.get(Heartbeat, "x")
        same = (await session.exec(select(Heartbeat).where(Heartbeat.at == there))).all()
    assert found.at == there
    assert found.at.utcoffset() == timedelta(0)
    assert len(same) == 1


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 3, 4, 0, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(StatementError):
        async with database.writing() as session:
            session.add(Heartbeat(name="x", at=naive))


async def test_telegram_ids_beyond_32_bits_are_kept(database: Database) -> None:
    clinic_id = await add_clinic(database)
    async with database.writing() as session:
        session.add(
            Person(clinic_id=clinic_id, telegram_id=7_000_000_001, name="", created_at=NOON)
        )
    async with database.reading() as session:
        assert (await session.exec(select(Person.telegram_id))).one() == 7_000_000_001


async def test_a_row_without_its_parent_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(Role(clinic_id=999, person_id=999, role="admin", granted_at=NOON))


@pytest.mark.parametrize(
    "row",
    [
        lambda clinic: TreatmentSession(
            clinic_id=clinic, patient_id=1, at=NOON, recorded_at=NOON, pain_before=11
        ),
        lambda clinic: CheckIn(
            clinic_id=clinic, patient_id=1, step="24h", protocol_version=1, due_at=NOON,
            closes_at=NOON, state="well",
        ),
    ],
)  # fmt: skip
async def test_an_impossible_value_is_refused_by_the_database_itself(database, row) -> None:
    clinic_id = await add_clinic(database)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(row(clinic_id))


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await revision(database) == newest_revision()
    assert await migrate(database) == (newest_revision(), newest_revision())


async def test_the_models_and_the_migrations_describe_the_same_tables(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, SQLModel.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_postgresql_that_stops_answering_is_away_and_serves_again_later(
    postgres_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.STATEMENT_SECONDS", 0.3)
    database = Database(new_postgres_database(postgres_host))
    try:
        with pytest.raises(DatabaseAwayError, match="no answer"):
            async with database.writing() as session:
                await (await session.connection()).execute(text("SELECT pg_sleep(30)"))
        assert database.weather.fault == "no answer"
        async with database.writing() as session:
            assert (await (await session.connection()).execute(text("SELECT 1"))).scalar() == 1
        assert database.weather.fault is None
    finally:
        await database.dispose()
