"""A database from before keeps its patients, who then have no id of the clinic's own."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from storage.engine import Database
from storage.schema import MIGRATIONS, migrate


def _to_the_first(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def test_patients_of_an_older_database_stay_and_have_no_external_id(
    database_url: str,
) -> None:
    database = Database(database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(_to_the_first)
        await connection.execute(
            text(
                "INSERT INTO clinic (id, name, phone, zone, language, emergency_number, "
                "urgent_number, opening_hours, digest_hour, consent_version, protocol_version, "
                "created_at) VALUES (1, 'R', '', 'UTC', 'en', '112', '', '{}', 8, 1, 1, "
                "'2026-03-03 12:00:00+00:00')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO patient (id, clinic_id, ref, code, name, phone, language, "
                "created_at) VALUES (1, 1, 'r', 'P-AAAA', '', '', 'en', "
                "'2026-03-03 12:00:00+00:00')"
            )
        )
    await migrate(database)
    async with database.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT code, external_id FROM patient"))).all()
    await database.dispose()
    assert [tuple(row) for row in rows] == [("P-AAAA", "")]
