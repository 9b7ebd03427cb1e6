"""A practice on a fresh database of each kind."""

import pytest

from care.work import Work
from tests.clocks import FixedClock
from tests.exports.practice import Practice


@pytest.fixture
async def practice(work: Work, clock: FixedClock) -> Practice:
    return await Practice.found(work, clock)
