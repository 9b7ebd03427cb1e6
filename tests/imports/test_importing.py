"""Recorded once, found again, never changed in silence."""

from datetime import timedelta

import pytest
from sqlmodel import select

import storage.people
from care import sessions, timing
from care.audit import verify
from care.imports.importing import Difference, Importer, Outcome, record_all, rehearse
from care.imports.rows import Fault, read_rows
from care.imports.sheet import read_sheet
from storage.tables import AuditEntry, CheckIn, Invite, OutboxRow, Patient, TreatmentSession
from tests.exports.practice import Practice

# The practice's clock stands at 13:00 in Berlin on 3 March.
HEAD = "visit,mrn,name,phone,start,region,pain\n"
ANNA = "V1,4711,Anna,+49 30 1234567,2026-03-03 12:30,arm,4\n"
BEN = "V2,4712,Ben,,2026-03-03 12:00,shoulder,6\n"


async def bring_in(practice: Practice, text: str, *, dry: bool = False) -> Outcome:
    clinic_id, now = practice.clinic.id, practice.clock.now()
    rows, faults = read_rows(read_sheet((text).encode()), practice.clinic.zone, now)
    if dry:
        outcome = await rehearse(practice.work, clinic_id, rows)
    else:
        staff = practice.staff
        importer = Importer(0, clinic_id, staff.person, staff.roles, by="command_line")
        outcome = await record_all(practice.work, importer, rows)
    outcome.faults[:0] = faults
    return outcome


async def stored(practice: Practice, table: type) -> list:
    async with practice.work.reading() as session:
        return list((await session.exec(select(table).order_by(table.id))).all())


async def test_sessions_are_recorded_with_their_check_ins_and_a_link_for_new_patients(
    practice: Practice,
) -> None:
    outcome = await bring_in(practice, HEAD + ANNA + BEN)
    assert (outcome.recorded, outcome.patients, outcome.faults) == (2, 2, [])
    anna, _ben = await stored(practice, Patient)
    assert practice.work.cipher.open(anna.external_id) == "4711"
    assert "4711" not in anna.external_id
    assert [link.code for link in outcome.links] == [anna.code, _ben.code]
    assert len(await stored(practice, Invite)) == 2
    checks = await stored(practice, CheckIn)
    schedule = timing.Schedule((timing.Step("24h", 24.0), timing.Step("48h", 48.0)))
    first, _second = await stored(practice, TreatmentSession)
    times = timing.check_in_times(schedule, first.at, "Europe/Berlin")
    assert [check.due_at for check in checks[:2]] == [one.due for one in times]
    kinds = [row.kind for row in await stored(practice, OutboxRow) if row.session_id == first.id]
    assert kinds.count("check_in") == 2
    assert "safety" in kinds


async def test_a_second_run_adds_nothing(practice: Practice) -> None:
    text = HEAD + ANNA + BEN + "V3,,Cleo,,2026-03-03 11:00,arm,4\nV4,,,030 555,2026-03-03 11:00,,"
    first = await bring_in(practice, text)
    before = [len(await stored(practice, table)) for table in (Patient, CheckIn, OutboxRow)]
    second = await bring_in(practice, text)
    assert (first.recorded, first.there) == (4, 0)
    assert (second.recorded, second.there, second.patients) == (0, 4, 0)
    assert (second.links, second.differences, second.faults) == ([], [], [])
    after = [len(await stored(practice, table)) for table in (Patient, CheckIn, OutboxRow)]
    assert after == before


async def test_a_rehearsal_says_the_same_and_writes_nothing(practice: Practice) -> None:
    text = HEAD + ANNA + BEN + "V3,4711,Anna,,2026-03-03 10:00,arm,4\nV4,,,,,,\n"
    dry = await bring_in(practice, text, dry=True)
    assert await stored(practice, Patient) == await stored(practice, TreatmentSession) == []
    wet = await bring_in(practice, text)
    assert (dry.recorded, dry.patients, dry.faults) == (wet.recorded, wet.patients, wet.faults)
    assert (wet.recorded, wet.patients) == (3, 2)
    again = await bring_in(practice, text, dry=True)
    assert (again.recorded, again.there) == (0, 3)


async def test_a_row_that_changed_is_reported_and_the_record_stays(practice: Practice) -> None:
    await bring_in(practice, HEAD + ANNA)
    changed = ANNA.replace("12:30", "12:45").replace(",4\n", ",9\n")
    outcome = await bring_in(practice, HEAD + changed)
    assert outcome.differences == [Difference(2, "V1", ("at", "pain_before"))]
    assert outcome.recorded == outcome.there == 0
    (session,) = await stored(practice, TreatmentSession)
    assert session.pain_before == 4
    await sessions.cancel(practice.work, practice.staff, session.id)
    outcome = await bring_in(practice, HEAD + ANNA)
    assert outcome.differences == [Difference(2, "V1", ("cancelled",))]
    other = await bring_in(practice, HEAD + ANNA.replace("4711", "9999"), dry=True)
    assert other.differences[0].fields == ("cancelled", "patient")


async def test_old_sessions_are_kept_and_no_late_message_is_planned(practice: Practice) -> None:
    outcome = await bring_in(practice, HEAD + ANNA.replace("03-03 12:30", "02-20 12:30"))
    assert (outcome.recorded, outcome.late) == (1, 1)
    checks = await stored(practice, CheckIn)
    assert [check.state for check in checks] == ["missed", "missed"]
    # They ended when they would have closed: today's digest has nothing to say about them.
    assert [check.ended_at for check in checks] == [check.closes_at for check in checks]
    rows = await stored(practice, OutboxRow)
    assert {row.kind for row in rows if row.session_id} == {"safety"}
    assert all(row.useful_until < practice.clock.now() for row in rows if row.session_id)


async def test_a_session_of_yesterday_still_gets_what_is_useful(practice: Practice) -> None:
    outcome = await bring_in(practice, HEAD + ANNA.replace("03-03 12:30", "03-02 12:30"))
    assert (outcome.recorded, outcome.late) == (1, 0)
    states = {check.step: check.state for check in await stored(practice, CheckIn)}
    assert states == {"24h": "planned", "48h": "planned"}


async def test_a_known_patient_is_found_by_code_by_id_and_by_name_with_phone(
    practice: Practice,
) -> None:
    actor = await practice.patient(1, name="Anna  Karenina", phone="+49 (30) 1234567")
    code = actor.patients[0].code
    text = (
        "visit,code,mrn,name,phone,start\n"
        f"V1,{code.lower()},,,,2026-03-03 12:00\n"
        "V2,,4711,anna karenina,0049 30 1234567,2026-03-03 12:01\n"
        "V3,,4711,,,2026-03-03 12:02\n"
        "V4,,,ANNA KARENINA,,2026-03-03 12:03\n"
        "V5,,,,+49301234567,2026-03-03 12:04\n"
        "V6,,4712,Anna Karenina,+49301234567,2026-03-03 12:05\n"
        "V7,,,Anna Karenina,+49 30 999,2026-03-03 12:06\n"
    )
    outcome = await bring_in(practice, text)
    assert outcome.faults == []
    by_visit = {one.visit_key: one.patient_id for one in await stored(practice, TreatmentSession)}
    hers = actor.patients[0].id
    assert {by_visit[f"visit:V{number}"] for number in range(1, 6)} == {hers}
    # Another id, or another phone, is another person of the same name.
    assert len({hers, by_visit["visit:V6"], by_visit["visit:V7"]}) == 3
    assert outcome.patients == 2
    # The clinic's id was kept with her: the next file may use it alone.
    await bring_in(practice, "visit,mrn,start\nV8,4711,2026-03-03 12:07\n")
    assert (await stored(practice, TreatmentSession))[-1].patient_id == hers


async def test_whom_a_line_means_is_never_guessed(practice: Practice) -> None:
    first = await practice.patient(1, name="John Smith", phone="1")
    await practice.patient(2, name="John Smith", phone="2")
    code = first.patients[0].code
    text = (
        "visit,code,mrn,name,start\n"
        "V1,,,John Smith,2026-03-03 12:00\n"
        "V2,P-0000,,,2026-03-03 12:00\n"
        f"V3,{code},4711,,2026-03-03 12:00\n"
        f"V4,{code},4712,,2026-03-03 12:00\n"
    )
    outcome = await bring_in(practice, text)
    assert outcome.faults == [
        Fault(2, "several_patients", "John Smith"),
        Fault(3, "unknown_code", "P-0000"),
        Fault(5, "other_patient", "4712"),
    ]
    assert outcome.recorded == 1


async def test_the_named_clinician_gave_the_session_and_a_stranger_did_not(
    practice: Practice,
) -> None:
    head = "visit,mrn,start,region,therapist\n"
    async with practice.work.writing() as tx:
        person = await storage.people.person(tx.session, 1, practice.staff.person.id)
        person.name = tx.cipher.seal("Dana Scully")
        tx.session.add(person)
    outcome = await bring_in(
        practice,
        head + "V1,1,2026-03-03 12:00,arm,dana scully\nV2,2,2026-03-03 12:00,arm,Dr Who\n",
    )
    given = [one.clinician_id for one in await stored(practice, TreatmentSession)]
    assert given == [practice.staff.person.id, None]
    assert outcome.remarks == [Fault(3, "unknown_clinician", "Dr Who")]


async def test_the_audit_chain_names_the_importer_and_holds_no_name(practice: Practice) -> None:
    await bring_in(practice, HEAD + ANNA)
    entries = await stored(practice, AuditEntry)
    lines = [entry for entry in entries if entry.action in ("patient_added", "session_recorded")]
    assert {entry.actor for entry in lines} == {"command_line"}
    assert "Anna" not in str([entry.model_dump() for entry in entries])
    async with practice.work.reading() as session:
        assert (await verify(session, practice.clinic.id)).broken_at is None


async def test_an_import_that_is_cut_off_goes_on_where_it_stopped(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = sessions.record_in, []

    async def fails_at_the_second(*args: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("the power went")
        return await real(*args, **named)

    monkeypatch.setattr(sessions, "record_in", fails_at_the_second)
    with pytest.raises(ConnectionError):
        await bring_in(practice, HEAD + ANNA + BEN)
    # The second patient went with the session that could not be written.
    assert len(await stored(practice, Patient)) == 1
    practice.clock.at += timedelta(minutes=1)
    outcome = await bring_in(practice, HEAD + ANNA + BEN)
    assert (outcome.there, outcome.recorded, outcome.patients) == (1, 1, 1)
