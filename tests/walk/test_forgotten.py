"""Taken and forgotten: whoever took an alert is asked, then it is nobody's again."""

import storage.alerts
import storage.outbox
from tests.walk.record import the_alert
from tests.walk.test_alerts import colleague, emergency
from tests.walk.world import Stage, check_in_for, taps


async def taken(found: Stage) -> None:
    """Dana has taken Ben's emergency."""
    await emergency(found)
    await found.clinician.sees("Possible sepsis")
    await found.clinician.taps("I'm on it")
    await found.clinician.sees("Taken by Dana")
    await found.ben.sees("Your clinic saw this")


async def event_kinds(found: Stage) -> list[str]:
    async with found.house.work.reading() as session:
        events = await storage.alerts.events(session, (await the_alert(found)).id)
    return [event.kind for event in events]


async def test_a_forgotten_emergency_asks_after_an_hour_and_is_open_again_after_two(
    either: Stage,
) -> None:
    await taken(either)
    await either.world.forward(minutes=59)
    assert "asked" not in await event_kinds(either)
    await either.world.forward(minutes=1, seconds=10)
    question = await either.clinician.sees("Still on it?")
    assert {"Still on it", "Close", "Hand over", "Add note"} <= set(question.labels)
    await either.world.forward(minutes=60)
    card = await either.clinician.sees("it is open again")
    assert "I'm on it" in card.labels
    calls = await either.world.calls("sendMessage")
    (sent,) = [c for c in calls if "it is open again" in str(c) and "In reply" not in str(c)][-1:]
    assert "reply" in str(sent)
    alert = await the_alert(either)
    assert (alert.state, alert.generation, alert.acknowledged_by) == ("open", 2, None)
    assert not any("Nobody has read" in m.text for m in either.ben.view().messages)
    await either.world.forward(minutes=15, seconds=10)
    await either.ben.sees("Nobody has read this yet")


async def test_still_on_it_starts_the_clock_again_and_an_old_button_says_how_it_stands(
    either: Stage,
) -> None:
    await taken(either)
    await either.world.forward(minutes=60, seconds=10)
    question = await either.clinician.sees("Still on it?")
    await taps(either.clinician, ("Still on it", "stays with you"))
    await either.world.forward(minutes=61)
    assert (await the_alert(either)).state == "acknowledged"
    assert (await event_kinds(either)).count("asked") == 2
    await either.world.forward(minutes=60)
    await either.clinician.sees("it is open again")
    data = f"ks:{(await the_alert(either)).id}:1"
    answer = await either.clinician.view().taps_data(question, data)
    assert "Nobody has this alert now" in answer.text
    assert (await the_alert(either)).state == "open"


async def test_a_note_starts_the_clock_again_and_closing_ends_it(clinic: Stage) -> None:
    await taken(clinic)
    await clinic.world.forward(minutes=60, seconds=10)
    await clinic.clinician.sees("Still on it?")
    await clinic.clinician.taps("Add note")
    question = await clinic.clinician.sees("What was done")
    await clinic.clinician.sends("Called, no answer, trying again", reply_to=question)
    await clinic.clinician.sees("Kept with alert")
    await clinic.world.forward(minutes=70)
    assert (await the_alert(clinic)).state == "acknowledged"
    await taps(
        clinic.clinician, ("Close", "What was it"), ("Unclear", "still to come"),
        ("Keep the checks", "is closed"),
    )  # fmt: skip
    await clinic.world.forward(hours=3)
    assert (await the_alert(clinic)).state == "closed"
    async with clinic.house.work.reading() as session:
        rows = await storage.outbox.due_rows(session, kinds=("forgotten_ask", "forgotten_reopen"))
    assert rows == []


async def test_whoever_it_was_handed_to_is_asked(clinic: Stage) -> None:
    eve = await colleague(clinic)
    await taken(clinic)
    await clinic.world.forward(minutes=30)
    await taps(clinic.clinician, ("Hand over", "to whom"), ("Eve", "Handed over"))
    await clinic.world.forward(minutes=60, seconds=10)
    await eve.sees("Still on it?")
    assert not any("Still on it?" in m.text for m in clinic.clinician.view().messages)


async def test_an_urgent_one_counts_opening_hours_only(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=16, minute=30))
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    await clinic.clinician.taps("I'm on it")
    await clinic.ben.sees("Your clinic saw this")
    await clinic.world.set_clock(now.replace(hour=20, minute=0))
    assert "asked" not in await event_kinds(clinic)
    tomorrow = (await clinic.world.now()).replace(hour=9, minute=31)
    await clinic.world.set_clock(tomorrow.replace(day=tomorrow.day + 1))
    await clinic.clinician.sees("Still on it?")
    await clinic.world.forward(hours=1)
    await clinic.clinician.sees("it is open again")
