"""The rota by the clinic's own clock, and two who change it at the same moment."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

import storage.alerts
import storage.people
import storage.rota
from care import roster, team
from care.actors import Actor, identify
from care.alerts import Finding, raise_alert
from care.reports import new_report
from care.roster import ChangedMeanwhileError, InvalidRotaError
from care.rota import rota_of
from care.triage import Level
from care.work import Work
from storage.audit import entries
from storage.outbox import due_rows
from storage.tables import Alert, Patient
from tests.clocks import FixedClock


async def staffed(work: Work, zone: str = "Europe/London") -> list[Actor]:
    """A clinic with two admins, both reachable, the first on duty."""
    clinic = await team.prepare(work, (7, 8), team.FirstSettings(zone=zone))
    async with work.writing() as tx:
        for number in (7, 8):
            member = await storage.people.known_person(tx.session, clinic.id, number)
            member.reachable, member.on_duty = True, number == 7
            tx.session.add(member)
    async with work.reading() as session:
        return [await identify(session, number) for number in (7, 8)]


async def urgent(work: Work) -> Alert:
    async with work.writing() as tx:
        clinic = await storage.people.first_clinic(tx.session)
        patient = Patient(clinic_id=clinic.id, ref="r1", code="P-1", created_at=tx.now)
        tx.session.add(patient)
        await tx.session.flush()
        check = await new_report(tx, patient, None)
        return await raise_alert(tx, patient, clinic, check, Finding(Level.urgent, ("U1",)))


@pytest.mark.parametrize(
    ("raised", "opens"),
    [
        # The night in which the clocks of London go back, and the one in which they go forward.
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 26, 8, 0, tzinfo=UTC)),
        (datetime(2027, 3, 26, 23, 0, tzinfo=UTC), datetime(2027, 3, 29, 7, 0, tzinfo=UTC)),
        # An ordinary summer night: 23:00 in London.
        (datetime(2026, 7, 7, 22, 0, tzinfo=UTC), datetime(2026, 7, 8, 7, 0, tzinfo=UTC)),
    ],
)
async def test_an_urgent_alert_of_the_night_is_paged_at_eight_by_the_clinics_clock(
    work: Work, clock: FixedClock, raised: datetime, opens: datetime
) -> None:
    clock.at = raised
    await staffed(work)
    alert = await urgent(work)
    assert alert.deadline_at == alert.paged_at == opens
    async with work.reading() as session:
        rows = await due_rows(session, alert_id=alert.id)
    assert [(row.kind, row.due_at) for row in rows] == [("escalate", opens)]


async def test_an_absence_begins_and_ends_at_the_clinics_midnight(
    work: Work, clock: FixedClock
) -> None:
    clock.at = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    admin, other = await staffed(work, "Pacific/Auckland")
    away = other.person.id
    await roster.add_absence(work, admin, 0, away, date(2026, 12, 3), date(2026, 12, 3))
    midnight = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
    for at, expected in (
        (midnight - timedelta(seconds=1), set()),
        (midnight, {away}),
        (midnight + timedelta(hours=24, seconds=-1), {away}),
        (midnight + timedelta(hours=24), set()),
    ):
        async with work.reading() as session:
            assert (await rota_of(session, 1, at)).away == expected


async def test_of_two_changes_in_the_same_moment_one_is_made_and_one_is_refused(
    work: Work,
) -> None:
    first, second = await staffed(work)
    found = await asyncio.gather(
        roster.set_time(work, first, 0, "emergency_minutes", 10),
        roster.set_time(work, second, 0, "emergency_minutes", 20),
        return_exceptions=True,
    )
    refused = [one for one in found if isinstance(one, ChangedMeanwhileError)]
    assert len(refused) == 1
    assert refused[0].change.version == 1
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, 1)
        assert await roster.version(session, 1) == 1
    assert clinic.emergency_minutes in (10, 20)


async def test_an_undo_after_another_change_of_that_part_is_refused(work: Work) -> None:
    admin, _ = await staffed(work)
    await roster.set_time(work, admin, 0, "urgent_minutes", 90)
    await roster.close_days(work, admin, 1, date(2026, 12, 25), date(2026, 12, 26))
    undone = await roster.undo(work, admin, 1)
    assert undone.after["urgent_minutes"] == 60
    with pytest.raises(ChangedMeanwhileError):
        await roster.undo(work, admin, 1)
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, 1)
    assert clinic.urgent_minutes == 60
    assert clinic.opening_hours["closed"] == ["2026-12-25", "2026-12-26"]


@pytest.mark.parametrize(
    ("name", "minutes"),
    [(name, value) for name, (least, most) in roster.BOUNDS.items()
     for value in (least - 1, most + 1, 0, -5)],
)  # fmt: skip
async def test_a_time_out_of_bounds_is_refused(work: Work, name: str, minutes: int) -> None:
    admin, _ = await staffed(work)
    with pytest.raises(InvalidRotaError):
        await roster.set_time(work, admin, 0, name, minutes)


async def test_every_change_is_in_the_audit_with_what_was_before(work: Work) -> None:
    admin, other = await staffed(work)
    await roster.move(work, admin, 0, other.person.id, up=True)
    async with work.reading() as session:
        line = [entry async for entry in entries(session, 1)][-1]
    assert (line.action, line.actor) == ("rota_changed", admin.name)
    assert "before" in str(line.detail)
