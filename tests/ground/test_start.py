"""A database that cannot be used at the start: one sentence, an exit code, no traceback."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.demo import TOKEN
from sandbox.server import serving
from storage.engine import Database
from storage.schema import migrate
from tests.ground.rows import KEY, fill
from tests.unit.test_operating import command

COMMANDS = (("run",), ("migrate",), ("backup", "copy"), ("audit", "verify"))

LOGGED = ("protocol_unsigned", "database_unavailable", "listening")


async def said(folder: Path, *words: str, url: str) -> str:
    async with serving() as telegram:
        done = await command(
            folder, *words, DATABASE_URL=url, BOT_TOKEN=TOKEN, ENCRYPTION_KEYS=KEY,
            TELEGRAM_API_URL=telegram.url,
        )  # fmt: skip
    assert done.code in (1, 2), done.said
    lines = [line for line in done.said.splitlines() if not set(LOGGED) & set(line.split())]
    assert len(lines) == 1, done.said
    return lines[0]


@pytest.fixture
async def kept(tmp_path: Path) -> Path:
    path = tmp_path / "kept.db"
    database = Database(f"sqlite+aiosqlite:///{path}")
    await fill(database)
    await database.dispose()
    return path


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
async def test_a_file_that_is_no_database(tmp_path: Path, words) -> None:
    path = tmp_path / "a.db"
    path.write_text("This is a letter, and no database. " * 100)
    sentence = await said(tmp_path, *words, url=f"sqlite+aiosqlite:///{path}")
    assert "the file is no database" in sentence
    assert path.read_text().startswith("This is a letter")


def damage(path: Path) -> None:
    """Spoil every page but the first, which holds the header and the list of tables."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("words", [("run",), ("backup", "copy")], ids=" ".join)
async def test_a_damaged_database(tmp_path: Path, kept: Path, words) -> None:
    damage(kept)
    assert "damaged" in await said(tmp_path, *words, url=f"sqlite+aiosqlite:///{kept}")


@pytest.mark.parametrize("folder_too", [False, True])
async def test_a_database_that_may_only_be_read(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, folder_too: bool
) -> None:
    away = tmp_path / "elsewhere"
    away.mkdir()
    allow(kept, 0o444)
    allow(tmp_path, 0o555 if folder_too else 0o755)
    with as_no_superuser(monkeypatch):
        sentence = await said(away, "run", url=f"sqlite+aiosqlite:///{kept}")
    allow(tmp_path, 0o755)
    assert "may not be written" in sentence or "cannot be opened" in sentence


def allow(path: Path, mode: int) -> None:
    path.chmod(mode)


@contextmanager
def as_no_superuser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes are started without root's right to write whatever it likes."""
    started = asyncio.create_subprocess_exec
    dropping = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")

    async def start(*words: str, **how: object) -> asyncio.subprocess.Process:
        return await started(*dropping, *words, **how)

    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everything, and there is no setpriv here")
        monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    yield


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'absent' / 'a.db'}"
    assert "the file cannot be opened" in await said(tmp_path, "run", url=url)


async def test_a_database_of_a_newer_version(tmp_path: Path, database: Database) -> None:
    await migrate(database)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for words in (("run",), ("migrate",)):
        assert "newer version (schema 9999)" in await said(tmp_path, *words, url=database.url)


async def test_a_postgresql_server_that_is_not_there(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://postgres@/nothing?host={tmp_path}"
    assert "cannot be opened" in await said(tmp_path, "run", url=url)
