"""kill -9 at named points: the answer is kept, or asked again; never lost in silence."""

import asyncio
from pathlib import Path

import pytest

import storage.outbox
import storage.treatment
from tests.conftest import new_postgres_database
from tests.thorough import thorough
from tests.walk.process import Outliving, outliving, press

POINTS = ("received", "stored", "committed")
SOON, LATE = 5, 600


def sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'killed.db'}"


async def open_check_in(found: Outliving) -> None:
    await found.world.forward(hours=2, minutes=1)
    await found.ben.sees("Mild soreness")
    await found.world.forward(hours=22)
    await found.ben.sees("Check 1 of 5")


async def kill_at_tap(
    found: Outliving, point: str, label: str, seconds: int, *, then: str = ""
) -> None:
    """The bot dies at this point of the tap, and comes back so many simulated seconds later (to
    die at `then`)."""
    await found.bot.stop()
    await found.bot.start(die_at=point)
    await press(found.ben, label)
    await found.bot.died()
    await found.world.forward(seconds=seconds)
    await found.bot.start(die_at=then)


async def danger_answer(found: Outliving) -> list[str] | None:
    async with found.work.reading() as session:
        (check,) = await storage.treatment.open_check_ins(session)
        answers = await storage.treatment.answers(session, check.id)
    return next((answer.value for answer in answers if answer.question == "danger"), None)


@pytest.mark.parametrize(
    "point", [*POINTS[:1], *(pytest.param(p, marks=thorough) for p in POINTS[1:])]
)
async def test_a_tap_survives_a_kill_and_a_restart_after_five_seconds(
    tmp_path: Path, point: str
) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        await open_check_in(found)
        await kill_at_tap(found, point, "No, none of these", SOON)
        if point == "committed":
            assert await danger_answer(found) == ["none"]
            await found.ben.taps("No, none of these")
        await found.ben.sees("How bad is your pain")
        assert await danger_answer(found) == ["none"]
        assert not any("I was away" in message.text for message in found.ben.view().messages)


@pytest.mark.parametrize(
    "point",
    [
        "stored",
        pytest.param("received", marks=thorough),
        pytest.param("committed", marks=thorough),
    ],
)
async def test_after_ten_minutes_the_answer_is_kept_or_asked_again_in_words(
    tmp_path: Path, point: str
) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        await open_check_in(found)
        await kill_at_tap(found, point, "No, none of these", LATE)
        again = await found.ben.sees("I was away")
        if point == "received":
            # Telegram forgot the tap: the question stands there anew.
            assert "Check 1 of 5" in again.text
            assert await danger_answer(found) is None
        await found.ben.taps(again.labels[0] if point == "received" else "Report a problem")
        if point == "received":
            await found.ben.sees("How bad is your pain")
        assert await danger_answer(found) == ["none"]


@pytest.mark.parametrize(
    ("point", "seconds"),
    [
        pytest.param("received", SOON, marks=thorough),
        pytest.param("stored", LATE, marks=thorough),
        ("committed", SOON),
        pytest.param("received", LATE, marks=thorough),
        pytest.param("stored", SOON, marks=thorough),
        pytest.param("committed", LATE, marks=thorough),
    ],
)
async def test_a_danger_tap_before_a_kill_reaches_patient_and_clinic(
    tmp_path: Path, point: str, seconds: int
) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        await open_check_in(found)
        await found.ben.taps("Yes, or not sure")
        await found.ben.sees("Tap all, then Done")
        await kill_at_tap(found, point, "Breathless", seconds)
        if (point, seconds) == ("received", LATE):
            # Telegram forgot the tap: the question is asked again.
            await found.ben.sees("I was away")
            await found.ben.taps("Breathless")
        await found.clinician.sees("Possible pneumothorax")
        await found.clinician.sees("Possible pneumothorax", in_chat=found.group)
        await found.ben.sees("Please get emergency help NOW")


async def test_a_danger_tap_survives_a_kill_on_postgresql(
    tmp_path: Path, postgres_host: str
) -> None:
    async with outliving(tmp_path, new_postgres_database(postgres_host)) as found:
        await open_check_in(found)
        await found.ben.taps("Yes, or not sure")
        await found.ben.sees("Tap all, then Done")
        await kill_at_tap(found, "committed", "Breathless", SOON)
        await found.clinician.sees("Possible pneumothorax")
        await found.ben.sees("Please get emergency help NOW")


@pytest.mark.parametrize("point", [pytest.param("claimed", marks=thorough), "sent"])
async def test_a_check_in_comes_once_or_says_that_it_may_be_a_repeat(
    tmp_path: Path, point: str
) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        await found.world.forward(hours=2, minutes=1)
        await found.ben.sees("Mild soreness")
        await found.bot.stop()
        await found.world.forward(hours=22)
        await found.bot.start(die_at=f"{point}/check_in")
        await found.bot.died()
        await found.bot.start()
        await found.ben.sees("In case you missed it")
        check_ins = [m for m in found.ben.view().messages if "Check 1 of 5" in m.text]
        marked = [m.text.startswith("In case you missed it") for m in check_ins]
        assert marked == ([True] if point == "claimed" else [False, True])


async def test_a_tap_that_two_short_absences_outlive_is_asked_again(tmp_path: Path) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        await open_check_in(found)
        await kill_at_tap(found, "received", "No, none of these", 100, then="received")
        await found.bot.died()
        await found.world.forward(seconds=100)
        await found.bot.start()
        again = await found.ben.sees("I was away")
        await found.ben.taps(again.labels[0])
        await found.ben.sees("How bad is your pain")
        assert await danger_answer(found) == ["none"]


async def test_ending_in_good_order_is_quick_and_holds_nothing(tmp_path: Path) -> None:
    async with outliving(tmp_path, sqlite(tmp_path)) as found:
        async with asyncio.timeout(5):
            assert await found.bot.stop() == 0
        async with found.work.reading() as session:
            rows = await storage.outbox.due_rows(session)
        assert rows
        assert all(row.holder is None for row in rows)
        assert "Traceback" not in found.bot.log.read_text()
