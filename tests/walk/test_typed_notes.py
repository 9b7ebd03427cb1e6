"""What the machine reads in a patient's own words: it raises at once, and never lowers."""

from tests.walk.record import check_ins, notes, the_alert
from tests.walk.world import TO_PAIN, WELL_UNTIL_NEW, Stage, check_in_for, session_for, taps


async def test_typed_danger_brings_the_emergency_text_and_the_card_at_once(either: Stage) -> None:
    await session_for(either, either.ben, "Neck, shoulder")
    await either.ben.sends("cant breth proply since i got home")
    await either.ben.sees("Please get emergency help NOW")
    card = await either.clinician.sees("Danger sign, not specified")
    assert "From a typed message" in card.text
    assert "cant breth proply" in card.text
    group = await either.clinician.sees("Danger sign, not specified", in_chat=either.group)
    assert "breth" not in group.text
    await either.clinician.sees("read by the machine: danger")
    assert (await the_alert(either)).level == "emergency"
    assert (await check_ins(either, "report"))[-1].level == "emergency"
    assert [note.read_as for note in await notes(either)] == ["emergency"]


async def test_typed_infection_asks_at_once_and_unanswered_becomes_urgent_with_the_words(
    either: Stage,
) -> None:
    await session_for(either, either.ben)
    await either.ben.sends("the site is angry red and weepy")
    asked = await either.ben.sees("You wrote “the site is angry red and weepy”")
    assert "Check 1 of 5" in asked.text
    await either.clinician.sees("read by the machine: infection")
    await either.world.forward(minutes=20)
    await either.clinician.sees_nothing_new()
    await either.world.forward(minutes=11)
    card = await either.clinician.sees("Local infection signs")
    assert "angry red and weepy" in card.text
    await either.ben.sees("This needs a call today")


async def test_answers_given_in_time_speak_instead_of_the_words(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("pins n needles in my hand")
    await clinic.ben.sees("You wrote")
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("No, nothing new", "Your clinic will see your"))
    await clinic.clinician.sees("read by the machine: nerve")
    await clinic.world.forward(minutes=40)
    await clinic.clinician.sees_nothing_new()


async def test_words_never_lower_what_was_tapped(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, ("Yes, or not sure", "Tap all, then Done"), ("Very ill", "NOW"))
    await clinic.clinician.sees("Possible sepsis")
    await clinic.ben.sends("no fever, I feel great, all good")
    await clinic.clinician.sees("no sign found")
    (check,) = await check_ins(clinic, "24h")
    assert check.level == "emergency"
    assert (await the_alert(clinic)).state == "open"


async def test_a_caption_and_a_changed_message_are_read_too(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends_photo(caption="it is oozing pus")
    await clinic.ben.sees("You wrote")
    sent = await clinic.ben.sends("see you on monday")
    await clinic.clinician.sees("no sign found")
    await clinic.ben.edits(sent, "I have chest pain when I breathe in")
    await clinic.ben.sees("Please get emergency help NOW")
    await clinic.clinician.sees("Changed note")


async def test_a_language_without_word_lists_goes_to_the_clinic_unread(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    async with clinic.house.work.writing() as tx:
        from storage.people import patients_of

        (patient,) = await patients_of(tx.session, 1)
        patient.language = "fr"
        tx.session.add(patient)
    await clinic.ben.sends("je ne peux pas respirer")
    await clinic.clinician.sees("not read by the machine")
    await clinic.ben.sees("Notes are not read at once")
    await taps(clinic.ben, TO_PAIN)
