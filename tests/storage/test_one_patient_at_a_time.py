"""Two transactions about one patient take turns, so that PostgreSQL never has to end one."""

import asyncio
from contextlib import suppress

import storage.people
from care import team
from care.work import Work
from storage.tables import OutboxRow, Patient


async def test_opposite_orders_within_one_patient_end_in_no_deadlock(work: Work) -> None:
    clinic = await team.prepare(work, ())
    async with work.writing() as tx:
        patient = Patient(clinic_id=clinic.id, ref="r", code="P-1", created_at=tx.now)
        tx.session.add(patient)
        await tx.session.flush()
        rows = [
            await tx.enqueue("check_in", key, clinic_id=clinic.id, patient_id=patient.id)
            for key in "ab"
        ]
    ids = [row.id for row in rows]
    touched = {row_id: asyncio.Event() for row_id in ids}

    async def change(first: int, second: int, error: str) -> None:
        async with work.writing() as tx:
            await storage.people.hold(tx.session, {patient.id})
            for row_id in (first, second):
                (await tx.session.get(OutboxRow, row_id)).error = error
                await tx.session.flush()
                touched[row_id].set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await touched[second].wait()

    await asyncio.gather(change(ids[0], ids[1], "one"), change(ids[1], ids[0], "two"))
    async with work.reading() as session:
        errors = [(await session.get(OutboxRow, row_id)).error for row_id in ids]
    assert errors in (["one"] * 2, ["two"] * 2)
