"""Databases of both kinds side by side."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from storage.engine import Database
from tests.conftest import new_postgres_database
from tests.walk.conftest import clinic, either

__all__ = ["New", "clinic", "either", "new"]

New = Callable[[str], Database]


@pytest.fixture
async def new(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[New]:
    """Makes an empty database of a kind, not yet migrated."""
    async with AsyncExitStack() as stack:
        made = 0

        def make(kind: str) -> Database:
            nonlocal made
            made += 1
            if kind == "sqlite":
                database = Database(f"sqlite+aiosqlite:///{tmp_path / f'{made}.db'}")
            else:
                host = request.getfixturevalue("postgres_host")
                database = Database(new_postgres_database(host))
            stack.push_async_callback(database.dispose)
            return database

        yield make
