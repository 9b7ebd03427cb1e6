"""Two sessions whose check-ins come close together: one check-in, judged for each session."""

from datetime import timedelta

from sqlmodel import select

import storage.alerts
from care import sessions
from care.actors import identify
from care.evaluation import gather
from storage.tables import Alert, Assessment, CheckIn, OutboxRow
from tests.walk.world import Stage, session_for, taps

TOGETHER = "After your sessions on"


async def another_session(found: Stage, region: str, pain: str = "5") -> None:
    """A second session is recorded for the patient added last."""
    clinician = found.clinician
    await clinician.sends("/session")
    await clinician.sees("Who was treated?")
    await clinician.taps("P-")
    await clinician.sees("Where did the needles go?")
    await clinician.taps(region)
    await clinician.sees("Pain before the session")
    await clinician.taps(pain)
    await clinician.sees("Any of these?")
    await clinician.taps("No risks")
    await clinician.sees("When:")
    await clinician.taps("Save")
    await clinician.sees("Saved")


async def two_sessions(found: Stage, first: str, second: str, hours: int = 3) -> None:
    """Ben's arm at 10:00, and another area some hours later."""
    await session_for(found, found.ben, first)
    await found.world.forward(hours=hours - 2)
    await another_session(found, second)


async def check_ins(found: Stage) -> list[CheckIn]:
    """In the order of the sessions, then of the steps."""
    async with found.house.work.reading() as session:
        rows = (await session.exec(select(CheckIn).where(CheckIn.state != "cancelled"))).all()
    return sorted(rows, key=lambda row: (row.session_id, row.due_at))


async def answers(found: Stage, check: CheckIn) -> dict:
    async with found.house.work.reading() as session:
        return (await gather(session, check)).final


async def sent(found: Stage) -> int:
    """How many check-ins were sent as messages."""
    async with found.house.work.reading() as session:
        query = select(OutboxRow).where(OutboxRow.kind == "check_in", OutboxRow.state == "sent")
        return len((await session.exec(query)).all())


async def alerts(found: Stage) -> list[Alert]:
    async with found.house.work.reading() as session:
        return await storage.alerts.open_alerts(session, 1)


async def test_two_areas_are_asked_in_one_check_in_with_danger_once(either: Stage) -> None:
    await two_sessions(either, "Arm or leg", "Neck, shoulder")
    await either.world.forward(hours=21)
    first = await either.ben.sees("Check 1 of 9")
    assert TOGETHER in first.text
    arm, neck = "About an arm or leg", "About the neck, shoulder"
    steps = [("No, none of these", arm), ("3", "How sore"), ("Mild", "Any bruising"),
             ("None: normal", "Anything NEW"), ("No, nothing new", neck), ("6", "How sore"),
             ("Moderate", "Any bruising"), ("None: normal", "Check 9 of 9"),
             ("No, nothing new", "Thank you")]  # fmt: skip
    await taps(either.ben, *steps)
    one, later, other, last = await check_ins(either)
    assert (other.merged_into, last.merged_into) == (one.id, later.id)
    assert [check.state for check in (one, later, other, last)] == [
        "complete", "planned", "complete", "planned",
    ]  # fmt: skip
    assert (await answers(either, one))["pain"] == 3
    assert (await answers(either, other))["pain"] == 6
    assert (await answers(either, one))["danger"] == (await answers(either, other))["danger"]
    async with either.house.work.reading() as session:
        found = (await session.exec(select(Assessment).order_by(Assessment.id))).all()
    hours = {row.check_in_id: round(row.hours) for row in found}
    assert hours == {one.id: 24, other.id: 21}
    # Nobody is asked again at the second session's own hour.
    await either.world.forward(hours=4)
    assert await sent(either) == 1


async def test_the_same_area_twice_is_asked_once_and_kept_with_both(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Arm or leg")
    await clinic.world.forward(hours=21)
    await clinic.ben.sees("Check 1 of 5")
    await taps(clinic.ben, ("No, none of these", "How bad is your pain"), ("4", "How sore"),
               ("Mild", "Any bruising"), ("None: normal", "Anything NEW"),
               ("No, nothing new", "All as expected"))  # fmt: skip
    one, _later, other, _last = await check_ins(clinic)
    assert await answers(clinic, one) == await answers(clinic, other)
    assert (one.state, other.state) == ("complete", "complete")


async def test_a_danger_sign_is_told_once_and_is_one_alert_for_both_sessions(
    either: Stage,
) -> None:
    await two_sessions(either, "Arm or leg", "Neck, shoulder")
    await either.world.forward(hours=21)
    await either.ben.sees("Check 1 of 9")
    await taps(either.ben, ("Yes, or not sure", "Which?"), ("Breathless", None))
    told = await either.ben.sees("emergency help NOW")
    assert "an arm or leg" in told.text
    assert "neck, shoulder" in told.text
    card = await either.clinician.sees("Possible pneumothorax")
    assert "Together with" in card.text
    (alert,) = await alerts(either)
    one, _later, other, _last = await check_ins(either)
    assert {alert.session_id, *alert.also_sessions} == {one.session_id, other.session_id}
    assert (one.rules, other.rules) == (["E1"], ["E1"])
    await either.clinician.taps("I'm on it")
    await either.ben.sees("Your clinic saw this")
    async with either.house.work.reading() as session:
        rows = (await session.exec(select(OutboxRow))).all()
    for kind in ("emergency_text", "card_private", "seen"):
        assert sum(row.kind == kind for row in rows) == 1, kind
    assert (await alerts(either))[0].state == "acknowledged"


async def test_each_session_is_judged_by_its_own_pain_before(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben, "Arm or leg")
    await clinic.world.forward(hours=1)
    await another_session(clinic, "Neck, shoulder", pain="9")
    await clinic.world.forward(hours=21)
    await clinic.ben.sees("Check 1 of 9")
    await taps(clinic.ben, ("No, none of these", "About an arm or leg"), ("9", "How sore"),
               ("Mild", "Any bruising"), ("None: normal", "Anything NEW"),
               ("No, nothing new", "About the neck"), ("9", "How sore"))  # fmt: skip
    one, _later, other, _last = await check_ins(clinic)
    # 9 after 5 is far too much; 9 after 9 is not.
    assert "U7" in one.rules
    assert "U7" not in other.rules
    (alert,) = await alerts(clinic)
    assert (alert.session_id, alert.also_sessions) == (one.session_id, [])
    await clinic.ben.sees("This needs a call")


async def test_a_merged_check_in_that_nobody_answers_closes_once_for_both(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    await clinic.world.forward(hours=21)
    await clinic.ben.sees("Check 1 of 9")
    for _ in range(3):
        await clinic.world.forward(hours=8)
    await clinic.ben.sees("we cannot tell how you are")
    one, _later, other, _last = await check_ins(clinic)
    assert (one.state, other.state) == ("no_answer", "no_answer")
    async with clinic.house.work.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.kind == "closed_note"))).all()
    assert len(rows) == 1


async def test_cancelling_the_leading_session_parts_what_was_merged(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    assert sum(check.merged_into is not None for check in await check_ins(clinic)) == 2
    before = await check_ins(clinic)
    work = clinic.house.work
    async with work.reading() as session:
        actor = await identify(session, clinic.clinician.id)
    await sessions.cancel(work, actor, before[0].session_id)
    left = await check_ins(clinic)
    assert [check.merged_into for check in left] == [None, None]
    await clinic.world.forward(hours=21, minutes=2)
    assert await sent(clinic) == 0
    await clinic.world.forward(hours=3)
    alone = await clinic.ben.sees("Check 1 of 5")
    assert TOGETHER not in alone.text


async def test_sessions_far_apart_are_asked_each_for_itself(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder", hours=7)
    assert all(check.merged_into is None for check in await check_ins(clinic))


async def test_the_merge_rule_can_be_switched_off_and_the_diff_says_what_it_parts(
    either: Stage,
) -> None:
    await two_sessions(either, "Arm or leg", "Neck, shoulder")
    await either.admin.sends("/schedule")
    shown = await either.admin.sees("Schedule (version")
    assert "Check-ins of two sessions within 6 h: asked together" in shown.text
    await either.admin.taps("Merging")
    await either.admin.taps("Never")
    diff = await either.admin.sees("Check-ins of two sessions are never asked together")
    assert diff.text.count("asked by itself") == 2, diff.text
    await either.admin.taps("Apply to these patients too")
    await either.admin.sees("version 2")
    assert all(check.merged_into is None for check in await check_ins(either))
    await either.admin.taps("Undo")
    diff = await either.admin.sees("asked together with another session's")
    await either.admin.taps("Apply to these patients too")
    await either.admin.sees("version 3")
    assert sum(check.merged_into is not None for check in await check_ins(either)) == 2


async def test_moving_the_second_session_parts_and_merges_anew(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    work = clinic.house.work
    async with work.reading() as session:
        actor = await identify(session, clinic.clinician.id)
    second = (await check_ins(clinic))[-1].session_id
    now = work.clock.now()
    moved = sessions.SessionFacts(now - timedelta(hours=20), ("thorax",), (), 5)
    await sessions.edit(work, actor, second, moved)
    assert all(check.merged_into is None for check in await check_ins(clinic))
    back = sessions.SessionFacts(now, ("thorax",), (), 5)
    await sessions.edit(work, actor, second, back)
    found = await check_ins(clinic)
    assert [check.merged_into for check in found if check.session_id != second] == [None, None]
    assert all(check.merged_into for check in found if check.session_id == second)


async def test_an_answer_to_a_closed_merged_check_in_opens_a_report_for_both(
    clinic: Stage,
) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    await clinic.world.forward(hours=21)
    asked = await clinic.ben.sees("Check 1 of 9")
    one, _later, other, _last = await check_ins(clinic)
    for _ in range(2):
        await clinic.world.forward(hours=13)
    await clinic.ben.sees("we cannot tell how you are")
    await clinic.ben.view().taps_data(asked, f"a:{one.id}:danger:yes")
    await clinic.ben.sees("Which?")
    await clinic.ben.taps("Breathless")
    await clinic.ben.sees("emergency help NOW")
    reports = [check for check in await check_ins(clinic) if check.kind == "report"]
    assert {check.session_id for check in reports} == {one.session_id, other.session_id}
    assert [check.rules for check in reports] == [["E1"], ["E1"]]
    (alert,) = await alerts(clinic)
    assert {alert.session_id, *alert.also_sessions} == {one.session_id, other.session_id}


async def test_an_answer_of_one_area_is_corrected_for_that_area_alone(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    await clinic.world.forward(hours=21)
    await clinic.ben.sees("Check 1 of 9")
    await taps(clinic.ben, ("No, none of these", "About an arm or leg"), ("3", "How sore"),
               ("Mild", "Any bruising"), ("None: normal", "Anything NEW"),
               ("No, nothing new", "About the neck"), ("4", "How sore"),
               ("Back", "How bad is your pain"), ("5", "How sore"), ("Mild", "Any bruising"),
               ("None: normal", "Anything NEW"), ("No, nothing new", "All as expected"),
               ("Change an answer", "Which answer"))  # fmt: skip
    one, _later, other, _last = await check_ins(clinic)
    assert ((await answers(clinic, one))["pain"], (await answers(clinic, other))["pain"]) == (3, 5)
    menu = clinic.ben.view().buttons
    assert sum("Pain:" in label for label in menu) == 2
    assert sum("Danger signs:" in label for label in menu) == 1


async def test_a_danger_list_left_open_is_overdue_for_both_and_told_once(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    await clinic.world.forward(hours=21)
    await clinic.ben.sees("Check 1 of 9")
    await taps(clinic.ben, ("Yes, or not sure", "Which?"))
    await clinic.world.forward(minutes=2, seconds=5)
    await clinic.ben.sees("emergency help NOW")
    one, _later, other, _last = await check_ins(clinic)
    assert (one.rules, other.rules) == (["E0"], ["E0"])
    assert (one.timed_out, other.timed_out) == (["danger_signs"], ["danger_signs"])
    await clinic.ben.taps("I made a mistake")
    await clinic.ben.sees("Check 1 of 9")
    assert not any(check.paused for check in await check_ins(clinic))
    async with clinic.house.work.reading() as session:
        rows = (await session.exec(select(OutboxRow))).all()
    assert sum(row.kind == "emergency_text" for row in rows) == 1


async def test_when_the_leading_message_was_missed_the_other_comes_by_itself(
    clinic: Stage,
) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    one, _later, other, _last = await check_ins(clinic)
    async with clinic.house.work.writing() as tx:
        query = select(OutboxRow).where(
            OutboxRow.kind == "check_in", OutboxRow.check_in_id == one.id
        )
        row = (await tx.session.exec(query)).one()
        row.useful_until = row.due_at - timedelta(hours=1)
        tx.session.add(row)
    await clinic.world.forward(hours=24, minutes=5)
    alone = await clinic.ben.sees("Check 1 of 5")
    assert TOGETHER not in alone.text
    found = {check.id: check for check in await check_ins(clinic)}
    assert (found[one.id].state, found[other.id].state) == ("missed", "open")


async def test_day_seven_of_one_session_is_asked_with_day_one_of_another(clinic: Stage) -> None:
    await clinic.admin.sends("/schedule")
    await clinic.admin.sees("Schedule (version")
    await clinic.admin.taps("Presets")
    await clinic.admin.taps("24 h, 48 h, one tap on day 7")
    await clinic.admin.sees("Change of the schedule")
    await clinic.admin.taps("Apply to new sessions")
    await clinic.admin.sees("version 2")
    await session_for(clinic, clinic.ben, "Arm or leg")
    for _ in range(6):
        await clinic.world.forward(hours=24)
    await another_session(clinic, "Neck, shoulder")
    await clinic.world.forward(hours=22)
    # What is whole is asked first, though day 7 is due two hours sooner.
    asked = await clinic.ben.sees(TOGETHER)
    assert "do you have ANY of these now?" in asked.text
    await taps(clinic.ben, ("No, none of these", "About the neck"), ("2", "How sore"),
               ("Mild", "Any bruising"), ("None: normal", "Anything NEW"),
               ("No, nothing new", "One week on"))  # fmt: skip
    week = next(check for check in await check_ins(clinic) if check.step == "week")
    assert (week.state, (await answers(clinic, week))["danger"]) == ("open", "none")
    await taps(clinic.ben, ("No, all fine", "All as expected"))
    states = {check.id: check.state for check in await check_ins(clinic)}
    assert states[week.id] == "complete"


async def test_a_late_answer_is_judged_by_the_real_hours_of_each_session(clinic: Stage) -> None:
    await two_sessions(clinic, "Arm or leg", "Arm or leg", hours=5)
    await clinic.world.forward(hours=19)
    await clinic.ben.sees("Check 1 of 5")
    await clinic.world.forward(hours=9)
    await taps(clinic.ben, ("No, none of these", "How bad is your pain"))
    one, _later, other, _last = await check_ins(clinic)
    async with clinic.house.work.reading() as session:
        found = (await session.exec(select(Assessment))).all()
    assert {row.check_in_id: round(row.hours) for row in found} == {one.id: 33, other.id: 28}


async def test_while_the_leading_message_waits_the_other_is_not_sent_by_itself(
    clinic: Stage,
) -> None:
    await two_sessions(clinic, "Arm or leg", "Neck, shoulder")
    one = (await check_ins(clinic))[0]
    async with clinic.house.work.writing() as tx:
        query = select(OutboxRow).where(
            OutboxRow.kind == "check_in", OutboxRow.check_in_id == one.id
        )
        row = (await tx.session.exec(query)).one()
        row.due_at += timedelta(hours=4)
        tx.session.add(row)
    await clinic.world.forward(hours=24, minutes=30)
    assert await sent(clinic) == 0
    await clinic.world.forward(minutes=45)
    await clinic.ben.sees("Check 1 of 9")
    assert await sent(clinic) == 1


async def test_a_session_recorded_late_joins_the_check_in_that_waits_for_an_answer(
    either: Stage,
) -> None:
    await session_for(either, either.ben, "Arm or leg")
    await either.world.forward(hours=22)
    asked = await either.ben.sees("Check 1 of 5")
    work = either.house.work
    async with work.reading() as session:
        actor = await identify(session, either.clinician.id)
    (first,) = {check.patient_id for check in await check_ins(either)}
    now = work.clock.now()
    late = sessions.SessionFacts(now - timedelta(hours=23), ("thorax",), (), 5)
    await sessions.record(work, actor, first, late)
    one, _later, other, last = await check_ins(either)
    assert (other.state, other.merged_into) == ("open", one.id)
    assert last.merged_into is not None
    await either.ben.view().taps_data(asked, f"a:{one.id}:danger:none")
    await either.ben.sees("Check 2 of 9")
    assert (await answers(either, other))["danger"] == "none"
    await either.world.forward(hours=3)
    assert await sent(either) == 1
