"""Who is told, by level and clock: on duty, then the rota in order, then everyone."""

from datetime import date, timedelta

import pytest

import storage.alerts
import storage.people
import storage.rota
from care.opening_hours import OpeningHours
from sandbox.people import Person
from tests.walk.record import the_alert
from tests.walk.test_alerts import colleague, emergency
from tests.walk.world import Stage, check_in_for


def cards(person: Person, words: str) -> int:
    """How many cards this person has that say so."""
    return sum(words in m.text for m in person.view().messages)


async def events(found: Stage, kind: str) -> list:
    async with found.house.work.reading() as session:
        every = await storage.alerts.events(session, (await the_alert(found)).id)
    return [event for event in every if event.kind == kind]


async def away(found: Stage, *people: Person) -> None:
    """These are away all month."""
    async with found.house.work.writing() as tx:
        known = [await storage.people.known_person(tx.session, 1, one.id) for one in people]
        first = tx.now.date() - timedelta(days=1)
        await storage.rota.replace_absences(
            tx.session, 1, [(one.id, first, first + timedelta(days=30)) for one in known]
        )


async def closed_on(found: Stage, *days: date) -> None:
    async with found.house.work.writing() as tx:
        clinic = await storage.people.clinic(tx.session, 1)
        hours = OpeningHours.from_json(clinic.opening_hours)
        clinic.opening_hours = OpeningHours(hours.week, frozenset(days)).to_json()
        tx.session.add(clinic)


async def test_on_duty_then_the_next_on_the_rota_then_everyone_until_somebody_takes_it(
    either: Stage,
) -> None:
    eve = await colleague(either)
    await emergency(either)
    await either.clinician.sees("Possible sepsis")
    assert (cards(eve, "sepsis"), cards(either.admin, "sepsis")) == (0, 0)
    await either.world.forward(minutes=15, seconds=10)
    await eve.sees("Possible sepsis")
    assert cards(either.admin, "sepsis") == 0
    await either.world.forward(minutes=10, seconds=10)
    await either.admin.sees("Possible sepsis")
    told = [event.detail["to"] for event in await events(either, "escalated")]
    assert told == ["next", "everyone"]
    await either.admin.taps("I'm on it")
    await either.ben.sees("Your clinic saw this")
    before = cards(eve, "sepsis")
    await either.world.forward(minutes=30)
    assert cards(eve, "sepsis") == before


async def test_whoever_is_away_is_skipped_even_when_on_duty(clinic: Stage) -> None:
    eve = await colleague(clinic, on_duty=True)
    await away(clinic, clinic.clinician)
    await emergency(clinic)
    await eve.sees("Possible sepsis")
    await clinic.world.forward(minutes=40)
    assert cards(clinic.clinician, "sepsis") == 0
    assert cards(clinic.admin, "sepsis") >= 1


async def test_with_nobody_on_duty_everyone_is_told_at_once_and_the_card_says_so(
    either: Stage,
) -> None:
    await either.clinician.sends("/duty off")
    await either.clinician.sees("off duty")
    await emergency(either)
    for one in (either.clinician, either.admin):
        card = await one.sees("Possible sepsis")
        assert "Nobody was on duty: everyone has this card." in card.text
    (event,) = await events(either, "no_one_on_duty")
    assert len(event.detail["people"]) == 2


async def test_those_away_are_paged_when_there_is_nobody_else_and_it_is_recorded(
    clinic: Stage,
) -> None:
    await away(clinic, clinic.clinician, clinic.admin)
    await emergency(clinic)
    card = await clinic.clinician.sees("Possible sepsis")
    assert "those away have this card too" in card.text
    assert len(await events(clinic, "absent_paged")) == 1


@pytest.mark.parametrize("holiday", [False, True])
async def test_an_urgent_alert_at_night_is_paged_when_the_clinic_opens(
    either: Stage, holiday: bool
) -> None:
    await check_in_for(either, either.ben)
    night = (await either.world.now()).replace(hour=23, minute=0)
    days = 1
    if holiday:
        days = 8
        await closed_on(either, *(night.date() + timedelta(days=n) for n in range(1, 8)))
    await either.world.set_clock(night)
    await either.ben.taps("I'm worried")
    told = await either.ben.sees("This needs a call")
    assert "08:00" in told.text
    assert "today" not in told.text
    await either.clinician.sees("Patient worried", in_chat=either.group)
    alert = await the_alert(either)
    opens = (night + timedelta(days=days)).replace(hour=8, second=0, microsecond=0)
    assert alert.deadline_at == alert.paged_at == opens
    await either.world.set_clock(alert.deadline_at - timedelta(minutes=1))
    assert cards(either.clinician, "URGENT") == 0
    assert not any("could not reach" in m.text for m in either.ben.view().messages)
    await either.world.forward(minutes=1, seconds=10)
    await either.clinician.sees("Patient worried")
    await either.ben.sees("Nobody has read this yet. Call 555 0100")


async def test_an_urgent_alert_wakes_nobody_between_closing_and_opening(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.set_clock((await clinic.world.now()).replace(hour=16, minute=30))
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    await clinic.world.forward(minutes=60, seconds=10)
    await clinic.ben.sees("Nobody has read this yet")
    await clinic.admin.sees("Patient worried")
    before = cards(clinic.clinician, "URGENT")
    await clinic.world.set_clock((await clinic.world.now()).replace(hour=23))
    assert cards(clinic.clinician, "URGENT") == before
    await clinic.world.forward(hours=9, minutes=1)
    await clinic.world.forward(seconds=10)
    assert cards(clinic.clinician, "URGENT") > before


async def test_an_emergency_at_night_in_the_holidays_is_paged_at_once(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    night = (await clinic.world.now()).replace(hour=23, minute=0)
    await closed_on(clinic, *(night.date() + timedelta(days=n) for n in range(7)))
    await clinic.world.set_clock(night)
    await clinic.ben.taps("Yes, or not sure")
    await clinic.ben.sees("Which?")
    await clinic.ben.taps("Very ill")
    await clinic.clinician.sees("Possible sepsis")
    await clinic.world.forward(minutes=15, seconds=10)
    told = await clinic.ben.sees("Nobody has read this yet. The clinic is closed and opens")
    assert "112" in told.text
    await clinic.admin.sees("Possible sepsis")


async def test_stop_and_blocking_do_not_stop_an_open_alert(clinic: Stage) -> None:
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.ben.sends("/stop")
    await clinic.ben.sees("no more questions")
    await clinic.world.forward(minutes=15, seconds=10)
    await clinic.ben.sees("Nobody has read this yet")
    await clinic.admin.sees("Possible sepsis")
    await clinic.ben.blocks_bot()
    before = cards(clinic.clinician, "sepsis")
    await clinic.world.forward(minutes=10, seconds=10)
    await clinic.clinician.sees("cannot be reached")
    assert cards(clinic.clinician, "sepsis") == before + 1
    card = await clinic.clinician.sees("Possible sepsis")
    assert "I'm on it" in card.labels
