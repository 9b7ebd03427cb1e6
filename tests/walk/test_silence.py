"""Time-outs, reminders and closing: silence is never shown as well."""

import pytest
from sqlmodel import col, select

import storage.alerts
from storage.tables import Assessment
from tests.walk.record import check_ins, given, the_alert
from tests.walk.world import (
    TO_PAIN,
    WELL_UNTIL_NEW,
    Stage,
    check_in_for,
    join,
    record_session,
    session_for,
    taps,
)


async def test_danger_without_a_sign_is_an_emergency_after_two_minutes(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, ("Yes, or not sure", "Which?"))
    await clinic.world.forward(minutes=1)
    assert (await check_ins(clinic, "24h"))[0].level == "none"
    await clinic.world.forward(minutes=1, seconds=5)
    await clinic.ben.sees("emergency help NOW")
    await clinic.clinician.sees("Danger sign, not specified")


async def test_a_follow_up_left_alone_is_overdue_and_stays_so(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("Skin red", "About the skin"))
    await clinic.world.forward(minutes=31)
    card = await clinic.clinician.sees("Local infection signs")
    assert "Not answered" in card.text
    await clinic.ben.sees("This needs a call")
    await taps(clinic.ben, ("None: just a small spot", "About"), ("Done", "answers are saved"))
    (check,) = await check_ins(clinic, "24h")
    assert check.timed_out == ["skin_signs"]
    assert "U1" in check.rules_now
    assert (await given(clinic, "24h"))["skin_signs"] == {"small_spot"}


async def test_a_report_whose_first_question_stays_open_pages_the_clinic(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/report")
    await clinic.ben.sees("Check 1 of 5")
    await clinic.world.forward(minutes=31)
    await clinic.clinician.sees("Report opened, then silence")
    assert (await the_alert(clinic)).rules == ["U12"]


async def test_reminders_come_after_three_and_six_hours_and_take_the_check_over(
    clinic: Stage,
) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=9, minute=0))
    await check_in_for(clinic, clinic.ben)
    for _ in range(2):
        await clinic.world.forward(hours=3)
        await clinic.ben.sees("A reminder")
        await clinic.ben.sees("goes on below")
    await taps(clinic.ben, TO_PAIN)
    assert (await given(clinic, "24h"))["danger"] == "none"


async def test_any_answer_ends_the_reminders(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, TO_PAIN)
    await clinic.world.forward(hours=3, minutes=1)
    assert not any("A reminder" in m.text for m in clinic.ben.view().messages)


async def test_no_answer_closes_as_no_answer_never_as_well(either: Stage) -> None:
    now = await either.world.now()
    await either.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(either, either.ben)
    await either.world.forward(hours=12)
    closing = await either.ben.sees("closed now")
    assert "expected" not in closing.text
    assert (await check_ins(either, "24h"))[0].state == "no_answer"


async def test_a_tap_on_a_closed_check_in_opens_a_report_with_that_answer(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(clinic, clinic.ben)
    old = next(m for m in clinic.ben.view().messages if "Check 1 of 5" in m.text)
    await clinic.world.forward(hours=12)
    await clinic.ben.sees("closed now")
    await clinic.ben.view().taps_data(old, "a:1:danger:yes")
    await clinic.ben.sees("Which?")
    assert (await given(clinic, "report")) == {"danger": "yes"}


async def test_remind_me_later_puts_the_check_off_for_two_hours(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=9, minute=0))
    await check_in_for(clinic, clinic.ben)
    answer = await clinic.ben.taps("Remind me in 2 h")
    assert "again at" in answer.text
    await clinic.world.forward(hours=2, minutes=1)
    await clinic.ben.sees("A reminder")


async def close_unanswered(found: Stage) -> None:
    """Neither check-in is answered, and both have closed."""
    now = await found.world.now()
    await found.world.set_clock(now.replace(hour=8, minute=30))
    for region, patient in (("Neck", found.ben), ("Arm or leg", found.anna)):
        await join(found, patient)
        await record_session(found, region)
    await found.world.forward(hours=2, minutes=1)
    for _ in range(5):
        await found.world.forward(hours=13)


async def test_no_answer_at_all_after_a_session_with_a_risk_is_urgent(either: Stage) -> None:
    await close_unanswered(either)
    await either.clinician.sees("No answer, high-risk session", in_chat=either.group)
    await either.world.forward(hours=10)
    card = await either.clinician.sees("URGENT")
    assert "U11" in card.text
    async with either.house.work.reading() as session:
        (alert,) = await storage.alerts.open_alerts(session, 1)
    assert (alert.level, alert.rules) == ("urgent", ["U11"])


async def test_a_check_that_closes_at_night_wakes_nobody(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=10, minute=0))
    await check_in_for(clinic, clinic.ben)
    await clinic.world.forward(hours=17)
    (check,) = await check_ins(clinic, "24h")
    assert (check.state, check.ended_at.hour) == ("no_answer", 3)
    assert not any("closed now" in m.text for m in clinic.ben.view().messages)
    await clinic.world.forward(hours=5)
    await clinic.ben.sees("closed now")


async def test_a_check_left_half_way_is_watched_and_the_digest_says_why(either: Stage) -> None:
    now = await either.world.now()
    await either.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(either, either.ben)
    await taps(either.ben, TO_PAIN)
    await either.world.forward(hours=12, minutes=1)
    await either.ben.sees("Some answers are missing")
    (check,) = await check_ins(either, "24h")
    assert (check.state, check.level, check.rules) == ("abandoned", "watch", ["W8"])
    assert (await assessed(either, check.id))[-1] == ("watch", ["W8"])
    await either.world.forward(hours=12)
    digest = await either.clinician.sees("Watch list")
    assert "Stopped answering half-way" in digest.text


async def assessed(found: Stage, check_in_id: int) -> list[tuple[str, list[str]]]:
    """Every stored result of a check-in: level and rules."""
    async with found.house.work.reading() as session:
        rows = await session.exec(
            select(Assessment)
            .where(Assessment.check_in_id == check_in_id)
            .order_by(col(Assessment.id))
        )
        return [(row.level, row.rules) for row in rows.all()]


async def test_no_answer_after_a_session_without_a_risk_is_watched(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(clinic, clinic.ben)
    await clinic.world.forward(hours=12, minutes=1)
    await clinic.ben.sees("closed now")
    (check,) = await check_ins(clinic, "24h")
    assert (check.state, check.level, check.rules) == ("no_answer", "watch", ["W8"])


@pytest.mark.parametrize("what", ["words", "photo"])
async def test_a_note_ends_the_reminders_and_is_watched_not_called_expected(
    clinic: Stage, what: str
) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(clinic, clinic.ben)
    if what == "words":
        await clinic.ben.sends("it throbs a little")
    else:
        await clinic.ben.sends_photo(caption="the spot")
    await clinic.ben.sees("Notes are not read at once")
    await clinic.world.forward(hours=6, minutes=10)
    assert not any("A reminder" in m.text for m in clinic.ben.view().messages)
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("No, nothing new", "What you send is kept"))
    (check,) = await check_ins(clinic, "24h")
    assert (check.level, check.rules) == ("watch", ["W8"])
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=1, day=now.day + 1))
    digest = await clinic.clinician.sees("Watch list")
    assert "Note or picture received" in digest.text


@pytest.mark.parametrize("tap", ["Report a problem", "I'm worried"])
async def test_a_tap_that_is_no_answer_ends_the_reminders_too(clinic: Stage, tap: str) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=8, minute=30))
    await check_in_for(clinic, clinic.ben)
    await clinic.ben.taps(tap)
    await clinic.world.forward(hours=6, minutes=10)
    assert not any("A reminder" in m.text for m in clinic.ben.view().messages)
