"""One bad row stops nobody; a running check-in keeps the protocol it began with."""

import asyncio

from sqlmodel import select, update

from care.triage import load_protocol
from care.triage.thresholds import stored
from storage.tables import Assessment, CheckIn, Clinic, OutboxRow, ProtocolVersion
from tests.walk.world import TO_PAIN, WELL_UNTIL_NEW, Stage, check_in_for, session_for, taps


async def test_a_row_that_cannot_be_rendered_stops_no_other(either: Stage) -> None:
    await session_for(either, either.anna)
    await session_for(either, either.ben)
    courier = either.house.courier
    render = courier.renderers["check_in"]
    async with either.house.work.reading() as session:
        query = select(OutboxRow.id).where(OutboxRow.kind == "check_in", OutboxRow.state == "due")
        bad = min((await session.exec(query)).all())

    async def broken(job):
        if job.row.id == bad:
            raise ZeroDivisionError
        return await render(job)

    courier.renderers = courier.renderers | {"check_in": broken}
    await either.world.forward(hours=22)
    await either.ben.sees("Check 1 of 5")
    async with asyncio.timeout(10):
        while (await _row(either, bad)).error is None:
            await asyncio.sleep(0.05)
    row = await _row(either, bad)
    assert (row.state, row.error) == ("due", "bug:ZeroDivisionError")
    courier.renderers = courier.renderers | {"check_in": render}
    await either.anna.sees("Check 1 of 5", timeout=90)


async def _row(found: Stage, row_id: int) -> OutboxRow:
    async with found.house.work.reading() as session:
        return await session.get(OutboxRow, row_id)


async def test_a_new_protocol_version_rewrites_no_check_in_that_runs(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    work = clinic.house.work
    async with work.writing() as tx:
        # By version 2 one point above before were a rise; by version 1, with which the check
        # began, it is none.
        numbers = {**stored(load_protocol().thresholds), "rise": 1}
        tx.session.add(
            ProtocolVersion(
                clinic_id=1, version=2, body_hash="2", first_used_at=tx.now, thresholds=numbers
            )
        )
        await tx.session.exec(update(Clinic).values(protocol_version=2))
    await taps(clinic.ben, TO_PAIN, ("6", "How sore"), *WELL_UNTIL_NEW[2:])
    await taps(clinic.ben, ("No, nothing new", "All as expected"))
    async with work.reading() as session:
        judged = (await session.exec(select(Assessment.protocol_version))).all()
        checks = (await session.exec(select(CheckIn).where(CheckIn.state == "complete"))).all()
    assert set(judged) == {1}
    assert [(check.protocol_version, check.level) for check in checks] == [(1, "none")]
