"""The operator's commands as processes: every finding named, and an end without a traceback."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.demo import TOKEN, stage
from sandbox.server import serving

ROOT = Path(__file__).parents[2]
KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


async def start(folder: Path, *words: str, **settings: str) -> asyncio.subprocess.Process:
    """The command in an empty folder, with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        cwd=folder, env=kept | {
            "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LISTEN": "127.0.0.1:0",
        } | settings,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> Ended:
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    found = Ended(process.returncode or 0, out.decode(), err.decode())
    assert "Traceback" not in found.said, found.said
    return found


async def command(folder: Path, *words: str, **settings: str) -> Ended:
    return await ended(await start(folder, *words, **settings))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "settings",
    [
        {"ENCRYPTION_KEYS": KEY},
        {"ENCRYPTION_KEYS": KEY, "BOT_TOKEN": "my token"},
        {"BOT_TOKEN": TOKEN},
        {"BOT_TOKEN": TOKEN, "ENCRYPTION_KEYS": "x"},
    ],
)
async def test_run_says_what_is_wrong_on_one_line_and_leaves_nothing_behind(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    found = await command(tmp_path, "run", **settings)

    assert found.code == 2
    assert len(found.said.splitlines()) == 1
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_telegram_out_of_reach_ends_run_within_15_seconds_and_closes_everything(
    tmp_path: Path,
) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    begun = time.monotonic()
    found = await command(
        tmp_path, "run", BOT_TOKEN=TOKEN, TELEGRAM_API_URL=address, ENCRYPTION_KEYS=KEY
    )

    assert time.monotonic() - begun < 15
    assert found.code == 1
    assert f"cannot be reached at TELEGRAM_API_URL ({address}): no connection." in found.err
    assert "Unclosed" not in found.err


async def test_check_with_nothing_set_lists_every_finding_not_only_the_first(
    tmp_path: Path,
) -> None:
    found = await command(tmp_path, "check")

    assert found.code == 1
    faults = [line for line in found.out.splitlines() if line.startswith("FAULT")]
    assert [fault.split(":")[0] for fault in faults] == [
        "FAULT encryption", "FAULT database", "FAULT token",
    ]  # fmt: skip


async def test_check_lists_settings_that_cannot_be_read_as_faults(tmp_path: Path) -> None:
    found = await command(tmp_path, "check", BOT_TOKEN="my token", ADMIN_IDS="me")

    assert found.code == 1
    assert [line.split(" takes")[0] for line in found.out.splitlines()] == [
        "FAULT settings: BOT_TOKEN", "FAULT settings: ADMIN_IDS",
    ]  # fmt: skip
    assert "my token" not in found.said


async def test_check_of_a_clinic_that_is_set_up_finds_no_fault(tmp_path: Path) -> None:
    async with stage(tmp_path, port=0) as found:
        settings = found.house.settings
        checked = await command(
            tmp_path, "check", BOT_TOKEN=TOKEN, TELEGRAM_API_URL=found.url,
            DATABASE_URL=settings.database_url, ENCRYPTION_KEYS=settings.encryption_keys[0],
        )  # fmt: skip

    assert checked.code == 0, checked.said
    assert "FAULT" not in checked.out
    assert "token: this is @symptom_diary_bot" in checked.out
    assert "alerts: a group, 1 on duty" in checked.out


async def test_audit_verify_names_the_entry_that_was_changed(tmp_path: Path) -> None:
    async with stage(tmp_path, port=0) as found:
        address = found.house.settings.database_url
    whole = await command(tmp_path, "audit", "verify", DATABASE_URL=address)
    taken = await command(tmp_path, "audit", "export", "chain.jsonl", DATABASE_URL=address)
    apart = await command(tmp_path, "audit", "verify", "chain.jsonl")
    text = (tmp_path / "chain.jsonl").read_text().replace("role_granted", "role_revoked", 1)
    (tmp_path / "chain.jsonl").write_text(text)
    forged = await command(tmp_path, "audit", "verify", "chain.jsonl")
    with sqlite3.connect(tmp_path / "demo.db") as database:
        database.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 3")
    database.close()
    changed = await command(tmp_path, "audit", "verify", DATABASE_URL=address)

    assert whole.code == 0
    assert "The audit chain is whole" in whole.out
    assert (taken.code, apart.code, forged.code) == (0, 0, 1)
    assert apart.out == whole.out
    assert "breaks at entry 2: its content was changed" in forged.err
    assert changed.code == 1
    assert "breaks at entry 3: its content was changed" in changed.err


async def test_a_database_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"}
    nobody = {"DATABASE_URL": f"postgresql+asyncpg://me@127.0.0.1:{closed_port()}/diary"}
    serve = nowhere | {"BOT_TOKEN": TOKEN, "ENCRYPTION_KEYS": KEY}
    for found in (
        await command(tmp_path, "migrate", **nowhere),
        await command(tmp_path, "migrate", **nobody),
        await command(tmp_path, "run", **serve),
        await command(tmp_path, "audit", "verify"),
    ):
        assert found.code == 1
        assert "DATABASE_URL" in found.err
        assert len(found.said.splitlines()) == 1


async def test_ctrl_c_ends_run_quietly(tmp_path: Path) -> None:
    async with serving() as telegram:
        running = await start(
            tmp_path, "run", BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url, ENCRYPTION_KEYS=KEY
        )
        assert running.stderr is not None
        async with asyncio.timeout(20):
            # The last thing it says once it serves.
            while b"protocol_unsigned" not in await running.stderr.readline():
                pass
        running.send_signal(signal.SIGINT)
        found = await ended(running)

    assert found.code == 0
    assert found.said == ""


async def test_ctrl_c_ends_the_demo_quietly(tmp_path: Path) -> None:
    demo = await start(tmp_path, "demo", "--port", str(closed_port()))
    assert demo.stdout is not None
    async with asyncio.timeout(30):
        while b"The demo runs at" not in await demo.stdout.readline():
            pass
    demo.send_signal(signal.SIGINT)
    found = await ended(demo)

    assert found.code in (0, 130)
    assert found.said == ""


async def test_the_demo_says_when_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = await command(tmp_path, "demo", "--port", str(port))

    assert found.code == 1
    (line,) = found.said.splitlines()
    assert line == f"Port {port} is taken: choose another with --port."
