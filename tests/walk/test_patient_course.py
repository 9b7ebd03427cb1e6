"""/patient and /patients: the course in pictures and words, and finding somebody."""

import io

from PIL import Image

from bot.play import join
from tests.pictures.test_photos import photo
from tests.walk.record import the_alert
from tests.walk.world import WELL_UNTIL_NEW, Stage, check_in_for, session_for, taps

FIRST = "P-"


async def code_of(found: Stage) -> str:
    import storage.people

    async with found.house.work.reading() as session:
        return (await storage.people.patients_of(session, 1))[-1].code


async def picture_in(found: Stage, message) -> Image.Image:
    return Image.open(io.BytesIO(await found.world.download(message)))


async def test_a_clinician_sees_chart_brief_table_alert_and_photos_side_by_side(
    either: Stage,
) -> None:
    ben, clinician = either.ben, either.clinician
    await check_in_for(either, ben)
    await taps(ben, *WELL_UNTIL_NEW, ("Numb", "Where"))
    await ben.sends_photo(caption="the spot", file=photo(orientation=6))
    await clinician.sees("the spot")
    await either.world.forward(hours=24)
    await ben.sends_photo(caption="a day later", file=photo(colour="blue"))
    await clinician.sees("a day later")
    await clinician.sends(f"/patient {await code_of(either)}")
    charted = await clinician.sees("After the last session")
    assert "tingling or numbness reported" in charted.text
    assert (await picture_in(either, charted)).size == (1080, 1080)
    both = await clinician.sees("Day 1 · ")
    assert "Day 2 · " in both.text
    sheet = await picture_in(either, both)
    assert sheet.width > 1400
    assert not sheet.getexif()
    words = await clinician.sees("✎")
    assert "3     mild  none" in words.text
    alert = await the_alert(either)
    assert f"#{alert.id} urgent" in words.text
    assert "opened " in words.text
    await clinician.taps("Details")
    await clinician.sees("no phone on file")


async def test_a_photo_that_telegram_lost_does_not_keep_the_words_away(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends_photo(caption="the spot")
    await clinic.clinician.sees("the spot")
    await clinic.world.fault("status", "getFile", status=400)
    await clinic.clinician.sends(f"/patient {await code_of(clinic)}")
    assert "photo" in (await clinic.clinician.sees("Day 0 · ")).view
    await clinic.clinician.sees("✎")


async def test_patients_are_found_by_code_and_by_name_in_any_spelling(either: Stage) -> None:
    await join(either, either.ben)
    await join(either, either.anna)
    code, clinician = await code_of(either), either.clinician
    for wanted, name in ((code[2:5].lower(), "Anna"), ("BÉN", "Ben"), ("ann", "Anna")):
        await clinician.sends(f"/patients {wanted}")
        await clinician.sees("Found")
        shown = clinician.view().messages[-1]
        assert [name in b.text for row in shown.buttons for b in row] == [True], wanted
    await clinician.sends("/patients %")
    await clinician.sees("Nobody with this code or name")
