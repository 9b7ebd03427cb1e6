"""Away for five minutes, three hours, three days: what is late, missed, asked again and summed up.

The bot is a process of its own that is stopped and started again, so that everything it knows
comes from the database.
"""

import asyncio
from pathlib import Path

import pytest
from sqlmodel import select

from care import away
from care.work import Work
from storage.tables import CheckIn
from tests.clocks import FixedClock
from tests.walk.process import Outliving, outliving

LONG = "could not receive anything"


def long_ago_told(found: Outliving) -> list[str]:
    return [m.text for m in found.ben.view().messages if LONG in m.text]


async def asleep(found: Outliving, **span: float) -> None:
    """The bot is down for so long."""
    await found.bot.stop()
    await found.world.forward(**span)
    await found.bot.start()


@pytest.fixture
async def outage(tmp_path: Path, database_url: str):
    async with outliving(tmp_path, database_url) as found:
        await found.world.forward(hours=2, minutes=1)
        await found.ben.sees("Mild soreness")
        yield found


async def test_five_minutes_away_the_open_question_comes_again_and_one_summary(
    outage: Outliving,
) -> None:
    await outage.world.forward(hours=22)
    await outage.ben.sees("Check 1 of 5")
    await asleep(outage, minutes=5)
    again = await outage.ben.sees("If you tapped, please tap again")
    assert "Check 1 of 5" in again.text
    assert long_ago_told(outage) == []
    await outage.world.forward(minutes=3)
    told = await outage.clinician.sees("I was away")
    assert "1 patient was told" in told.text
    assert "0 check-ins came late" in told.text
    await outage.ben.taps("No, none of these")
    await outage.ben.sees("How bad is your pain")


async def test_three_hours_away_the_check_in_comes_late_and_no_reminder_for_nothing(
    outage: Outliving,
) -> None:
    await outage.world.forward(hours=20)
    await asleep(outage, hours=3)
    await outage.ben.sees("Check 1 of 5")
    assert long_ago_told(outage) == []
    await outage.world.forward(minutes=3)
    told = await outage.clinician.sees("I was away")
    assert "1 check-in came late" in told.text


async def checks_missed(found: Outliving, number: int) -> None:
    """Wait until so many check-ins are on record as missed."""
    async with asyncio.timeout(20):
        while True:
            async with found.work.reading() as session:
                query = select(CheckIn).where(CheckIn.state == "missed")
                if len((await session.exec(query)).all()) == number:
                    return
            await asyncio.sleep(0.05)


async def test_three_days_away_everyone_is_told_once_and_missed_checks_are_named(
    outage: Outliving,
) -> None:
    await asleep(outage, days=3)
    told = await outage.ben.sees(LONG)
    assert "Report a problem" in told.labels
    await checks_missed(outage, 2)
    await outage.world.forward(minutes=3)
    summary = await outage.clinician.sees("I was away")
    assert summary.text.count("P-") == 2
    assert "24 h" in summary.text
    assert "48 h" in summary.text
    assert "1 patient was told" in summary.text
    assert sum("I was away" in m.text for m in outage.clinician.view().messages) == 1
    # Another start, and another short absence in the same hour: nobody hears it twice.
    await asleep(outage, seconds=1)
    await asleep(outage, minutes=6)
    await outage.world.forward(minutes=3)
    assert len(long_ago_told(outage)) == 1
    assert sum("I was away" in m.text for m in outage.clinician.view().messages) == 1
    digests = [m for m in outage.clinician.view().messages if m.text.startswith("Today")]
    assert len(digests) <= 1, "old digests are of no use"


async def test_who_is_told_once_is_told_once_although_the_bot_dies_meanwhile(
    outage: Outliving,
) -> None:
    await outage.bot.stop()
    await outage.world.forward(days=3)
    await outage.bot.start(die_at="claimed/long_away")
    await outage.bot.died()
    await outage.bot.start()
    await outage.ben.sees(LONG)
    await outage.world.forward(minutes=3)
    await outage.clinician.sees("I was away")
    assert len(long_ago_told(outage)) == 1


async def test_with_an_open_question_three_days_are_told_in_one_message(
    outage: Outliving,
) -> None:
    await outage.world.forward(hours=22)
    await outage.ben.sees("Check 1 of 5")
    await asleep(outage, hours=25)
    await outage.ben.sees(LONG)
    await outage.world.forward(minutes=3)
    await outage.clinician.sees("I was away")
    assert len(long_ago_told(outage)) == 1


async def test_short_absences_in_a_row_make_one_summary_an_hour(
    work: Work, clock: FixedClock
) -> None:
    from care import team

    await team.prepare(work, (7,))
    await away.beat(work)
    for _absence in range(4):
        clock.forward(minutes=6)
        gap = await away.gap_since_last_beat(work)
        assert gap is not None
        await away.ask_again(work, gap)
    async with work.reading() as session:
        assert await away.storage.outbox.written_for(session, 1, ("outage",), gap.start) <= 1


async def test_a_machine_that_slept_asks_again(tmp_path: Path) -> None:
    """The wall clock leaps, the monotonic one does not: the tick notices it."""
    from datetime import timedelta

    from bot.clock import SystemClock
    from bot.tick import Ticker

    class Leaping(SystemClock):
        leap = timedelta(0)

        def now(self):
            return super().now() + self.leap

    class Nothing:
        database = None
        wake = staticmethod(lambda: None)

    clock = Leaping()
    work = Nothing()
    work.clock = clock
    ticker = Ticker(work, None)
    leaps: list[float] = []

    async def on_leap(start, end) -> None:
        leaps.append((end - start).total_seconds())

    async def nothing():
        return clock.now()

    ticker.on_leap, ticker._set_right = on_leap, nothing
    watching = asyncio.create_task(ticker.watch(None))
    ticker.schedule = lambda _jobs: None
    await asyncio.sleep(0.5)
    clock.leap = timedelta(minutes=10)
    async with asyncio.timeout(5):
        while not leaps:
            await asyncio.sleep(0.05)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert 599 < leaps[0] < 602
