"""What patients see of their own answers: /diary at any time, and the summary at the end."""

import io

from PIL import Image

from tests.walk.record import check_ins
from tests.walk.world import (
    TO_BRUISING,
    TO_PAIN,
    TO_SORENESS,
    WELL_UNTIL_NEW,
    Stage,
    check_in_for,
    session_for,
    taps,
)

THE_LAST = "No, nothing new"


async def well(found: Stage) -> None:
    await taps(found.ben, *WELL_UNTIL_NEW, (THE_LAST, None))


async def picture_in(found: Stage, message) -> Image.Image:
    return Image.open(io.BytesIO(await found.world.download(message)))


async def test_an_empty_diary_says_when_it_fills(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/diary")
    await clinic.ben.sees("Your diary is still empty")


async def test_the_diary_is_a_picture_with_its_words_also_in_the_middle_of_a_check(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, TO_PAIN, TO_SORENESS)
    await either.ben.sends("/diary")
    shown = await either.ben.sees("How you have been")
    assert (await picture_in(either, shown)).size == (1080, 1080)
    assert "Day 1: pain 3" in shown.text
    await taps(either.ben, TO_BRUISING)
    assert (await check_ins(either, "24h"))[0].state == "open"


async def test_the_menu_has_a_button_for_it(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, TO_PAIN, TO_SORENESS)
    await clinic.ben.sends("/help")
    await clinic.ben.sees("a picture of what you answered")
    await clinic.ben.taps("My diary")
    await clinic.ben.sees("How you have been")


async def test_the_course_ends_with_one_picture_of_it_all(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await well(either)
    await either.world.forward(hours=24)
    await either.ben.sees("48 hours after your session")
    await well(either)
    await either.world.forward(minutes=3)
    shown = await either.ben.sees("Your days after the session")
    assert "Your pain went from" in shown.text
    assert (await picture_in(either, shown)).size == (1080, 1080)
    await either.world.forward(hours=5)
    assert [m.text for m in either.ben.view().messages].count(shown.text) == 1


async def test_the_summary_waits_until_no_alert_is_open(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *WELL_UNTIL_NEW)
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    await taps(clinic.ben, (THE_LAST, "Your answers are saved"))
    await clinic.world.forward(hours=24)
    await clinic.ben.sees("48 hours after your session")
    await well(clinic)
    await clinic.ben.sees("All as expected")
    await clinic.world.forward(hours=1)
    assert not any("Your days after" in m.text for m in clinic.ben.view().messages)
    await clinic.clinician.sends("/alerts")
    await clinic.clinician.sees("Open alerts")
    await clinic.clinician.taps("#")
    await clinic.clinician.taps("I'm on it")
    await clinic.clinician.taps("Close")
    await clinic.clinician.taps("It was nothing serious")
    await clinic.clinician.taps("Keep the checks")
    await clinic.clinician.sees("is closed")
    await clinic.world.forward(minutes=31)
    await clinic.ben.sees("Your days after the session")


async def test_nobody_who_stopped_gets_a_summary(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await well(clinic)
    await clinic.world.forward(hours=24)
    await clinic.ben.sees("48 hours after your session")
    await well(clinic)
    await clinic.ben.sees("All as expected")
    await clinic.ben.sends("/stop")
    await clinic.ben.sees("no more questions")
    await clinic.world.forward(hours=1)
    await clinic.ben.sees_nothing_new()
