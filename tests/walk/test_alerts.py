"""Alerts: seen by whoever is on duty, taken by one, pressed on until somebody does."""

import asyncio

from bot.play import token_in
from sandbox.people import Person
from tests.walk.record import the_alert
from tests.walk.world import Stage, check_in_for, taps


async def colleague(found: Stage, name: str = "Eve", *, on_duty: bool = False) -> Person:
    """Another clinician, in the group too."""
    await found.admin.sends("/invite")
    await found.admin.sees("Invite a colleague")
    await found.admin.taps("Clinician")
    link = await found.admin.sees("Send this link")
    eve = await found.world.person(name, role="clinician")
    await eve.starts(token_in(link.text))
    await taps(eve, ("I agree", "Welcome"))
    await found.group.add(eve)
    if on_duty:
        await eve.sends("/duty on")
        await eve.sees("You are on duty")
    return eve


async def emergency(found: Stage) -> None:
    """Ben reports a danger sign and goes on; the card is there."""
    await check_in_for(found, found.ben)
    await found.ben.sends("for your eyes alone")
    await found.ben.sees("Notes are not read")
    await taps(
        found.ben, ("Yes, or not sure", "Which?"), ("Very ill", "emergency help NOW"),
        ("Go on with the check", "Which?"), ("Done", "How bad"),
    )  # fmt: skip


async def test_the_group_sees_no_name_and_no_words_the_private_chat_sees_the_words(
    either: Stage,
) -> None:
    await emergency(either)
    private = await either.clinician.sees("Possible sepsis")
    group = await either.clinician.sees("Possible sepsis", in_chat=either.group)
    assert "for your eyes alone" in private.text
    assert "for your eyes alone" not in group.text
    assert "Ben" not in group.text
    assert "photo" not in group.view


async def test_of_two_who_tap_at_once_one_has_it_and_the_other_learns_who(either: Stage) -> None:
    eve = await colleague(either, on_duty=True)
    await emergency(either)
    for one in (either.clinician, eve):
        await one.sees("Possible sepsis")
    answers = await asyncio.gather(either.clinician.taps("I'm on it"), eve.taps("I'm on it"))
    assert sorted(answer.show_alert for answer in answers) == [False, True]
    assert any("has taken it already" in answer.text for answer in answers)
    await either.ben.sees("Your clinic saw this")
    for one in (either.clinician, eve):
        await one.sees("Taken by")
    told = [m for m in either.ben.view().messages if "Your clinic saw this" in m.text]
    assert len(told) == 1


async def test_nobody_on_duty_means_everyone_gets_the_card(clinic: Stage) -> None:
    await clinic.clinician.sends("/duty off")
    await clinic.clinician.sees("off duty")
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.admin.sees("Possible sepsis")


async def test_unread_by_the_deadline_everyone_is_paged_and_the_patient_told(
    clinic: Stage,
) -> None:
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.world.forward(minutes=15, seconds=10)
    await clinic.ben.sees("Nobody has read this yet. Call 555 0100")
    await clinic.admin.sees("Possible sepsis")
    cards = sum("EMERGENCY" in m.text for m in clinic.clinician.view().messages)
    await clinic.world.forward(minutes=10, seconds=5)
    again = sum("EMERGENCY" in m.text for m in clinic.clinician.view().messages)
    assert again == cards + 1
    await clinic.clinician.taps("I'm on it")
    await clinic.ben.sees("Your clinic saw this")
    await clinic.world.forward(minutes=30)
    assert sum("EMERGENCY" in m.text for m in clinic.clinician.view().messages) == again


async def test_a_higher_level_makes_a_taken_alert_open_again(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    await clinic.clinician.taps("I'm on it")
    await clinic.ben.sees("Your clinic saw this")
    await taps(clinic.ben, ("Yes, or not sure", "Which?"), ("Numb between", "help NOW"))
    card = await clinic.clinician.sees("Possible cauda equina")
    assert "I'm on it" in card.labels
    alert = await the_alert(clinic)
    assert (alert.state, alert.generation, alert.level) == ("open", 2, "emergency")


async def test_when_no_copy_is_delivered_the_patient_is_told_to_call(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    for chat in (clinic.clinician.id, clinic.admin.id, clinic.group.id):
        await clinic.world.fault("status", "sendMessage", chat=chat, status=500)
    await clinic.ben.taps("I'm worried")
    await clinic.ben.sees("This needs a call today")
    await clinic.world.forward(minutes=2, seconds=10)
    await clinic.ben.sees("We could not reach the clinic. Call 555 0100")
    await clinic.world.clear_faults()
    card = await clinic.clinician.sees("Patient worried", timeout=30)
    assert "possible repeat" in card.text.lower()


async def test_a_flooded_chat_gets_its_card_after_the_pause(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.fault(
        "retry_after", "sendMessage", chat=clinic.clinician.id, seconds=2, times=1
    )
    await clinic.ben.taps("I'm worried")
    await clinic.clinician.sees("Patient worried", timeout=20)
    assert sum("URGENT" in m.text for m in clinic.clinician.view().messages) == 1


async def test_an_alert_is_handed_over_with_a_card_of_its_own(clinic: Stage) -> None:
    eve = await colleague(clinic)
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.clinician.taps("I'm on it")
    await clinic.clinician.sees("Taken by Dana")
    await taps(clinic.clinician, ("Hand over", "to whom"), ("Eve", "Handed over"))
    await eve.sees("Taken by Eve")


async def test_closing_asks_outcome_checks_and_what_was_done(either: Stage) -> None:
    await emergency(either)
    await either.clinician.sees("Possible sepsis")
    await taps(
        either.clinician, ("Close", "What was it"), ("It was nothing serious", "still to come"),
        ("Stop them", "is closed"),
    )  # fmt: skip
    question = await either.clinician.sees("What was done")
    await either.clinician.sends("Called, sleeping well", reply_to=question)
    await either.clinician.sees("Kept with alert")
    alert = await the_alert(either)
    assert (alert.state, alert.outcome) == ("closed", "not_confirmed")
    assert either.house.work.cipher.open(alert.action) == "Called, sleeping well"
    await either.world.forward(hours=26)
    assert not any("5 · 48 hours" in m.text for m in either.ben.view().messages)


async def test_cards_follow_the_group_when_it_becomes_a_supergroup(clinic: Stage) -> None:
    await clinic.group.upgrade()
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis", in_chat=clinic.group)


async def test_a_group_that_throws_the_bot_out_is_reported_to_the_staff(clinic: Stage) -> None:
    await clinic.group.remove_bot(clinic.admin)
    await clinic.admin.sees("can no longer write to the alert group")
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")


async def test_the_digest_names_who_is_on_the_watch_list(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=9, minute=0))
    await check_in_for(clinic, clinic.ben)
    await taps(
        clinic.ben, ("No, none", "How bad"), ("3", "How sore"), ("Severe", "bruising"),
        ("None: normal", "NEW"), ("No, nothing new", "common"),
    )  # fmt: skip
    await clinic.world.forward(hours=24)
    digest = await clinic.clinician.sees("Watch list")
    assert "Sore or painful on day 1" in digest.text


async def test_lists_and_status_say_what_is_open(clinic: Stage) -> None:
    await emergency(clinic)
    await clinic.clinician.sends("/alerts")
    await clinic.clinician.sees("Open alerts")
    await clinic.clinician.sends("/patients")
    await clinic.clinician.sees("newest first")
    await taps(clinic.clinician, ("P-", "Day 1: Very ill"))
    await clinic.admin.sends("/status")
    status = await clinic.admin.sees("Open alerts")
    assert "unsigned" in status.text
