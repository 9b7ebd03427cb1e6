"""Coming in: one link, one person, one consent; everything else is refused and on record."""

import struct

from bot.play import token_in
from handlers.clinicians.links import qr_png
from tests.walk.record import check_ins
from tests.walk.test_access import refusals
from tests.walk.world import Stage, join, record_session, session_for, taps


async def link_of(found: Stage) -> tuple[str, object]:
    """A new patient's token, and the picture's message."""
    await found.clinician.sends("/session")
    await taps(found.clinician, ("New patient", "Let the patient scan this"))
    shown = next(m for m in reversed(found.clinician.view().messages) if "scan this" in m.text)
    return token_in(shown.text), shown


async def test_the_picture_is_the_links_qr_code(clinic: Stage) -> None:
    token, shown = await link_of(clinic)
    picture = await clinic.world.download(shown)
    assert picture == qr_png(f"https://t.me/symptom_diary_bot?start={token}")
    width, height = struct.unpack(">II", picture[16:24])
    assert width == height > 300


async def test_a_link_works_once(either: Stage) -> None:
    token, _ = await link_of(either)
    await either.ben.starts(token)
    await either.ben.sees("I agree")
    await either.ben.taps("I agree")
    await either.ben.sees("you have joined")
    await either.clinician.sees("has joined")
    await either.anna.starts(token)
    await either.anna.sees("used already")
    assert await refusals(either) == 1


async def test_an_unknown_and_an_old_link_are_refused(clinic: Stage) -> None:
    token, _ = await link_of(clinic)
    await clinic.anna.starts("nonsense-token")
    await clinic.anna.sees("not valid")
    await clinic.world.forward(days=15)
    await clinic.ben.starts(token)
    await clinic.ben.sees("too old")
    assert await refusals(clinic) == 2


async def test_a_consent_opened_by_one_cannot_be_given_by_another(clinic: Stage) -> None:
    token, _ = await link_of(clinic)
    await clinic.ben.starts(token)
    shown = await clinic.ben.sees("I agree")
    data = shown.buttons[0][0].data
    await clinic.anna.starts()
    mine = await clinic.anna.sees("QR code")
    answer = await clinic.anna.view().taps_data(mine, data)
    assert answer.show_alert
    await clinic.ben.taps("I agree")
    await clinic.ben.sees("you have joined")


async def test_somebody_who_declines_may_come_back(clinic: Stage) -> None:
    token, _ = await link_of(clinic)
    await clinic.ben.starts(token)
    await taps(clinic.ben, ("No, thank you", "Your care is the same"))
    await clinic.ben.starts(token)
    await taps(clinic.ben, ("I agree", "you have joined"))


async def test_a_new_link_makes_the_old_one_worthless(clinic: Stage) -> None:
    token, _ = await link_of(clinic)
    await record_session(clinic, "Arm or leg")
    await taps(clinic.clinician, ("New link", "Let the patient scan this"))
    await clinic.ben.starts(token)
    await clinic.ben.sees("used already")


async def test_the_wrong_person_is_parted_from_the_patient(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await taps(clinic.clinician, ("Not my patient", "has no chat any more"))
    await clinic.ben.sends("/report")
    await clinic.ben.sees("I do not know you yet")


async def test_what_waits_for_the_patient_is_sent_once_they_join(clinic: Stage) -> None:
    token, _ = await link_of(clinic)
    await record_session(clinic, "Arm or leg")
    await clinic.world.forward(hours=3)
    await clinic.ben.starts(token)
    await taps(clinic.ben, ("I agree", "you have joined"))
    await clinic.ben.sees("Mild soreness")
    await clinic.world.forward(hours=22)
    await clinic.ben.sees("Check 1 of 5")


async def test_a_patient_who_never_joins_is_missed_not_well(clinic: Stage) -> None:
    await link_of(clinic)
    await record_session(clinic, "Arm or leg")
    await clinic.world.forward(hours=24)
    await clinic.world.forward(hours=48)
    await clinic.world.forward(hours=24)
    await clinic.clinician.sees("Not sent in time")
    assert {check.state for check in await check_ins(clinic)} == {"missed"}


async def test_a_name_is_given_by_replying_to_the_picture(clinic: Stage) -> None:
    _, shown = await link_of(clinic)
    await clinic.clinician.sends("Benjamin Hill", reply_to=shown)
    await clinic.clinician.sees("shown with that name")
    await clinic.clinician.sends("/patients")
    listed = await clinic.clinician.sees("newest first")
    assert any("Benjamin Hill" in label for label in listed.labels)


async def test_who_blocks_the_bot_is_reported_once_to_whoever_is_on_duty(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.blocks_bot()
    await clinic.clinician.sees("cannot be reached")
    await clinic.world.forward(hours=22)
    told = [m for m in clinic.clinician.view().messages if "cannot be reached" in m.text]
    assert len(told) == 1
