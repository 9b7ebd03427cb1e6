"""The whole stack for a test: simulated Telegram, the real bot, a clinic set up in chat."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.demo import Stage, stage
from bot.play import join, record_session
from sandbox.people import Person
from sandbox.specification import Specification
from sandbox.telegram import Telegram
from tests.conftest import SPECIFICATION

__all__ = ["Stage", "answers", "join", "record_session", "session_for", "stage_for"]

WELL = ("No, none of these", "2", "Mild", "None", "No, nothing new")


@asynccontextmanager
async def stage_for(tmp_path: Path, database_url: str):
    """A stage on this database; a call that the Bot API does not know fails the test."""
    described = Specification.load(SPECIFICATION) if SPECIFICATION.exists() else None
    telegram = Telegram(specification=described)
    async with stage(tmp_path, port=0, database_url=database_url, telegram=telegram) as found:
        yield found
        assert await found.world.violations() == []


async def session_for(found: Stage, patient: Person, region: str = "Arm or leg") -> None:
    """The patient joins, has a session recorded, and the safety message has come."""
    await join(found, patient)
    await record_session(found, region)
    await found.world.to_next_event()
    await patient.sees("Mild soreness")


async def answers(patient: Person, labels: Sequence[str]) -> None:
    """Tap one label after another."""
    for label in labels:
        await patient.taps(label)
