"""One clinic for a test, on SQLite unless the test asks for both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.walk.world import Stage, stage_for


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Stage]:
    """A clinic on SQLite; flood limits are off, because they are the topic of other tests."""
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as found:
        await found.world.limits(enabled=False)
        yield found


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Stage]:
    """A clinic on SQLite and on PostgreSQL in turn."""
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        yield found
