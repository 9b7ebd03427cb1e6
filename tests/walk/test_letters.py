"""Replying to a card: nothing is sent unasked, the answer comes back, both are on record."""

from sqlmodel import select

from storage.tables import AuditEntry, OutboxRow, StaffMessage
from tests.walk.record import check_ins, notes
from tests.walk.world import Stage, check_in_for

WORDS = "Please put a warm <cloth> on it & tell me how it looks"


async def rows(found: Stage, table, *where) -> list:
    async with found.house.work.reading() as session:
        return list((await session.exec(select(table).where(*where))).all())


async def worried(found: Stage):
    """A patient wants to be called; returns the card in the clinician's private chat."""
    await check_in_for(found, found.ben)
    await found.ben.taps("I'm worried")
    await found.ben.sees("needs a call today")
    await found.ben.sees("has no phone number")
    return await found.clinician.sees("Patient worried")


async def reply_to_card(found: Stage, words: str = WORDS):
    """The clinician replies to the card of a worried patient, in the private chat."""
    card = await worried(found)
    await found.clinician.sends(words, reply_to=card)
    return await found.clinician.sees("Nothing has been sent yet")


async def test_a_reply_goes_to_the_patient_on_a_tap_and_the_answer_comes_back(
    either: Stage,
) -> None:
    await reply_to_card(either)
    reports = len(await check_ins(either, "report"))
    await either.ben.sees_nothing_new()
    await either.clinician.taps("Send to patient")
    got = await either.ben.sees("Message from your clinic")
    assert WORDS in got.text
    await either.ben.sends("It looks fine", reply_to=got)
    await either.ben.sees("Passed on to your clinic")
    back = await either.clinician.sees("Answer from P-")
    assert "It looks fine" in back.text
    (letter,) = await rows(either, StaffMessage)
    assert (letter.state, WORDS in letter.body) == ("answered", False)
    assert either.house.work.cipher.open(letter.body) == WORDS
    assert either.house.work.cipher.open((await notes(either))[-1].body) == "It looks fine"
    assert len(await check_ins(either, "report")) == reports
    (line,) = await rows(either, AuditEntry, AuditEntry.action == "message_sent")
    assert line.subject == f"letter:{letter.id}"


async def test_the_next_words_come_back_as_the_answer_and_are_asked_about_as_ever(
    clinic: Stage,
) -> None:
    await reply_to_card(clinic)
    await clinic.clinician.taps("Send to patient")
    await clinic.ben.sees("Message from your clinic")
    await clinic.ben.sends("it is hot")
    await clinic.ben.sees("You wrote “it is hot”")
    assert "it is hot" in (await clinic.clinician.sees("Answer from P-")).text
    await clinic.ben.sends("and the plaster fell off")
    await clinic.clinician.sees("read by the machine: no sign found")


async def test_a_bare_thanks_for_the_message_comes_back_too(clinic: Stage) -> None:
    await reply_to_card(clinic)
    await clinic.clinician.taps("Send to patient")
    await clinic.ben.sees("Message from your clinic")
    await clinic.ben.sends("thanks")
    await clinic.ben.sees("You are welcome")
    assert "thanks" in (await clinic.clinician.sees("Answer from P-")).text
    assert await check_ins(clinic, "report") == []


async def test_a_note_stays_in_the_clinic(clinic: Stage) -> None:
    await reply_to_card(clinic, "called, no reply")
    await clinic.clinician.taps("Keep as note")
    await clinic.clinician.sees("Kept as a note")
    await clinic.ben.sees_nothing_new()
    (letter,) = await rows(clinic, StaffMessage)
    assert letter.state == "kept"
    assert await rows(clinic, OutboxRow, OutboxRow.kind == "clinic_message") == []


async def test_in_the_group_the_words_are_not_repeated_and_only_the_author_sends(
    clinic: Stage,
) -> None:
    await worried(clinic)
    shown = await clinic.group.as_seen_by(clinic.clinician).sees("Patient worried")
    await clinic.clinician.sends("come in at 4", in_chat=clinic.group, reply_to=shown)
    panel = await clinic.group.as_seen_by(clinic.clinician).sees("Nothing has been sent yet")
    assert "come in" not in panel.text
    data = next(b.data for row in panel.buttons for b in row if b.text == "Send to patient")
    other = await clinic.admin.view(clinic.group).taps_data(panel, data)
    assert other.show_alert
    await clinic.ben.sees_nothing_new()
    await clinic.clinician.taps("Send to patient", in_chat=clinic.group)
    got = await clinic.ben.sees("Message from your clinic")
    assert "come in at 4" in got.text


async def test_talk_in_the_group_is_none_of_the_bots_business(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    first = await clinic.admin.sends("lunch?", in_chat=clinic.group)
    await clinic.clinician.sends("yes", in_chat=clinic.group, reply_to=first)
    await clinic.group.as_seen_by(clinic.admin).sees_nothing_new()
    assert await rows(clinic, StaffMessage) == []


async def test_two_taps_send_once(clinic: Stage) -> None:
    panel = await reply_to_card(clinic)
    data = next(b.data for row in panel.buttons for b in row if b.text == "Send to patient")
    for _again in range(2):
        await clinic.clinician.view().taps_data(panel, data)
    await clinic.ben.sees("Message from your clinic")
    await clinic.clinician.sees("That was decided already")
    assert len(await rows(clinic, OutboxRow, OutboxRow.kind == "clinic_message")) == 1
