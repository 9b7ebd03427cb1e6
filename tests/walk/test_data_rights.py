"""What patients may do with their data, in the middle of whatever else is going on."""

import asyncio
import json

from sqlmodel import select

import storage.people
import storage.treatment
from bot.play import join
from care.audit import verify
from storage.tables import Alert, AuditEntry, InboxUpdate, Note, OutboxRow, Patient
from tests.walk.record import check_ins, the_alert
from tests.walk.world import TO_PAIN, TO_SORENESS, Stage, check_in_for, session_for, taps

SECRET = "knee clicks like a clock"


async def rows(found: Stage, table, *where) -> list:
    async with found.house.work.reading() as session:
        return list((await session.exec(select(table).where(*where))).all())


async def whole_database(found: Stage) -> str:
    """Every value of every row, with whatever is sealed opened."""
    from sqlmodel import SQLModel

    out = []
    async with found.house.work.reading() as session:
        connection = await session.connection()
        for table in SQLModel.metadata.sorted_tables:
            for row in (await connection.execute(table.select())).all():
                for value in row:
                    text = str(value)
                    sealed = text.startswith(("gAAAA", "plain:"))
                    out.append(found.house.work.cipher.open(text) if sealed else text)
    return "\n".join(out)


async def delete_everything(found: Stage) -> None:
    await found.ben.sends("/deleteme")
    await found.ben.sees("The law makes your clinic keep")
    await found.ben.taps("Delete my data")


async def test_mydata_is_a_file_with_words_answers_messages_and_audit_lines(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, TO_PAIN, TO_SORENESS)
    await either.ben.sends(SECRET)
    await either.ben.sees("Notes are not read at once")
    await either.ben.sends("/mydata")
    message = await either.ben.sees("everything that is stored about you")
    given = json.loads(await either.world.download(message))
    assert given["patient"]["name"] == "Ben"
    assert SECRET in [note["body"] for note in given["notes"]]
    answers = [a for check in given["check_ins"] for a in check["answers"]]
    assert ["3"] in [answer["value"] for answer in answers if answer["question"] == "pain"]
    assert {"safety", "check_in"} <= {row["kind"] for row in given["messages_to_you"]}
    assert {"joined", "note_received"} <= {line["action"] for line in given["audit"]}
    assert given["patient"]["consent_version"] == 1
    assert (await check_ins(either, "24h"))[0].state == "open"


async def test_mydata_holds_nothing_of_another_patient(clinic: Stage) -> None:
    await session_for(clinic, clinic.anna)
    await clinic.anna.sends("a word of Anna's")
    await clinic.anna.sees("Notes are not read at once")
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/mydata")
    message = await clinic.ben.sees("everything that is stored about you")
    given = (await clinic.world.download(message)).decode()
    assert "Anna" not in given


async def test_deleteme_first_names_what_stays_and_a_no_deletes_nothing(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.ben.sends("/deleteme")
    await clinic.ben.sees("The law makes your clinic keep")
    await clinic.ben.taps("Keep my data")
    await clinic.ben.sees("Nothing was deleted")
    (patient,) = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.ben.id]
    assert clinic.house.work.cipher.open(patient.name) == "Ben"


async def test_deleteme_takes_the_identity_and_leaves_record_and_chain(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, TO_PAIN, TO_SORENESS)
    (before,) = [p for p in await rows(either, Patient) if p.chat_id == either.ben.id]
    async with either.house.work.writing() as tx:
        patient = await storage.people.patient(tx.session, before.clinic_id, before.id)
        patient.phone = tx.cipher.seal("+44 7700 900102")
        tx.session.add(patient)
    await delete_everything(either)
    await either.ben.sees("Your data is deleted. Receipt")
    await either.clinician.sees(f"{before.code} had their data deleted")
    await either.world.forward(minutes=40)
    await either.ben.sees_nothing_new()
    (after,) = await rows(either, Patient, Patient.code == before.code)
    assert (after.name, after.phone, after.chat_id) == ("", "", None)
    assert after.ref != before.ref
    everything = await whole_database(either)
    assert str(either.ben.id) not in everything
    assert "7700 900102" not in everything
    assert await rows(either, InboxUpdate, InboxUpdate.chat_id == either.ben.id) == []
    (check,) = await check_ins(either, "24h")
    async with either.house.work.reading() as session:
        answers = await storage.treatment.answers(session, check.id)
        assert (await verify(session, before.clinic_id)).broken_at is None
    assert {answer.question for answer in answers} == {"danger", "pain"}
    await either.world.forward(hours=60)
    await either.ben.sees_nothing_new()
    assert await rows(either, Alert) == []
    await either.ben.sends("/diary")
    await either.ben.sees("I do not know you yet")


async def test_words_and_photos_go_too(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/deleteme and " + SECRET)
    await clinic.ben.sees("The law makes your clinic keep")
    async with clinic.house.work.writing() as tx:
        (patient,) = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.ben.id]
        tx.session.add(
            Note(clinic_id=1, patient_id=patient.id, kind="photo", at=tx.now,
                 body=tx.cipher.seal(SECRET), media=tx.cipher.seal("file-id-of-a-photo"))
        )  # fmt: skip
    await clinic.ben.taps("Delete my data")
    await clinic.ben.sees("Receipt")
    await clinic.world.forward(minutes=40)
    everything = await whole_database(clinic)
    assert SECRET not in everything
    assert "file-id-of-a-photo" not in everything


async def test_an_open_alert_goes_on_by_code_and_the_identity_goes_when_it_is_closed(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    await either.ben.taps("I'm worried")
    await either.clinician.sees("Patient worried")
    await delete_everything(either)
    await either.ben.sees("your clinic is still being told")
    await either.world.forward(hours=2)
    (patient,) = [p for p in await rows(either, Patient) if p.chat_id == either.ben.id]
    taken = (OutboxRow.kind == "escalate", OutboxRow.state == "sent")
    async with asyncio.timeout(20):
        while not await rows(either, OutboxRow, *taken):
            await asyncio.sleep(0.05)
    alert = await the_alert(either)
    assert alert.state == "open"
    await either.clinician.taps("I'm on it")
    await either.clinician.taps("Close")
    await either.clinician.taps("Unclear")
    await either.clinician.taps("Keep the checks")
    await either.clinician.sees("is closed")
    await either.world.forward(minutes=12)
    await either.ben.sees("Your data is deleted. Receipt")
    (after,) = await rows(either, Patient, Patient.code == patient.code)
    assert after.chat_id is None


async def test_the_receipt_comes_also_when_telegram_was_away(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.ben.sends("/deleteme")
    await clinic.ben.sees("The law makes your clinic keep")
    await clinic.world.fault("status", "sendMessage", status=502)
    await clinic.ben.taps("Delete my data")
    await clinic.ben.sees("The receipt follows")
    await clinic.world.forward(hours=1)
    await clinic.world.clear_faults()
    await clinic.world.forward(minutes=10)
    await clinic.ben.sees("Your data is deleted. Receipt")
    await clinic.world.forward(minutes=45)
    assert str(clinic.ben.id) not in await whole_database(clinic)


async def test_nobody_deletes_or_reads_another(clinic: Stage) -> None:
    await join(clinic, clinic.anna)
    await join(clinic, clinic.ben)
    (anna,) = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.anna.id]
    message = clinic.ben.view().messages[-1]
    for data in (f"dy:{anna.id}", f"dm:{anna.id}", f"di:{anna.id}"):
        assert (await clinic.ben.view().taps_data(message, data)).show_alert
    (still,) = await rows(clinic, Patient, Patient.id == anna.id)
    assert still.chat_id == clinic.anna.id


async def test_a_language_is_chosen_with_a_button_and_kept(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.ben.sends("/language")
    await clinic.ben.taps("English")
    await clinic.ben.sees("I speak English from now on")
    (line,) = await rows(clinic, AuditEntry, AuditEntry.action == "language_set")
    (patient,) = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.ben.id]
    assert line.subject == f"patient:{patient.ref}"
    message = clinic.ben.view().messages[-1]
    assert (await clinic.ben.view().taps_data(message, "lg:xx")).show_alert


async def test_with_two_patients_in_one_chat_only_the_chosen_one_is_deleted(
    clinic: Stage,
) -> None:
    await join(clinic, clinic.ben)
    await join(clinic, clinic.ben)
    first, second = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.ben.id]
    await clinic.ben.sends("/deleteme")
    asked = await clinic.ben.sees("For whom?")
    await clinic.ben.view().taps_data(asked, f"dm:{second.id}")
    await clinic.ben.sees(f"under the code {second.code}")
    await clinic.ben.taps("Delete my data")
    await clinic.ben.sees("Your data is deleted. Receipt")
    await clinic.world.forward(minutes=40)
    (left,) = [p for p in await rows(clinic, Patient) if p.chat_id == clinic.ben.id]
    assert left.id == first.id
    assert await rows(clinic, InboxUpdate, InboxUpdate.chat_id == clinic.ben.id) != []
