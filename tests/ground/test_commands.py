"""`backup` and `restore` as the operator meets them: one sentence, an exit code, no traceback."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.copies import nobody_serves
from storage.engine import Database
from storage.schema import migrate
from tests.ground.rows import KEY, SNAPSHOT, everything, fill
from tests.unit.test_operating import command
from tests.walk.process import outliving


def sqlite(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def test_a_backup_of_a_running_bot_is_restored_elsewhere(tmp_path: Path) -> None:
    async with outliving(tmp_path, sqlite(tmp_path / "live.db")) as found:
        settings = found.bot.settings
        kept = await command(tmp_path, "backup", "kept", **settings)
        assert kept.code == 0
        assert "Saved" in kept.out
        again = await command(tmp_path, "backup", "kept", **settings)
        assert (again.code, "--force" in again.err) == (1, True)
        assert (await command(tmp_path, "backup", "kept", "--force", **settings)).code == 0
        busy = await command(tmp_path, "restore", "kept", "--force", **settings)
        assert (busy.code, "stop it" in busy.err) == (1, True)
    elsewhere = settings | {"DATABASE_URL": sqlite(tmp_path / "other.db")}
    done = await command(tmp_path, "restore", "kept", **elsewhere)
    assert done.code == 0, done.said
    assert "Its words open with" in done.out
    copied = Database(elsewhere["DATABASE_URL"])
    assert len((await everything(copied))["patient"]) == 1
    await copied.dispose()


async def test_a_bot_that_runs_on_postgresql_is_not_overwritten(
    tmp_path: Path, database: Database
) -> None:
    await fill(database)
    async with nobody_serves(database) as alone:
        assert alone
        done = await command(
            tmp_path, "restore", str(SNAPSHOT), "--force", DATABASE_URL=database.url,
            ENCRYPTION_KEYS=KEY,
        )  # fmt: skip
    assert (done.code, "stop it" in done.err) == (1, True)


async def test_a_database_with_rows_is_replaced_only_when_asked(
    tmp_path: Path, database: Database
) -> None:
    settings = {"DATABASE_URL": database.url, "ENCRYPTION_KEYS": KEY}
    first = await command(tmp_path, "restore", str(SNAPSHOT), **settings)
    assert first.code == 0, first.said
    assert "schema 0001" in first.out
    before = await everything(database)
    second = await command(tmp_path, "restore", str(SNAPSHOT), **settings)
    assert (second.code, "--force" in second.err) == (1, True)
    assert await everything(database) == before
    third = await command(tmp_path, "restore", str(SNAPSHOT), "--force", **settings)
    assert third.code == 0, third.said
    assert await everything(database) == before


async def test_a_restore_without_the_right_key_names_it(tmp_path: Path) -> None:
    done = await command(
        tmp_path, "restore", str(SNAPSHOT), DATABASE_URL=sqlite(tmp_path / "a.db"),
        ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    )  # fmt: skip
    assert done.code == 0
    assert "open with none of the present ENCRYPTION_KEYS" in done.err


@pytest.mark.parametrize("content", [b"", b"no backup", SNAPSHOT.read_bytes()[:5000]])
async def test_a_damaged_file_changes_nothing_and_is_said_in_one_line(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bad").write_bytes(content)
    database = Database(sqlite(tmp_path / "a.db"))
    await migrate(database)
    before = await everything(database)
    done = await command(tmp_path, "restore", "bad", "--force", DATABASE_URL=database.url)
    assert (done.code, len(done.said.splitlines())) == (1, 1)
    assert await everything(database) == before
    await database.dispose()


@pytest.mark.parametrize("where", ["absent/b", ".", "kept.db"])
async def test_a_backup_that_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, where: str
) -> None:
    url = sqlite(tmp_path / "kept.db")
    await command(tmp_path, "migrate", DATABASE_URL=url)
    done = await command(tmp_path, "backup", where, DATABASE_URL=url)
    assert (done.code, len(done.said.splitlines())) == (1, 1), done.said
