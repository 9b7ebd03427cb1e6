"""What patients write, send and report: kept, passed on at once, never the end of the talk."""

from tests.walk.record import check_ins, notes, the_alert
from tests.walk.world import TO_PAIN, Stage, check_in_for, session_for, taps


async def test_a_note_is_kept_passed_on_at_once_and_followed_by_question_one(
    either: Stage,
) -> None:
    await session_for(either, either.ben)
    await either.ben.sends("it <b>hurts</b> & throbs")
    await either.ben.sees("Notes are not read at once")
    passed_on = await either.clinician.sees("read by the machine: no sign found")
    assert "it <b>hurts</b> & throbs" in passed_on.text
    (note,) = await notes(either)
    assert either.house.work.cipher.open(note.body) == "it <b>hurts</b> & throbs"


async def test_photos_voice_and_files_reach_whoever_is_on_duty(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends_photo(caption="the spot")
    shown = await clinic.clinician.sees("the spot")
    assert "photo" in shown.view
    await clinic.ben.sends_voice()
    await clinic.clinician.sees("not read by the machine")
    assert {note.kind for note in await notes(clinic)} == {"photo", "voice"}


async def test_an_edited_message_is_a_note_too(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    first = await clinic.ben.sends("it is red")
    await clinic.clinician.sees("it is red")
    await clinic.ben.edits(first, "it is very red")
    await clinic.clinician.sees("Changed note")
    assert [note.edited for note in await notes(clinic)] == [False, True]


async def test_a_bare_thanks_is_answered_and_wakes_nobody(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("Thank you!")
    await clinic.ben.sees("You are welcome")
    await clinic.clinician.view().sees_nothing_new()
    assert await check_ins(clinic, "report") == []


async def test_worried_is_urgent_whatever_the_answers_and_asks_for_a_number(
    clinic: Stage,
) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, TO_PAIN)
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    await clinic.ben.sees("has no phone number")
    await clinic.ben.shares_contact()
    await clinic.ben.sees("can call you now")
    await clinic.clinician.taps("Details")
    await clinic.clinician.sees("7700 900102")


async def test_a_number_of_somebody_else_is_not_taken(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.shares_contact(of=clinic.anna)
    await clinic.ben.sees("share your own number")


async def test_report_a_problem_works_ten_days_later(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.world.forward(days=10)
    await clinic.ben.sends("/report")
    await clinic.ben.sees("Check 1 of 5")
    await taps(clinic.ben, ("Yes, or not sure", "Which?"), ("Skin purple", "emergency help NOW"))
    await clinic.clinician.sees("Skin sign")
    assert (await the_alert(clinic)).level == "emergency"


async def test_a_report_inside_a_running_check_opens_its_question_one(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, TO_PAIN, ("Report a problem", "Check 1 of 5"))
    assert await check_ins(clinic, "report") == []


async def test_stop_in_plain_words_ends_the_questions_but_not_an_open_alert(
    clinic: Stage,
) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, ("Yes, or not sure", "Which?"), ("Very ill", "emergency help NOW"))
    await clinic.clinician.sees("Possible sepsis")
    await taps(clinic.ben, ("Go on with the check", "Which?"), ("Done", "How bad"))
    await clinic.ben.sends("STOP")
    await clinic.ben.sees("no more questions")
    await clinic.world.forward(minutes=16)
    await clinic.ben.sees("Nobody has read this yet")
    await clinic.clinician.sees("Possible sepsis")
    await clinic.world.forward(hours=26)
    assert not any("5 · 48 hours" in m.text for m in clinic.ben.view().messages)


async def test_an_unknown_command_and_a_lost_patient_get_a_clear_answer(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/weather")
    await clinic.ben.sees("do not know this command")
    stranger = await clinic.world.person("Sam")
    await stranger.starts()
    await stranger.sees("link or the QR code")
    await stranger.sends("hello?")
    await stranger.sees("I do not know you yet")


async def test_a_check_that_a_pause_kept_back_is_recorded_as_missed(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/pause")
    await clinic.ben.sees("No questions until")
    await clinic.world.forward(hours=22)
    assert [check.state for check in await check_ins(clinic, "24h")] == ["missed"]


async def test_a_patient_can_pause_resume_and_set_the_clock(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/pause")
    await clinic.ben.sees("No questions until")
    await clinic.world.forward(hours=22)
    assert not any("Check 1 of 5" in m.text for m in clinic.ben.view().messages)
    await clinic.ben.sends("/resume")
    await clinic.ben.sees("Welcome back")
    await clinic.ben.sends("/timezone Atlantis/Deep")
    await clinic.ben.sees("do not know that place")
    await clinic.ben.sends("/timezone europe/madrid")
    await clinic.ben.sees("Then it is")


async def test_after_stop_and_resume_the_next_check_in_comes_at_its_time(either: Stage) -> None:
    await session_for(either, either.ben)
    await either.ben.sends("/stop")
    await either.ben.sees("no more questions")
    await either.world.forward(hours=1)
    await either.ben.sends("/resume")
    await either.ben.sees("The next check-in comes at its time")
    await either.world.forward(hours=21)
    await either.ben.sees("24 hours after your session")
    await either.ben.sends("/stop")
    await either.ben.sees("no more questions")
    await either.ben.sends("/resume")
    await either.ben.sees("Welcome back")
    for _ in range(2):
        await either.world.forward(hours=13)
    await either.ben.sees("we cannot tell how you are")
    await either.ben.sees("48 hours after your session")
