"""The operator's commands: with a wrong setting they say what to do, in a sentence, and stop."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sandbox.server import serving

ROOT = Path(__file__).parents[2]
KEY = Fernet.generate_key().decode()
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
NEEDS = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


def run(folder: Path, *words: str, text: str = "", **settings: str) -> subprocess.CompletedProcess:
    """Run the command in an empty folder with just these settings."""
    environment = {name: os.environ[name] for name in NEEDS if name in os.environ}
    environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "TERM": "dumb"}
    environment["LISTEN"] = "127.0.0.1:0"
    environment |= {"DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'cli.db'}", **settings}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=folder, env=environment, input=text,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def said(done: subprocess.CompletedProcess) -> str:
    words = done.stdout + done.stderr
    assert "Traceback" not in words, words
    return words


def test_run_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    done = run(tmp_path, "run", ENCRYPTION_KEYS=KEY)
    assert done.returncode == 2
    assert "BOT_TOKEN" in said(done)
    assert "BotFather" in said(done)
    assert not (tmp_path / "cli.db").exists()


def test_run_with_a_token_of_the_wrong_shape_names_it_and_repeats_no_value(tmp_path: Path) -> None:
    done = run(tmp_path, "run", ENCRYPTION_KEYS=KEY, BOT_TOKEN="my-secret-thing")
    assert done.returncode == 2
    assert "BOT_TOKEN" in said(done)
    assert "my-secret-thing" not in said(done)


async def test_run_with_a_token_that_telegram_does_not_know_says_what_to_do(
    tmp_path: Path,
) -> None:
    async with serving() as telegram:
        done = await asyncio.to_thread(
            run,
            tmp_path,
            "run",
            ENCRYPTION_KEYS=KEY,
            BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
        )
    assert done.returncode == 2
    assert "BotFather" in said(done)
    assert TOKEN not in said(done)


def test_run_when_telegram_cannot_be_reached_names_the_address(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    done = run(tmp_path, "run", ENCRYPTION_KEYS=KEY, BOT_TOKEN=TOKEN, TELEGRAM_API_URL=address)
    assert done.returncode == 1
    assert "TELEGRAM_API_URL" in said(done)
    assert TOKEN not in said(done)


def test_run_without_keys_says_how_to_make_them(tmp_path: Path) -> None:
    done = run(tmp_path, "run", BOT_TOKEN=TOKEN)
    assert done.returncode == 2
    assert "ENCRYPTION_KEYS" in said(done)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ENCRYPTION_KEYS": KEY}, "BOT_TOKEN"),
        ({"BOT_TOKEN": TOKEN}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": KEY, "BOT_TOKEN": TOKEN}, "TELEGRAM_API_URL"),
    ],
)
def test_check_lists_every_fault_and_fails(tmp_path: Path, settings, words) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    done = run(tmp_path, "check", TELEGRAM_API_URL=address, **settings)
    assert done.returncode == 1
    assert words in said(done)
    assert "symptom-diary migrate" in said(done)
    assert "not signed" in said(done)


async def test_check_names_a_token_that_telegram_does_not_know(tmp_path: Path) -> None:
    async with serving() as telegram:
        done = await asyncio.to_thread(
            run, tmp_path, "check", ENCRYPTION_KEYS=KEY, BOT_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Telegram does not know BOT_TOKEN" in said(done)


def test_migrate_makes_the_database_and_then_finds_it_up_to_date(tmp_path: Path) -> None:
    first, second = run(tmp_path, "migrate"), run(tmp_path, "migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "empty" in said(first)
    assert "up to date" in said(second)


def test_a_new_key_is_one_that_the_settings_take(tmp_path: Path) -> None:
    made = run(tmp_path, "keys", "new")
    assert made.returncode == 0
    done = run(tmp_path, "run", ENCRYPTION_KEYS=made.stdout.strip())
    assert "BOT_TOKEN" in said(done)
    assert "ENCRYPTION_KEYS" not in said(done)


def test_a_wrong_database_address_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "migrate", DATABASE_URL="mysql://somewhere")
    assert done.returncode == 2
    assert "DATABASE_URL" in said(done)


def test_triage_reads_lines_and_judges_them(tmp_path: Path) -> None:
    done = run(tmp_path, "triage", "--jsonl", text='{"id":1,"hours":24,"worried":true}\n')
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"id": 1, "level": "urgent", "rules": ["U10"]}


def test_triage_without_its_option_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "triage").returncode == 2


def test_the_protocol_is_shown_as_unsigned(tmp_path: Path) -> None:
    done = run(tmp_path, "protocol", "show")
    assert done.returncode == 0
    assert "NOT SIGNED" in said(done)
    assert "Possible pneumothorax" in said(done)


def test_verifying_an_audit_chain_before_there_is_one_is_no_fault(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    assert run(tmp_path, "audit", "verify").returncode == 0


def test_help_names_every_command(tmp_path: Path) -> None:
    words = said(run(tmp_path, "--help"))
    for command in ("demo", "run", "check", "migrate", "triage", "keys", "audit", "protocol"):
        assert command in words


def test_the_readme_names_every_command(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("demo", "run", "check", "migrate", "triage --jsonl", "keys new",
                    "audit verify", "protocol show"):  # fmt: skip
        assert f"symptom-diary {command}" in readme
