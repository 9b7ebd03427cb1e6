"""Several copies of the bot on one PostgreSQL database: nothing twice, no gap, whoever dies."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import func, select

from storage.tables import OutboxRow
from tests.conftest import new_postgres_database
from tests.copies.clinic import Copies, several
from tests.copies.crowd import crowd
from tests.thorough import THOROUGH

SIZE = 5_000 if THOROUGH else 1_000
AGAIN = "In case you missed it"


def check_ins_seen(found: Copies, chats: list[int]) -> list[list[str]]:
    """What each of these chats got that opens a check-in."""
    return [
        [
            message.content["text"]
            for message in found.telegram.chats[chat].messages.values()
            if "Check 1 of 5" in message.content.get("text", "")
        ]
        for chat in chats
    ]


async def delivered(found: Copies, chats: list[int], number: int, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while sum(map(bool, check_ins_seen(found, chats))) < number:
            await asyncio.sleep(0.2)


async def check_in_states(found: Copies) -> dict[str, int]:
    async with found.work.reading() as session:
        query = (
            select(OutboxRow.state, func.count())
            .where(OutboxRow.kind == "check_in", OutboxRow.id >= 1_000_000)
            .group_by(OutboxRow.state)
        )
        return dict((await session.exec(query)).all())


@pytest.mark.timeout(240)
async def test_thousands_of_check_ins_leave_once_while_copies_come_and_go(
    tmp_path: Path, postgres_host: str
) -> None:
    url = new_postgres_database(postgres_host)
    async with several(tmp_path, url, webhook=True, BULK_PER_SECOND="1000") as found:
        ben, world = found.stage.ben, found.stage.world
        chats = await crowd(found.work, found.telegram, SIZE)
        await found.start()
        await world.forward(hours=24, minutes=1)
        await delivered(found, chats, SIZE // 10, 60)
        third = await found.start()
        await delivered(found, chats, SIZE * 3 // 10, 60)
        await found.kill(found.started[0])
        await ben.sees("Check 1 of 5")
        await ben.taps("Yes, or not sure")
        # The dead copy may have had its chat in hand: another takes that over within seconds.
        await ben.sees("Tap all, then Done", timeout=30)
        await ben.taps("Breathless")
        began = time.monotonic()
        await found.stage.clinician.sees("Possible pneumothorax", in_chat=found.stage.group)
        alarm_seconds = time.monotonic() - began
        await delivered(found, chats, SIZE // 2, 60)
        assert await third.stop() == 0
        await found.start()
        await delivered(found, chats, SIZE, 120)
        until = time.monotonic() + 90
        while (states := await check_in_states(found)) != {"sent": SIZE}:
            assert time.monotonic() < until, states
            await asyncio.sleep(0.2)
        seen = check_ins_seen(found, chats)
        unmarked = [texts for texts in seen if sum(AGAIN not in text for text in texts) > 1]
        assert unmarked == []
        # Who died can have had no more under way than its lanes hold.
        assert sum(len(texts) > 1 for texts in seen) < 800
        assert Counter(map(bool, seen)) == {True: SIZE}
        assert alarm_seconds < 10


async def test_when_the_polling_copy_dies_another_answers_within_seconds(
    tmp_path: Path, postgres_host: str
) -> None:
    async with several(tmp_path, new_postgres_database(postgres_host), webhook=False) as found:
        await found.stage.world.forward(hours=24, minutes=1)
        await found.stage.ben.sees("Check 1 of 5")
        second = await found.start()
        assert "on_duty" not in second.log.read_text()
        await found.kill(found.started[0])
        await found.stage.ben.taps("No, none of these")
        await found.stage.ben.sees("How bad is your pain")
        assert "on_duty" in second.log.read_text()


async def test_a_copy_that_froze_loses_its_duty_and_comes_back_without_harm(
    tmp_path: Path, postgres_host: str
) -> None:
    import signal

    async with several(tmp_path, new_postgres_database(postgres_host), webhook=False) as found:
        await found.stage.world.forward(hours=24, minutes=1)
        await found.stage.ben.sees("Check 1 of 5")
        frozen, second = found.started[0], await found.start()
        frozen.process.send_signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(25):
                while "on_duty" not in second.log.read_text():
                    await asyncio.sleep(0.2)
        finally:
            frozen.process.send_signal(signal.SIGCONT)
        await found.stage.ben.taps("No, none of these")
        await found.stage.ben.sees("How bad is your pain")
        await found.stage.ben.taps("3")
        await found.stage.ben.sees("How sore")
        assert frozen.process.returncode is None


async def test_on_sqlite_a_second_copy_stands_by_and_takes_over(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'one.db'}"
    async with several(tmp_path, url, webhook=False) as found:
        await found.stage.world.forward(hours=24, minutes=1)
        await found.stage.ben.sees("Check 1 of 5")
        starting = asyncio.create_task(found.start())
        log = tmp_path / "copy-1.log"
        async with asyncio.timeout(20):
            while not (log.exists() and "standing_by" in log.read_text()):
                await asyncio.sleep(0.05)
        await found.kill(found.started[0])
        await starting
        await found.stage.ben.taps("No, none of these")
        await found.stage.ben.sees("How bad is your pain")
