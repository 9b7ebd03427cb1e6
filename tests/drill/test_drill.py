"""A drill goes the whole way through the real parts, times every link, and leaves no trace."""

import asyncio
from datetime import timedelta

from sqlmodel import col, func, select

import storage.drills
import storage.outbox
import storage.people
from care.audit import verify
from care.digest import gather
from storage.tables import Alert, AuditEntry, CheckIn, Drill, Invite, OutboxRow, Patient
from tests.walk.world import Stage, check_in_for, taps

MARK = "DRILL · SIMULACRO"
EMERGENCY = "Please get emergency help NOW"


async def begins(found: Stage) -> None:
    await found.admin.sends("/drill")
    await found.admin.sees("pretend patient goes the whole way")
    await found.admin.taps("Start the drill")


async def last(found: Stage) -> Drill:
    async with found.house.work.reading() as session:
        clinic = await storage.people.first_clinic(session)
        drill = await storage.drills.latest(session, clinic.id)
        assert drill is not None
        return drill


async def removed(found: Stage) -> None:
    """Wait until the synthetic patient is gone, with everything that was theirs."""
    async with asyncio.timeout(20):
        while (await last(found)).patient_id is not None:
            await asyncio.sleep(0.1)


async def synthetic(found: Stage, table, by) -> int:
    async with found.house.work.reading() as session:
        theirs = select(Patient.id).where(col(Patient.synthetic).is_(True))
        query = select(func.count()).select_from(table).where(col(by).in_(theirs))
        return (await session.exec(query)).one()


async def test_a_drill_goes_the_whole_way_and_times_every_link_and_leaves_nothing(
    either: Stage,
) -> None:
    await begins(either)
    assert MARK in (await either.admin.sees(EMERGENCY)).text
    card = await either.clinician.sees("Possible pneumothorax")
    assert MARK in card.text
    assert "DRILL-1" in card.text
    in_group = await either.clinician.sees("Possible pneumothorax", in_chat=either.group)
    assert MARK in in_group.text
    await either.clinician.taps("I'm on it")
    told = await either.admin.sees("The drill passed")
    for line in (
        "✓ The link opens the bot", "✓ The patient joins", "✓ The check-in is sent",
        "✓ The danger answer is kept", "✓ The patient has the emergency text",
        "✓ Card in the chat of", "✓ Card in the group", "✓ Somebody is on it",
    ):  # fmt: skip
        assert line in told.text
    found = await last(either)
    assert found.state == "passed"
    assert all(0 <= link["seconds"] < 30 for link in found.links)
    await removed(either)
    await nothing_is_left_but_the_audit(either)


async def nothing_is_left_but_the_audit(either: Stage) -> None:
    for table, by in (
        (Patient, Patient.id), (CheckIn, CheckIn.patient_id), (Alert, Alert.patient_id),
        (OutboxRow, OutboxRow.patient_id), (Invite, Invite.patient_id),
    ):  # fmt: skip
        assert await synthetic(either, table, by) == 0
    async with either.house.work.reading() as session:
        alerts = (await session.exec(select(func.count(col(Alert.id))))).one()
        drills = select(AuditEntry.action).where(col(AuditEntry.action).startswith("drill_"))
        said = set((await session.exec(drills)).all())
        chain = await verify(session, 1)
    assert alerts == 0
    assert said == {"drill_started", "drill_passed"}
    assert chain.broken_at is None
    card = await either.clinician.sees("Closed")
    assert MARK in card.text


async def test_while_it_runs_no_list_no_digest_and_no_search_shows_the_patient(
    clinic: Stage,
) -> None:
    await begins(clinic)
    await clinic.clinician.sees("Possible pneumothorax")
    await clinic.clinician.sends("/patients")
    assert "DRILL" not in (await clinic.clinician.sees("No patients yet")).text
    await clinic.clinician.sends("/patients DRILL")
    await clinic.clinician.sees("Nobody with this code")
    async with clinic.house.work.reading() as session:
        known = await storage.people.first_clinic(session)
        digest = await gather(session, known, clinic.house.work.clock.now())
    assert digest.open_alerts == ()
    assert digest.due == 0
    await clinic.admin.sends("/drill")
    await clinic.admin.sees("under way")
    await clinic.admin.taps("Stop the drill")
    await clinic.admin.sees("The drill was stopped")


async def test_a_group_that_refuses_the_card_is_the_broken_link(clinic: Stage) -> None:
    await clinic.world.fault("status", "sendMessage", chat=clinic.group.id, status=403)
    await begins(clinic)
    await clinic.clinician.sees("Possible pneumothorax")
    await clinic.clinician.taps("I'm on it")
    told = await clinic.admin.sees("The drill failed")
    assert "The broken link: Card in the group, Telegram did not take it" in told.text
    assert "✓ Somebody is on it" in told.text


async def test_an_alert_that_nobody_takes_in_time_is_the_broken_link(clinic: Stage) -> None:
    await begins(clinic)
    await clinic.clinician.sees("Possible pneumothorax")
    async with asyncio.timeout(10):
        while (await last(clinic)).stage != "acknowledged":
            await asyncio.sleep(0.1)
    await clinic.world.forward(minutes=15, seconds=6)
    told = await clinic.admin.sees("The drill failed")
    assert "Somebody is on it, nobody took it within 15 minutes" in told.text


async def test_a_check_in_that_does_not_leave_is_the_broken_link(clinic: Stage) -> None:
    await begins(clinic)
    await clinic.admin.sees("you have joined")
    await clinic.world.fault("status", "sendMessage", chat=clinic.admin.id, status=500)
    async with asyncio.timeout(10):
        while (await last(clinic)).stage != "check_in":
            await asyncio.sleep(0.1)
    await clinic.world.forward(minutes=6)
    await clinic.world.clear_faults()
    await clinic.world.forward(minutes=6)
    told = await clinic.admin.sees("The drill failed")
    assert "The broken link: The check-in is sent, the message does not leave" in told.text


async def test_a_real_alert_meanwhile_is_untouched(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben, "Arm or leg")
    await begins(clinic)
    await clinic.clinician.sees("Possible pneumothorax")
    await taps(clinic.ben, ("Yes, or not sure", "Tap all, then Done"))
    await clinic.ben.taps("Very ill")
    card = await clinic.clinician.sees("Possible sepsis")
    assert MARK not in card.text
    assert MARK not in (await clinic.ben.sees(EMERGENCY)).text
    await clinic.admin.sends("/drill")
    await clinic.admin.taps("Stop the drill")
    await clinic.admin.sees("The drill was stopped")
    await removed(clinic)
    async with clinic.house.work.reading() as session:
        left = (await session.exec(select(Alert))).all()
    assert [(alert.state, alert.rules) for alert in left] == [("open", ["E4"])]


async def test_only_one_drill_at_a_time_and_only_an_admin_starts_one(clinic: Stage) -> None:
    await clinic.clinician.sends("/drill")
    await clinic.clinician.sees("This is not for you")
    await begins(clinic)
    await clinic.admin.sees("under way")
    await clinic.admin.sends("/drill")
    await clinic.admin.sees("under way")
    assert (await last(clinic)).id == 1
    await clinic.admin.taps("Stop the drill")
    await clinic.admin.sees("The drill was stopped")


async def test_the_weekly_drill_begins_by_itself_and_reports_to_the_admins(either: Stage) -> None:
    # The stage begins on a Tuesday at 10:00 UTC.
    await either.admin.sends("/settings")
    await either.admin.taps("Weekly drill")
    question = await either.admin.sees("reply to this message")
    await either.admin.sends("Tue 14:30", reply_to=question)
    await either.admin.sees("tue 14:30")
    await either.world.forward(hours=4, minutes=31)
    await either.clinician.sees("Possible pneumothorax")
    await either.clinician.taps("I'm on it")
    await either.admin.sees("The drill passed")
    found = await last(either)
    assert (found.weekly, found.state) == (True, "passed")
    async with either.house.work.reading() as session:
        rows = await storage.outbox.due_rows(session, kinds=("drill_week",))
    assert [row.due_at - found.started_at.replace(second=0, microsecond=0) for row in rows] == [
        timedelta(days=7, minutes=-1)
    ]
