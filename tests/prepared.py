"""Databases at the newest schema, copied from one that was migrated once per test process."""

import asyncio
import secrets
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from storage.engine import Database
from storage.schema import migrate


def prepare(database_url: str) -> str:
    """Bring an empty database to the newest schema without running the migrations again."""
    if database_url.startswith("sqlite"):
        path = Path(str(make_url(database_url).database))
        if not path.exists():
            shutil.copyfile(_sqlite_template(), path)
        return database_url
    host, name = _host_and_name(database_url)
    _run(_copy(host, _postgres_template(host), name))
    return database_url


def _host_and_name(database_url: str) -> tuple[str, str]:
    url = make_url(database_url)
    return str(url.query["host"]), str(url.database)


@cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="template-")) / "template.db"
    _run(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@cache
def _postgres_template(host: str) -> str:
    name = f"template_{secrets.token_hex(4)}"
    _run(_command(host, f"CREATE DATABASE {name}"))
    _run(_migrated(f"postgresql+asyncpg://postgres@/{name}?host={host}"))
    return name


async def _migrated(database_url: str) -> None:
    database = Database(database_url)
    await migrate(database)
    await database.dispose()


async def _copy(host: str, template: str, name: str) -> None:
    await _command(host, f"DROP DATABASE IF EXISTS {name}")
    await _command(host, f"CREATE DATABASE {name} TEMPLATE {template}")


async def _command(host: str, words: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(host=host, user="postgres", database="postgres")
    try:
        await connection.execute(words)
    finally:
        await connection.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end in a thread of its own: the caller may be inside an event loop."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
