"""Telegram out of reach: taps are forgotten there, so what is open is asked again, once."""

import asyncio
import socket
from datetime import datetime

import pytest
from telegram.error import NetworkError

import storage.governance
from bot import app, service
from bot.demo import Stage
from care import away
from care.work import Work
from sandbox.people import Group, Person
from tests.clocks import FixedClock
from tests.walk.world import join, record_session, stage_for

AWAY = "I was away"


@pytest.fixture
async def stage(tmp_path, database_url: str):
    """Anna's check-in is open; Ben is breathless, and nobody has acknowledged it."""
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        for patient in (found.anna, found.ben):
            await join(found, patient)
            await record_session(found, "Neck, shoulder")
        await found.world.forward(hours=2, minutes=1)
        await found.world.forward(hours=22)
        for patient in (found.anna, found.ben):
            await patient.sees("Check 1 of 5")
        await found.ben.taps("Yes, or not sure")
        await found.ben.sees("Tap all, then Done")
        await found.ben.taps("Breathless")
        await found.ben.sees("Please get emergency help NOW")
        await found.clinician.sees("Possible pneumothorax")
        await found.clinician.sees("Possible pneumothorax", in_chat=found.group)
        yield found


async def out_of_reach(found: Stage, seconds: float) -> None:
    """No update can be fetched for this long (what we send still arrives)."""
    await found.world.fault("drop_before", "getUpdates")
    # The poll that is under way ends with this; those behind it are lost.
    await found.admin.sends("/help")
    await found.admin.sees("/settings")
    await asyncio.sleep(seconds)
    await found.world.clear_faults()


async def back(found: Stage) -> None:
    """The bot has fetched updates again and had the time to send."""
    await found.admin.sends("/help")
    await found.admin.sees("/settings", timeout=20)
    await asyncio.sleep(0.5)


def repeats(person: Person, in_chat: Group | None = None) -> list[str]:
    return [m.text for m in person.view(in_chat).messages if AWAY in m.text]


async def last_beat(work: Work) -> datetime | None:
    async with work.reading() as session:
        return await storage.governance.last_beat(session, away.HEARTBEAT)


async def test_what_is_open_comes_anew_once_after_a_gap(stage: Stage, monkeypatch) -> None:
    outage = asyncio.create_task(out_of_reach(stage, 2.0))
    await asyncio.sleep(1.0)
    monkeypatch.setattr(app, "AWAY_AFTER", 1.5)
    await outage
    question = await stage.anna.sees(AWAY)
    monkeypatch.undo()
    for card in (
        await stage.clinician.sees(AWAY),
        await stage.clinician.sees(AWAY, in_chat=stage.group),
    ):
        assert "Possible pneumothorax" in card.text
        assert "I'm on it" in card.labels
    await back(stage)

    assert "If you tapped, please tap again" in question.text
    assert "Check 1 of 5" in question.text
    assert len(repeats(stage.anna)) == 1
    assert len(repeats(stage.clinician)) == len(repeats(stage.clinician, stage.group)) == 1
    await stage.anna.taps("No, none of these")
    await stage.anna.sees("How bad is your pain")
    await stage.clinician.taps("I'm on it")
    await stage.ben.sees("Your clinic saw this")


async def test_a_gap_that_telegram_bridges_sends_nothing(stage: Stage) -> None:
    await out_of_reach(stage, 2.0)
    await back(stage)

    for person in (stage.anna, stage.ben, stage.clinician):
        assert repeats(person) == []
    assert repeats(stage.clinician, stage.group) == []
    await stage.anna.taps("No, none of these")
    await stage.anna.sees("How bad is your pain")


async def test_what_was_acknowledged_or_answered_is_not_asked_again(
    stage: Stage, monkeypatch
) -> None:
    await stage.clinician.taps("I'm on it")
    await stage.ben.sees("Your clinic saw this")
    outage = asyncio.create_task(out_of_reach(stage, 2.0))
    await asyncio.sleep(1.0)
    monkeypatch.setattr(app, "AWAY_AFTER", 1.5)
    await outage
    await stage.anna.sees(AWAY)
    monkeypatch.undo()
    await back(stage)

    assert repeats(stage.clinician) == repeats(stage.clinician, stage.group) == []


async def test_the_heart_beats_only_while_telegram_answers(stage: Stage, monkeypatch) -> None:
    work = stage.house.work
    monkeypatch.setattr(app, "BEAT_SECONDS", 0.0)
    await stage.world.fault("drop_before", "getUpdates")
    await stage.admin.sends("/help")
    await stage.admin.sees("/settings")
    await asyncio.sleep(0.3)
    during = await last_beat(work)
    await asyncio.sleep(1.5)
    assert await last_beat(work) == during
    await stage.world.clear_faults()
    await back(stage)
    assert await last_beat(work) > during


async def test_a_start_that_telegram_does_not_answer_forgets_no_gap(tmp_path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'away.db'}"
    async with stage_for(tmp_path, address) as found:
        settings, work = found.house.settings, found.house.work
    before = await last_beat(work)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    nowhere = settings.model_copy(update={"telegram_api_url": closed, "clock_url": None})
    with pytest.raises(NetworkError):
        await service.run(app.build(nowhere))

    assert before is not None
    assert await last_beat(work) == before
    await work.database.dispose()


async def test_a_gap_begins_after_120_seconds(work: Work, clock: FixedClock) -> None:
    assert await away.gap_since_last_beat(work) is None
    await away.beat(work)
    start = clock.now()
    clock.forward(seconds=120)
    assert await away.gap_since_last_beat(work) is None
    clock.forward(seconds=1)
    assert await away.gap_since_last_beat(work) == away.Gap(start, clock.now())
    await away.ask_again(work, away.Gap(start, clock.now()))
    assert await away.gap_since_last_beat(work) is None
