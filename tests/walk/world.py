"""The whole stack for a test: simulated Telegram, the real bot, a clinic set up in chat."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from bot.demo import Stage, stage
from bot.play import join, record_session
from bot.transport import AiohttpRequest
from care import self_audit
from care.self_audit import Imbalance
from care.work import Work
from sandbox.people import Person
from sandbox.specification import Specification
from sandbox.telegram import Telegram
from storage.engine import writing_here
from storage.trouble import away
from tests.conftest import SPECIFICATION
from tests.prepared import prepare


@asynccontextmanager
async def stage_for(tmp_path: Path, database_url: str):
    """A stage on this database. A call that the Bot API does not know fails the test, and so does
    one made while a transaction is open.
    """
    transport = _Watched(AiohttpRequest.do_request)
    with patch.object(AiohttpRequest, "do_request", transport.do_request):
        async with _stage(tmp_path, database_url) as found:
            yield found
    assert transport.inside_a_transaction == []


@dataclass
class _Watched:
    """Telegram's calls, and which of them were made while a transaction was open."""

    call: Callable[..., Awaitable[tuple[int, bytes]]]
    inside_a_transaction: list[str] = field(default_factory=list)

    @property
    def do_request(self) -> Callable[..., Awaitable[tuple[int, bytes]]]:
        async def watched(request: AiohttpRequest, url: str, *rest, **more) -> tuple[int, bytes]:
            if writing_here.get():
                self.inside_a_transaction.append(url.rpartition("/")[2])
            return await self.call(request, url, *rest, **more)

        return watched


@asynccontextmanager
async def _stage(tmp_path: Path, database_url: str):
    described = Specification.load(SPECIFICATION) if SPECIFICATION.exists() else None
    telegram = Telegram(specification=described)
    async with stage(
        tmp_path, port=0, database_url=prepare(database_url), telegram=telegram
    ) as found:
        yield found
        assert await found.world.violations() == []
        wrong = await _out_of_balance(found.house.work)
        assert not wrong, wrong


async def _out_of_balance(work: Work) -> list[Imbalance]:
    """What is wrong at two looks: at one, a step may be on its way between two transactions."""
    found = await _look(work)
    if found:
        await asyncio.sleep(1)
        found &= await _look(work)
    return sorted(found)


async def _look(work: Work) -> frozenset[Imbalance]:
    for _ in range(10):
        try:
            return await self_audit.look(work)
        except Exception as error:  # a test may have cut the connections that the pool has
            if not away(error):
                raise
    raise AssertionError("the database stays away")


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
