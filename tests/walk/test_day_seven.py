"""Day 7: one tap. "No" ends with the date of the session, "yes" opens the whole check."""

import json
from datetime import timedelta

from sqlmodel import select

import storage.alerts
from care import portability
from care.actors import identify
from storage.tables import Answer, CheckIn
from tests.walk.world import WELL_UNTIL_NEW, Stage, session_for, taps

ASKED = "One week on. Any redness"


async def on_day_seven(found: Stage) -> None:
    """The clinic asks one question on day 7; Ben's day 7 has come."""
    await found.admin.sends("/schedule")
    await found.admin.sees("Schedule (version")
    await found.admin.taps("Presets")
    await found.admin.taps("24 h, 48 h, one tap on day 7")
    shown = await found.admin.sees("Check-ins: 24 h, 48 h after the session → ")
    assert "24 h, 48 h, one tap on day 7 after the session" in shown.text
    await found.admin.taps("Apply to new sessions")
    await found.admin.sees("version 2")
    await session_for(found, found.ben)
    await found.world.forward(hours=22)
    await found.ben.sees("Check 1 of 5")
    await taps(found.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected"))
    await found.world.forward(hours=24)
    await found.ben.sees("48 hours after your session")
    await taps(found.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected. Next check"))
    await found.world.forward(hours=120)


async def week_check(found: Stage) -> CheckIn:
    async with found.house.work.reading() as session:
        return (await session.exec(select(CheckIn).where(CheckIn.step == "week"))).one()


async def test_no_ends_day_seven_with_the_date_of_the_session(either: Stage) -> None:
    await on_day_seven(either)
    asked = await either.ben.sees(ASKED)
    assert "Check 1 of 5" not in asked.text
    await either.ben.taps("No, all fine")
    end = await either.ben.sees("An infection can still appear weeks later")
    check = await week_check(either)
    treated = check.due_at - timedelta(days=7)
    assert f"needling on {treated:%b} {treated.day}, {treated.year}" in end.text
    assert (check.state, check.level) == ("complete", "none")
    async with either.house.work.reading() as session:
        answers = (await session.exec(select(Answer).where(Answer.check_in_id == check.id))).all()
    assert [(one.question, one.value) for one in answers] == [("week_check", ["no"])]
    await either.ben.sends("/diary")
    diary = await either.ben.sees("Day 7: No, all fine")
    assert "no answer" not in diary.text


async def test_yes_on_day_seven_opens_the_whole_check(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await clinic.ben.taps("Yes, or not sure")
    first = await clinic.ben.sees("do you have ANY of these now?")
    assert "Check 1 of 5" in first.text
    assert "7 days after your session" in first.text
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("Skin red", "About the skin"), ("Hot", None),
               ("Done", "This needs a call today"))  # fmt: skip
    await clinic.clinician.sees("Local infection signs")


async def test_yes_on_day_seven_and_then_silence_tells_the_clinic(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await clinic.ben.taps("Yes, or not sure")
    await clinic.ben.sees("Check 1 of 5")
    await clinic.world.forward(minutes=29)
    assert (await week_check(clinic)).rules == []
    await clinic.world.forward(minutes=2)
    await clinic.clinician.sees("Report opened, then silence")
    assert (await week_check(clinic)).rules == ["U12"]


async def test_silence_on_day_seven_is_no_answer_and_never_well(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await clinic.world.forward(hours=26)
    closed = await clinic.ben.sees("we cannot tell how you are")
    assert "All as expected" not in closed.text
    check = await week_check(clinic)
    assert (check.state, check.rules) == ("no_answer", ["W8"])


async def test_a_no_on_day_seven_can_be_corrected_and_opens_the_check(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await taps(clinic.ben, ("No, all fine", "An infection can still appear"),
               ("Change an answer", "Which answer"), ("One week on: No", ASKED),
               ("Yes, or not sure", "Check 1 of 5"))  # fmt: skip
    assert (await week_check(clinic)).state == "open"


async def test_silence_in_a_risky_session_is_urgent_at_48_hours_though_day_7_is_to_come(
    clinic: Stage,
) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=30))
    await clinic.admin.sends("/schedule")
    await clinic.admin.sees("Schedule (version")
    await clinic.admin.taps("Presets")
    await clinic.admin.taps("24 h, 48 h, one tap on day 7")
    await clinic.admin.sees("Change of the schedule")
    await clinic.admin.taps("Apply to new sessions")
    await clinic.admin.sees("version 2")
    await session_for(clinic, clinic.ben, "Beside the spine")
    for _ in range(5):
        await clinic.world.forward(hours=13)
    await clinic.clinician.sees("No answer, high-risk session", in_chat=clinic.group)


async def test_what_a_patient_gets_of_their_data_holds_day_seven(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await taps(clinic.ben, ("No, all fine", "An infection can still appear"))
    work = clinic.house.work
    async with work.reading() as session:
        actor = await identify(session, clinic.ben.id)
    data = json.dumps(await portability.collect(work, actor, actor.patients[0].id or 0))
    assert "week_check" in data


async def test_a_problem_can_be_reported_while_day_seven_waits(clinic: Stage) -> None:
    await on_day_seven(clinic)
    await clinic.ben.sees(ASKED)
    await clinic.ben.taps("Report a problem")
    await taps(clinic.ben, ("Yes, or not sure", "Which?"), ("Breathless", None))
    await clinic.ben.sees("emergency help NOW")
    await clinic.clinician.sees("Possible pneumothorax")


async def test_a_late_no_ends_day_seven_and_a_late_yes_opens_a_report(clinic: Stage) -> None:
    await on_day_seven(clinic)
    asked = await clinic.ben.sees(ASKED)
    await clinic.world.forward(hours=26)
    await clinic.ben.sees("we cannot tell how you are")
    check = await week_check(clinic)
    await clinic.ben.view().taps_data(asked, f"a:{check.id}:week_check:no")
    await clinic.ben.sees("An infection can still appear")
    await clinic.world.forward(minutes=35)
    assert (await week_check(clinic)).state == "complete"
    async with clinic.house.work.reading() as session:
        assert await storage.alerts.open_alerts(session, 1) == []
    await clinic.ben.view().taps_data(asked, f"a:{check.id}:week_check:yes")
    await clinic.ben.sees("do you have ANY of these now?")
