"""kill -9 while a summary or a clinician's message leaves: it comes, once or marked."""

from pathlib import Path

import pytest

from tests.thorough import thorough
from tests.walk.process import Outliving, outliving, press
from tests.walk.world import WELL_UNTIL_NEW, taps


async def well(found: Outliving, hours: float, minutes: float = 0) -> None:
    await found.world.forward(hours=hours, minutes=minutes)
    await found.ben.sees("Check 1 of 5")
    await taps(found.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected"))


async def dies_and_comes_back(found: Outliving, point: str) -> None:
    await found.bot.start(die_at=point)
    await found.bot.died()
    await found.bot.start()


@pytest.mark.parametrize("point", [pytest.param("claimed", marks=thorough), "sent"])
async def test_the_summary_comes_once_or_says_that_it_may_be_a_repeat(
    tmp_path: Path, point: str
) -> None:
    async with outliving(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'killed.db'}") as found:
        await found.world.forward(hours=2, minutes=1)
        await found.ben.sees("Mild soreness")
        await well(found, 22)
        await well(found, 24)
        await found.bot.stop()
        await found.world.forward(minutes=3)
        await dies_and_comes_back(found, f"{point}/course_summary")
        shown = await found.ben.sees("In case you missed it")
        assert "Your days after the session" in shown.text
        assert "photo" in shown.view
        sums = [m for m in found.ben.view().messages if "Your days after the session" in m.text]
        marked = [message.text.startswith("In case you missed it") for message in sums]
        assert marked == ([True] if point == "claimed" else [False, True])


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("committed", marks=thorough),
        pytest.param("claimed/clinic_message", marks=thorough),
        "sent/clinic_message",
    ],
)
async def test_a_message_that_a_clinician_sent_reaches_the_patient(
    tmp_path: Path, point: str
) -> None:
    async with outliving(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'killed.db'}") as found:
        await found.world.forward(hours=2, minutes=1)
        await found.ben.sees("Mild soreness")
        await found.ben.taps("Report a problem")
        await found.ben.sees("Check 1 of 5")
        await found.ben.taps("I'm worried")
        card = await found.clinician.sees("Patient worried")
        await found.clinician.sends("come in at 4", reply_to=card)
        await found.clinician.sees("Nothing has been sent yet")
        await found.bot.stop()
        await found.bot.start(die_at=point)
        await press(found.clinician, "Send to patient")
        await found.bot.died()
        await found.bot.start()
        got = await found.ben.sees("come in at 4")
        assert "Message from your clinic" in got.text
