"""/team: the rota in chat; every change undoable, and never made on top of another's unseen."""

import storage.people
import storage.rota
from bot.play import token_in
from care.rota import rota_of
from sandbox.people import Person
from tests.walk.test_alerts import colleague, emergency
from tests.walk.world import Stage, check_in_for, taps


async def order(found: Stage) -> list[str]:
    work = found.house.work
    async with work.reading() as session:
        rota = await rota_of(session, 1, work.clock.now())
    return [work.cipher.open(member.name) for member in rota.members]


async def panel(admin: Person) -> None:
    await admin.sends("/team")
    await admin.sees("Alerts go to whoever is on duty")


async def test_the_order_is_moved_undone_and_decides_who_is_next(either: Stage) -> None:
    eve = await colleague(either)
    assert await order(either) == ["Dana", "Eve", "Alex"]
    await panel(either.admin)
    await taps(either.admin, ("▲ Alex", "order: Dana, Alex, Eve"))
    assert await order(either) == ["Dana", "Alex", "Eve"]
    await taps(either.admin, ("Undo", "order: Dana, Eve, Alex"))
    await panel(either.admin)
    await taps(either.admin, ("▲ Alex", "order: Dana, Alex, Eve"))
    await emergency(either)
    await either.world.forward(minutes=15, seconds=10)
    await either.admin.sees("Possible sepsis")
    assert not any("sepsis" in m.text for m in eve.view().messages)


async def test_of_two_admins_the_second_is_told_what_the_first_changed(either: Stage) -> None:
    await either.admin.sends("/invite")
    await either.admin.sees("Invite a colleague")
    await either.admin.taps("Admin")
    link = await either.admin.sees("Send this link")
    kim = await either.world.person("Kim", role="admin")
    await kim.starts(token_in(link.text))
    await taps(kim, ("I agree", "Welcome"))
    await panel(kim)
    await panel(either.admin)
    await taps(either.admin, ("▲ Alex", "order: Alex, Dana, Kim"))
    await taps(kim, ("▲ Kim", "Not done: Alex changed the team meanwhile: order: Alex, Dana, Kim"))
    assert await order(either) == ["Alex", "Dana", "Kim"]


async def test_an_absence_is_set_by_button_and_by_typing_and_removed(either: Stage) -> None:
    await panel(either.admin)
    await taps(either.admin, ("Dana: away", "When is Dana away?"), ("Today", "Dana is away"))
    await the_panel_says_that_dana_is_away(either)
    await panel(either.admin)
    await taps(either.admin, ("Dana: away", "When is Dana away?"), ("Other days", "Which days?"))
    question = either.admin.view().messages[-1]
    await either.admin.sends("3-10 Foo", reply_to=question)
    question = await either.admin.sees("I cannot read these days")
    await either.admin.sends("3-10 Dec", reply_to=question)
    await either.admin.sees("Dana is away Dec 3, 2026 - Dec 10, 2026")
    async with either.house.work.reading() as session:
        assert len(await storage.rota.absences(session, 1)) == 2
    await panel(either.admin)
    await taps(either.admin, ("Dana: away", "When is Dana away?"), ("Remove Dec 3", "is not away"))
    async with either.house.work.reading() as session:
        assert len(await storage.rota.absences(session, 1)) == 1


async def the_panel_says_that_dana_is_away(found: Stage) -> None:
    """A fresh panel."""
    await found.admin.sends("/team")
    shown = await found.admin.sees("Alerts go to")
    assert "Dana ● on duty · away now" in shown.text


async def test_closed_days_and_times_are_set_within_bounds_and_undone(either: Stage) -> None:
    await panel(either.admin)
    await taps(
        either.admin, ("Closed days", "On which days"), ("Tomorrow", "closed"),
        ("Undo", "open again"), ("Team", "Clinic closed: no days"),
        ("Waiting times", "Emergency, until"),
    )  # fmt: skip
    await taps(either.admin, ("🆘 10 min", "15 → 10 min"))
    async with either.house.work.reading() as session:
        clinic = await storage.people.clinic(session, 1)
    assert clinic.emergency_minutes == 10
    await emergency(either)
    await either.clinician.sees("Possible sepsis")
    await either.world.forward(minutes=10, seconds=10)
    await either.ben.sees("Nobody has read this yet")


async def test_a_number_out_of_bounds_is_refused_and_changes_nothing(clinic: Stage) -> None:
    await panel(clinic.admin)
    await taps(clinic.admin, ("Waiting times", "Emergency, until"), ("🆘 …", "how many minutes"))
    question = clinic.admin.view().messages[-1]
    for words in ("600", "soon"):
        await clinic.admin.sends(words, reply_to=question)
        await clinic.admin.sees("it takes 5 to 30 minutes")
    async with clinic.house.work.reading() as session:
        assert (await storage.people.clinic(session, 1)).emergency_minutes == 15
        assert await storage.rota.latest_change(session, 1) is None


async def test_new_opening_hours_keep_the_closed_days(clinic: Stage) -> None:
    await panel(clinic.admin)
    await taps(clinic.admin, ("Closed days", "On which days"), ("Tomorrow", "closed"))
    await clinic.admin.sends("/settings")
    await clinic.admin.sees("Settings")
    await clinic.admin.taps("Opening hours")
    question = await clinic.admin.sees("reply to this message")
    await clinic.admin.sends("Mon-Fri 07:00-19:00", reply_to=question)
    await clinic.admin.sees("07:00-19:00")
    async with clinic.house.work.reading() as session:
        stored = (await storage.people.clinic(session, 1)).opening_hours
    assert stored["mon"] == [["07:00", "19:00"]]
    assert len(stored["closed"]) == 1


async def test_a_clinician_who_is_no_admin_cannot_change_the_rota(clinic: Stage) -> None:
    await clinic.clinician.sends("/team")
    await clinic.clinician.sees("This is not for you")
    message = clinic.clinician.view().messages[-1]
    for data in ("tm:up:0:1", "td:0:1:today", "tt:emergency_minutes:0:30"):
        answer = await clinic.clinician.view().taps_data(message, data)
        assert "not for you" in answer.text
    async with clinic.house.work.reading() as session:
        assert await storage.rota.latest_change(session, 1) is None


async def test_an_admin_puts_a_colleague_on_and_off_duty_who_is_told(either: Stage) -> None:
    await either.clinician.sends("/duty off")
    await either.clinician.sees("You are off duty")
    await either.admin.sends("/team")
    await either.admin.sees("Alerts go to whoever is on duty")
    await taps(either.admin, ("Put Dana on duty", "Dana ● on duty"))
    await either.clinician.sees("an admin put you on")
    await check_in_for(either, either.ben)
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"), ("Very ill", "NOW"))
    await either.clinician.sees("Possible sepsis")
    await taps(either.admin, ("Take Dana off duty", "1. "))
    await either.clinician.sees("an admin took you off")
