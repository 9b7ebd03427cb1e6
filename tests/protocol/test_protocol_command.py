"""/protocol: a clinician signs, an admin changes it by a rehearsed draft, nobody weakens it."""

from dataclasses import replace

from sqlmodel import select

import storage.people
from care import digest
from care.protocols import in_force
from care.rehearsal import rehearse
from care.triage import load_protocol
from care.triage.thresholds import changed
from storage.tables import CheckIn, ProtocolVersion
from tests.walk.world import Stage, check_in_for, join, record_session, taps

STEEP = ("9", "How sore")


async def protocol_now(found: Stage):
    async with found.house.work.reading() as session:
        return await in_force(session, await storage.people.first_clinic(session))


async def button(found: Stage, what: str, name: str) -> None:
    """Tap less or more of one number: many buttons have the same label."""
    message = next(m for m in reversed(found.admin.view().messages) if "Draft" in m.text)
    data = next(
        str(b.data) for row in message.buttons for b in row
        if str(b.data).startswith(f"pc:{what}:") and str(b.data).endswith(f":{name}")
    )  # fmt: skip
    await found.admin.view().taps_data(message, data)


async def an_alert_closed_as(found: Stage, outcome: str) -> None:
    """Ben's pain is off the expected course, and a clinician closes the alert."""
    await check_in_for(found, found.ben)
    await taps(found.ben, ("No, none of these", "How bad is your pain"), STEEP)
    await found.clinician.sees("Pain or soreness off the expected course")
    await taps(found.clinician, ("Close", "What was it"), (outcome, "still to come"))
    await found.clinician.taps("Keep the checks")
    await found.clinician.sees("Closed")


async def test_a_clinician_signs_and_everything_that_said_unsigned_says_so_no_more(
    either: Stage,
) -> None:
    await either.clinician.sends("/protocol")
    await either.clinician.sees("NOT SIGNED")
    await either.admin.sends("/status")
    await either.admin.sees("unsigned")
    await either.clinician.taps("Sign version 1")
    await either.clinician.sees("answer for its use")
    await either.clinician.taps("I sign version 1")
    await either.clinician.sees("Signed by Dana, clinician")
    await either.admin.sends("/status")
    await either.admin.sees("Dana, clinician")
    async with either.house.work.reading() as session:
        (version,) = (await session.exec(select(ProtocolVersion))).all()
    assert version.signed_at is not None


async def test_a_changed_number_is_tried_on_the_past_before_it_is_a_version(
    either: Stage,
) -> None:
    await an_alert_closed_as(either, "It was a complication")
    await either.admin.sends("/protocol")
    page = await either.admin.sees("Closed alerts, by reason")
    assert "U7 Pain or soreness off the expected course: 1 of 1 confirmed (100 %)" in page.text
    await either.admin.taps("Change a number")
    await either.admin.sees("Nothing is changed yet")
    await button(either, "down", "late_hours")
    await either.admin.sees("72 → 66")
    await either.admin.taps("Try it on the last 90 days")
    told = await either.admin.sees("judged again.")
    assert "Alerts that would not have been: 0" in told.text
    await either.admin.taps("Make it version 2")
    await either.admin.sees("Version 2 is in force for sessions recorded from now on")
    now = await protocol_now(either)
    assert (now.version, now.thresholds.late_hours, now.signed_by) == (2, 66, None)
    await join(either, either.anna)
    await record_session(either, "Arm or leg")
    async with either.house.work.reading() as session:
        stamped = {check.patient_id: check.protocol_version
                   for check in (await session.exec(select(CheckIn))).all()}  # fmt: skip
    assert sorted(stamped.values()) == [1, 2]


async def test_a_number_that_would_miss_an_emergency_is_refused_with_its_rules(
    clinic: Stage,
) -> None:
    await clinic.admin.sends("/protocol")
    await clinic.admin.taps("Change a number")
    await clinic.admin.sees("Draft")
    await button(clinic, "up", "steep_pain")
    refused = await clinic.admin.sees("would miss emergencies")
    assert "E3, E5" in refused.text
    assert "At most 8" in refused.text
    assert all("Try it" not in b.text for row in refused.buttons for b in row)
    await clinic.admin.taps("Throw the draft away")
    await clinic.admin.sees("NOT SIGNED")
    assert (await protocol_now(clinic)).version == 1


async def test_of_two_admins_the_second_sees_what_the_first_has_changed(clinic: Stage) -> None:
    await clinic.admin.sends("/protocol")
    await clinic.admin.taps("Change a number")
    await clinic.admin.sees("Nothing is changed yet")
    await clinic.admin.sends("/protocol")
    await clinic.admin.taps("Change a number")
    old = next(m for m in clinic.admin.view().messages if "Draft" in m.text)
    await button(clinic, "down", "high_pain")
    await clinic.admin.sees("High pain, from: 7 → 6")
    stale = next(
        str(b.data) for row in old.buttons for b in row if str(b.data).endswith(":notable_pain")
    )
    answer = await clinic.admin.view().taps_data(old, stale)
    assert "Somebody changed this meanwhile" in answer.text
    assert (await protocol_now(clinic)).version == 1


async def test_the_first_digest_of_a_month_says_what_became_of_the_alerts(clinic: Stage) -> None:
    await an_alert_closed_as(clinic, "It was nothing serious")
    work = clinic.house.work
    now = work.clock.now()
    first = now.replace(day=1, month=now.month % 12 + 1, year=now.year + now.month // 12)
    async with work.reading() as session:
        known = await storage.people.first_clinic(session)
        month = (await digest.gather(session, known, first)).shares
        another = (await digest.gather(session, known, first.replace(day=2))).shares
    assert [(one.rule, one.confirmed, one.closed) for one in month] == [("U7", 0, 1)]
    assert another == ()


async def test_the_rehearsal_names_the_confirmed_alert_that_would_be_lost(clinic: Stage) -> None:
    await an_alert_closed_as(clinic, "It was a complication")
    shipped = load_protocol()
    # As version this is refused; the rehearsal says why.
    higher = replace(shipped, thresholds=changed(shipped.thresholds, "steep_pain", 10))
    found = await rehearse(clinic.house.work, 1, higher)
    same = await rehearse(clinic.house.work, 1, shipped)
    assert [one.outcome for one in found.lost_confirmed] == ["confirmed"]
    assert (found.before["urgent"], found.after["urgent"]) == (1, 0)
    assert (same.before, same.lost, same.gained) == (same.after, (), 0)
