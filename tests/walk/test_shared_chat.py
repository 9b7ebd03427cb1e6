"""A chat that several patients share: every message says for whom, what is unclear is asked."""

import re

from sqlmodel import select

from bot.play import token_in
from storage.tables import AuditEntry, CheckIn, Note, Patient
from tests.walk.world import WELL_UNTIL_NEW, Stage, taps


async def joins(found: Stage, name: str, region: str) -> None:
    """A patient of this name joins in Ben's chat and is treated."""
    clinician = found.clinician
    await clinician.sends("/session")
    await clinician.sees("Who was treated?")
    await clinician.taps("New patient")
    link = await clinician.sees("Let the patient scan this")
    await clinician.sends(name, reply_to=link)
    await clinician.sees("is shown with that name")
    await found.ben.starts(token_in(link.text))
    await found.ben.sees("Telegram")
    await found.ben.taps("I agree")
    await found.ben.sees("you have joined")
    await clinician.sees("has joined")
    steps = [(region, "Pain before the session"), ("5", "Any of these?"),
             ("No risks", "When:"), ("Save", "Saved")]  # fmt: skip
    await taps(clinician, *steps)


async def two_children(found: Stage) -> None:
    """Mia was treated at 10:00, Tom seven hours later."""
    await joins(found, "Mia", "Arm or leg")
    await found.world.forward(hours=7)
    await joins(found, "Tom", "Arm or leg")


async def patients(found: Stage) -> dict[str, Patient]:
    async with found.house.work.reading() as session:
        rows = (await session.exec(select(Patient).order_by(Patient.id))).all()
    return dict(zip(("Mia", "Tom"), rows, strict=True))


async def reports(found: Stage) -> dict[int, str]:
    """Reports by patient, with their state."""
    async with found.house.work.reading() as session:
        rows = (await session.exec(select(CheckIn).where(CheckIn.kind == "report"))).all()
    return {row.patient_id: row.state for row in rows}


async def note(found: Stage) -> Note:
    async with found.house.work.reading() as session:
        return (await session.exec(select(Note))).one()


async def test_every_screen_of_a_check_in_says_whose_it_is(clinic: Stage) -> None:
    await two_children(clinic)
    await clinic.world.forward(hours=17, minutes=2)
    first = await clinic.ben.sees("24 hours after your session")
    assert first.text.startswith("Mia\n"), first.text
    for label, then in WELL_UNTIL_NEW:
        await clinic.ben.taps(label)
        pain = await clinic.ben.sees(then)
        assert pain.text.startswith("Mia\n"), pain.text
    await taps(clinic.ben, ("No, nothing new", "All as expected"))
    await clinic.world.forward(hours=7)
    second = await clinic.ben.sees("24 hours after your session")
    assert second.text.startswith("Tom\n"), second.text


async def test_a_note_goes_to_the_patient_it_is_about_once_somebody_says(either: Stage) -> None:
    await two_children(either)
    mia, tom = (await patients(either)).values()
    await either.ben.sends("her arm is itching")
    asked = await either.ben.sees("For whom is this?")
    assert "kept for Tom" in asked.text
    await either.clinician.sees(f"Note from {tom.code}")
    assert (await note(either)).patient_id == tom.id
    await either.ben.taps("Mia")
    await either.ben.sees("It is kept for Mia")
    await either.ben.sees(re.compile(r"^Mia\n.*Check 1 of 5", re.DOTALL))
    kept = await note(either)
    assert kept.patient_id == mia.id
    assert await reports(either) == {tom.id: "cancelled", mia.id: "open"}
    told = await either.clinician.sees(f"It is about {mia.code}, not about {tom.code}")
    assert "her arm is itching" in told.text
    # The right one's half hour runs, the wrong one's no longer does.
    await either.world.forward(minutes=31)
    card = await either.clinician.sees("Report opened, then silence")
    assert mia.code in card.text
    assert "Mia" not in card.text


async def test_a_note_that_nobody_places_stays_with_who_is_asked_now(clinic: Stage) -> None:
    await two_children(clinic)
    mia = (await patients(clinic))["Mia"]
    await clinic.world.forward(hours=17, minutes=2)
    await clinic.ben.sees("24 hours after your session")
    await clinic.ben.sends("she is tired")
    assert "kept for Mia" in (await clinic.ben.sees("For whom is this?")).text
    assert (await note(clinic)).patient_id == mia.id
    await clinic.ben.taps("Mia")
    await clinic.ben.sees("It is kept for Mia")
    assert (await note(clinic)).patient_id == mia.id


async def test_a_strangers_button_moves_no_note(clinic: Stage) -> None:
    await two_children(clinic)
    tom = (await patients(clinic))["Tom"]
    await clinic.ben.sends("it itches")
    asked = await clinic.ben.sees("For whom is this?")
    kept = await note(clinic)
    view = clinic.ben.view()
    assert (await view.taps_data(asked, f"nw:{kept.id}:9999")).show_alert
    assert (await view.taps_data(asked, f"nw:9999:{tom.id}")).show_alert
    assert (await note(clinic)).patient_id == tom.id


async def test_a_pause_is_for_the_one_who_is_chosen(clinic: Stage) -> None:
    await two_children(clinic)
    await clinic.ben.sends("/pause")
    await clinic.ben.sees("For whom?")
    await clinic.ben.taps("Tom")
    await clinic.ben.sees("No questions until")
    found = await patients(clinic)
    assert found["Mia"].paused_until is None
    assert found["Tom"].paused_until is not None
    await clinic.ben.sends("/stop")
    await clinic.ben.sees("For whom?")
    await clinic.ben.taps("For everybody here")
    await clinic.ben.sees("No more questions")
    assert all(one.stopped_at for one in (await patients(clinic)).values())
    await clinic.ben.sends("/resume")
    await clinic.ben.sees("For whom?")
    await clinic.ben.taps("Mia")
    await clinic.ben.sees("Welcome back")
    assert [one.stopped_at is None for one in (await patients(clinic)).values()] == [True, False]
    async with clinic.house.work.reading() as session:
        lines = (await session.exec(select(AuditEntry).where(AuditEntry.action == "paused"))).all()
    assert [line.subject for line in lines] == [f"patient:{found['Tom'].ref}"]
