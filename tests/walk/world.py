"""The whole stack for a test: simulated Telegram, the real bot, a clinic set up in chat."""

from contextlib import asynccontextmanager
from pathlib import Path

from bot.demo import Stage, stage
from bot.play import join, record_session
from sandbox.people import Person
from sandbox.specification import Specification
from sandbox.telegram import Telegram
from tests.conftest import SPECIFICATION


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
    await found.world.forward(hours=2, minutes=1)
    await patient.sees("Mild soreness")


async def check_in_for(found: Stage, patient: Person, region: str = "Arm or leg") -> None:
    """The patient's 24 h check-in has come."""
    await session_for(found, patient, region)
    await found.world.forward(hours=22)
    await patient.sees("Check 1 of 5")


async def taps(patient: Person, *steps: tuple[str, str | None]) -> None:
    """Tap a label, and wait for the words of the screen that follows (None: for nothing)."""
    for label, then in steps:
        await patient.taps(label)
        if then is not None:
            await patient.sees(then)


TO_PAIN = ("No, none of these", "How bad is your pain")
TO_SORENESS = ("3", "How sore")
TO_BRUISING = ("Mild", "Any bruising")
TO_NEW = ("None: normal", "Anything NEW")
WELL_UNTIL_NEW = (TO_PAIN, TO_SORENESS, TO_BRUISING, TO_NEW)
