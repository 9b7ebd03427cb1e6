"""/schedule: every change is shown as a diff first, and applying does exactly what was shown."""

import re
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.play import join, record_session
from storage.tables import CheckIn, OutboxRow, ScheduleVersion
from tests.walk.world import Stage, check_in_for, session_for, taps


async def open_panel(found: Stage, *labels: str) -> None:
    await found.admin.sends("/schedule")
    await found.admin.sees("Schedule (version")
    for label in labels:
        await found.admin.taps(label)


async def planned(found: Stage) -> list[tuple[str, str]]:
    async with found.house.work.reading() as session:
        query = select(CheckIn).where(CheckIn.state == "planned").order_by(CheckIn.due_at)
        checks = (await session.exec(query)).all()
    return [(check.step, f"{check.due_at:%a %H:%M}") for check in checks]


async def test_a_new_step_is_shown_first_and_then_comes_when_it_was_shown(either: Stage) -> None:
    await session_for(either, either.ben)
    await open_panel(either, "Add a check-in", "72 h")
    shown = await either.admin.sees("Check-ins: 24 h, 48 h after the session → ")
    assert "1 check-in of 1 patient" in shown.text
    assert re.search(r"P-\w{4} · 72 h: new, Fri 10:0\d", shown.text), shown.text
    assert [step for step, _ in await planned(either)] == ["24h", "48h"]
    await either.admin.taps("Apply to these patients too")
    await either.admin.sees("The schedule was changed (version 2)")
    assert [step for step, _ in await planned(either)] == ["24h", "48h", "72h"]
    (_, due) = (await planned(either))[-1]
    assert due in shown.text
    await either.world.forward(hours=22)
    await either.ben.sees("24 hours after your session")
    await either.world.forward(hours=48)
    third = await either.ben.sees("72 h after your session")
    assert "Check 1 of 5" in third.text


async def test_for_new_sessions_only_nothing_planned_moves(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    before = await planned(clinic)
    await open_panel(clinic, "Presets", "24 h, 48 h, 72 h")
    await clinic.admin.taps("Apply to new sessions")
    await clinic.admin.sees("It holds for new sessions")
    assert await planned(clinic) == before
    await join(clinic, clinic.anna)
    await record_session(clinic, "Arm or leg")
    assert sorted(step for step, _ in await planned(clinic)) == ["24h", "24h", "48h", "48h", "72h"]


async def test_what_is_queued_already_moves_as_shown_reminders_and_closing_too(
    either: Stage,
) -> None:
    await session_for(either, either.ben)
    await open_panel(either, "Move or remove", "48 h: sooner")
    shown = await either.admin.sees("48 h → 46 h: Thu 10:0")
    assert "→ Thu 08:0" in shown.text
    await either.admin.taps("Apply to these patients too")
    await either.admin.sees("Moved with it: 1 check-in of 1 patient")
    assert [step for step, _ in await planned(either)] == ["24h", "46h"]
    async with either.house.work.reading() as session:
        query = select(OutboxRow).where(OutboxRow.kind.in_(("check_in", "close_check_in")))
        rows = (await session.exec(query)).all()
        check = (await session.exec(select(CheckIn).where(CheckIn.step == "46h"))).one()
    mine = {(r.kind, r.state, r.due_at) for r in rows if r.check_in_id == check.id}
    assert ("check_in", "due", check.due_at) in mine
    assert ("close_check_in", "due", check.closes_at) in mine
    assert sum(state == "due" for _, state, _ in mine) == 2


async def test_a_removed_step_is_not_asked_and_undo_brings_it_back(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    before = await planned(clinic)
    await open_panel(clinic, "Move or remove", "48 h: remove")
    await clinic.admin.sees("→ not asked")
    await clinic.admin.taps("Apply to these patients too")
    await clinic.admin.sees("version 2")
    assert [step for step, _ in await planned(clinic)] == ["24h"]
    await clinic.admin.taps("Undo")
    await clinic.admin.sees("48 h: new, ")
    assert [step for step, _ in await planned(clinic)] == ["24h"]
    await clinic.admin.taps("Apply to these patients too")
    await clinic.admin.sees("version 3")
    assert await planned(clinic) == before


async def test_cancel_changes_nothing_and_its_buttons_are_dead(clinic: Stage) -> None:
    await open_panel(clinic, "Closing", "6 h")
    shown = await clinic.admin.sees("Closes after 12 h without an answer → ")
    apply = next(b for row in shown.buttons for b in row if b.text.startswith("Apply to new"))
    await clinic.admin.taps("Cancel")
    await clinic.admin.sees("Nothing was changed")
    await clinic.admin.act("tap", chat=shown.chat_id, message_id=shown.message_id, data=apply.data)
    async with clinic.house.work.reading() as session:
        versions = (await session.exec(select(ScheduleVersion.state))).all()
    assert sorted(versions) == ["applied", "cancelled"]


async def test_the_second_of_two_admins_sees_what_the_first_changed(clinic: Stage) -> None:
    other = await clinic.world.person("Sam", role="admin")
    await clinic.admin.sends("/invite")
    await clinic.admin.sees("Invite a colleague")
    await clinic.admin.taps("Admin")
    link = await clinic.admin.sees("Send this link")
    await other.starts(re.search(r"start=(\S+)", link.text).group(1))
    await other.sees("You are invited")
    await other.taps("I agree")
    await other.sees("Welcome")
    await open_panel(clinic, "Closing", "6 h")
    await clinic.admin.sees("Closes after")
    await other.sends("/schedule")
    await other.sees("version 1")
    await other.taps("Presets")
    await other.taps("24 h, 48 h, 72 h")
    await other.taps("Apply to new sessions")
    await other.sees("version 2")
    await clinic.admin.taps("Apply to new sessions")
    told = await clinic.admin.sees("Meanwhile somebody else changed the schedule")
    assert "24 h, 48 h, 72 h" in told.text
    await clinic.admin.taps("Make my change on top")
    again = await clinic.admin.sees("Check-ins: 24 h, 48 h, 72 h after the session → ")
    assert "Closes after" in again.text


async def test_what_changed_since_it_was_shown_is_shown_again_and_not_applied(
    clinic: Stage,
) -> None:
    await session_for(clinic, clinic.ben)
    await open_panel(clinic, "Closing", "6 h")
    await clinic.admin.sees("2 check-ins of 1 patient")
    await clinic.world.forward(hours=22)
    await clinic.ben.sees("Check 1 of 5")
    await clinic.admin.taps("Apply to these patients too")
    again = await clinic.admin.sees("This has changed since you looked")
    assert "1 check-in of 1 patient" in again.text
    await clinic.admin.taps("Apply to these patients too")
    await clinic.admin.sees("version 2")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("7 days", "day 7: new"),
        ("72", "72 h: new"),
        ("30", "at least 12 hours apart"),
        ("900", "6 to 720 hours"),
        ("soon", "I cannot read that"),
    ],
)
async def test_other_hours_can_be_typed_and_bad_ones_get_a_reason(
    clinic: Stage, typed: str, answer: str
) -> None:
    await session_for(clinic, clinic.ben)
    await open_panel(clinic, "Add a check-in", "Other hours")
    question = await clinic.admin.sees("How long after the session?")
    await clinic.admin.sends(typed, reply_to=question)
    await clinic.admin.sees(answer)


async def test_who_is_no_admin_sees_no_schedule(clinic: Stage) -> None:
    await clinic.clinician.sends("/schedule")
    await clinic.clinician.sees("This is not for you")


async def test_a_running_check_in_is_left_alone(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await open_panel(clinic, "Presets", "24 h, 48 h, 72 h")
    await clinic.admin.sees("72 h: new")
    await clinic.admin.taps("Apply to these patients too")
    await clinic.admin.sees("version 2")
    await taps(clinic.ben, ("No, none of these", "How bad is your pain"))


async def test_the_day_a_draft_was_made_is_kept(clinic: Stage) -> None:
    await open_panel(clinic, "Closing", "6 h")
    await clinic.admin.sees("Closes after")
    async with clinic.house.work.reading() as session:
        query = select(ScheduleVersion).where(ScheduleVersion.state == "draft")
        draft = (await session.exec(query)).one()
    assert isinstance(draft.made_at, datetime)
    assert draft.made_at.tzinfo is UTC
