"""The machine's clock set forward and back under the running bot: nothing lost, nothing double."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import apscheduler.executors.base
import apscheduler.schedulers.base
import pytest
import telegram.ext._jobqueue
from sqlmodel import select
from structlog.testing import capture_logs

import storage.alerts
from bot import app
from bot.clock import SystemClock
from bot.play import WELL, answer_all
from storage.tables import OutboxRow
from tests.ground.test_sqlite_faults import shown, times, until
from tests.walk.record import check_ins, the_alert
from tests.walk.world import Stage, join, record_session, stage_for


class SettableClock(SystemClock):
    """A machine's clock that somebody sets, for us and for the job queue alike.

    It begins on a Tuesday at ten, like the simulated Telegram's.
    """

    def __init__(self) -> None:
        super().__init__()
        now = datetime.now(UTC)
        tuesday = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
        self.offset = tuesday.replace(hour=10, minute=0, second=0, microsecond=0) - now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def set(self, **by: float) -> None:
        self.offset += timedelta(**by)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()

    class Shown(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now().astimezone(tz)

    monkeypatch.setattr(app, "make_clock", lambda _url: clock)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shown)
    monkeypatch.setattr(apscheduler.executors.base, "datetime", Shown)
    dates = SimpleNamespace(**{**vars(telegram.ext._jobqueue.dtm), "datetime": Shown})
    monkeypatch.setattr(telegram.ext._jobqueue, "dtm", dates)
    return clock


@pytest.fixture
async def found(tmp_path: Path, machine: SettableClock) -> AsyncIterator[Stage]:
    """Ben has joined and had a session just now."""
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as stage:
        await stage.world.limits(enabled=False)
        await join(stage, stage.ben)
        await record_session(stage, "Neck, shoulder")
        yield stage


async def rows(found: Stage) -> list[OutboxRow]:
    async with found.house.work.reading() as session:
        return list((await session.exec(select(OutboxRow))).all())


async def nothing_is_overdue(found: Stage) -> None:
    async with asyncio.timeout(20):
        while any(
            row.state == "due" and row.due_at <= found.house.clock.now()
            for row in await rows(found)
        ):
            await asyncio.sleep(0.1)


async def nothing_went_twice(found: Stage) -> None:
    texts = Counter(message.text for message in found.ben.view().messages if not message.out)
    assert {text: number for text, number in texts.items() if number > 1} == {}


@asynccontextmanager
async def lively(most: float) -> AsyncIterator[None]:
    """The loop is never blocked for longer than `most` seconds."""
    longest = 0.0

    async def feel() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    task = asyncio.create_task(feel())
    yield
    task.cancel()
    assert longest < most


async def test_set_forward_three_hours_what_is_due_leaves_once(
    found: Stage, machine: SettableClock
) -> None:
    machine.set(hours=3)
    await found.ben.sees("Mild soreness")
    await nothing_is_overdue(found)
    machine.set(hours=-3)
    await asyncio.sleep(2)
    machine.set(hours=2, minutes=5)
    await asyncio.sleep(2)
    await nothing_is_overdue(found)
    assert shown(found, "Mild soreness") == 1


async def test_a_check_in_that_came_by_a_wrong_clock_does_not_come_again_at_the_right_time(
    found: Stage, machine: SettableClock
) -> None:
    machine.set(hours=24)
    await found.ben.sees("Check 1 of 5")
    machine.set(hours=-24)
    await answer_all(found.ben, WELL)
    await found.ben.sees("All as expected")
    machine.set(hours=24)
    await asyncio.sleep(3)
    await nothing_is_overdue(found)
    assert shown(found, "Check 1 of 5") == 0
    sent = [call for call in await found.world.calls("sendMessage") if "Check 1 of 5" in str(call)]
    assert len(sent) == 1
    assert [check.state for check in await check_ins(found, "24h")] == ["complete"]


async def test_set_forward_a_month_the_bot_stays_awake_and_writes_down_what_was_too_late(
    found: Stage, machine: SettableClock
) -> None:
    async with lively(1.0):
        machine.set(days=30)
        await nothing_is_overdue(found)
        await asyncio.sleep(2)
    assert {check.state for check in await check_ins(found)} <= {"missed", "no_answer"}
    assert {row.state for row in await rows(found) if row.kind == "check_in"} <= {"missed", "sent"}
    machine.set(days=-30)
    await asyncio.sleep(2)
    await nothing_is_overdue(found)
    assert shown(found, "Check 1 of 5") <= 2


async def events(found: Stage, alert_id: int) -> set[str]:
    async with found.house.work.reading() as session:
        return {event.kind for event in await storage.alerts.events(session, alert_id)}


@pytest.mark.parametrize("back", [{"hours": 1}, {"days": 1}], ids=str)
async def test_set_back_the_tick_comes_to_life_again_and_messages_go_on(
    found: Stage, machine: SettableClock, back: dict[str, float]
) -> None:
    with capture_logs() as logs:
        machine.set(**{unit: -number for unit, number in back.items()})
        await until(lambda: times(logs, "tick_revived"), 20)
        assert times(logs, "clock_set_back") == 1
        machine.set(**back)
        machine.set(hours=2, minutes=1)
        await found.ben.sees("Mild soreness")
        await asyncio.sleep(3)
        assert times(logs, "tick_revived") <= 2
    machine.set(hours=22)
    await found.ben.sees("Check 1 of 5")
    assert shown(found, "Mild soreness") == shown(found, "Check 1 of 5") == 1


async def test_set_back_a_day_an_unread_alert_is_still_pressed_within_its_time(
    found: Stage, machine: SettableClock
) -> None:
    await found.ben.taps("Report a problem")
    await found.ben.sees("Check 1 of 5")
    await found.ben.taps("Yes, or not sure")
    await found.ben.sees("Tap all, then Done")
    await found.ben.taps("Breathless")
    await found.clinician.sees("Possible pneumothorax")
    alert = await the_alert(found)
    with capture_logs() as logs:
        machine.set(days=-1)
        await until(lambda: times(logs, "waits_begun_anew"), 20)
        # The follow-up questions time out meanwhile, which pages anew; then that time is over.
        for _ in range(2):
            machine.set(minutes=16)
            await nothing_is_overdue(found)
        async with asyncio.timeout(10):
            while "escalated" not in await events(found, alert.id):
                await asyncio.sleep(0.1)
