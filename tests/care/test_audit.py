"""The audit chain: append-only, and one tampered line is located."""

import asyncio
import json

import pytest
from sqlalchemy import text

import storage.people
from care import team
from care.audit import NotAnAuditFileError, exported, seal, verify, verify_lines
from care.work import Work
from storage.audit import entries
from tests.clocks import FixedClock


async def chain(work: Work, clock: FixedClock, length: int) -> int:
    """A clinic with so many audit lines; returns its id."""
    clinic = await team.prepare(work, (7, 8))
    clinic_id = clinic.id or 0
    async with work.reading() as session:
        have = (await verify(session, clinic_id)).entries
    for number in range(length - have):
        clock.forward(seconds=1)
        async with work.writing() as tx:
            tx.audit(clinic_id, "person:1", "looked", f"patient:{number}", place=number)
    return clinic_id


async def change(work: Work, statement: str) -> None:
    async with work.writing() as tx:
        connection = await tx.session.connection()
        await connection.execute(text(statement))


async def test_an_untouched_chain_is_whole(work: Work, clock: FixedClock) -> None:
    clinic_id = await chain(work, clock, 620)
    async with work.reading() as session:
        found = await verify(session, clinic_id)
    assert (found.entries, found.broken_at) == (620, None)


@pytest.mark.parametrize(
    "change_of",
    [
        "actor = 'person:2'", "action = 'never'", "subject = 'patient:x'", "seq = seq + 1000",
        "detail = '{\"place\": 99}'", "at = '2026-01-01 00:00:00.000000'",
        "previous = hash", "hash = previous",
    ],
)  # fmt: skip
async def test_one_changed_column_of_one_line_is_located(
    work: Work, clock: FixedClock, change_of: str
) -> None:
    clinic_id = await chain(work, clock, 20)
    await change(work, f"UPDATE audit SET {change_of} WHERE seq = 12")  # noqa: S608
    async with work.reading() as session:
        found = await verify(session, clinic_id)
    assert found.broken_at == 12


async def test_a_missing_line_is_located(work: Work, clock: FixedClock) -> None:
    clinic_id = await chain(work, clock, 20)
    await change(work, "DELETE FROM audit WHERE seq = 12")
    async with work.reading() as session:
        found = await verify(session, clinic_id)
    assert found.broken_at == 12
    assert "missing" in found.reason


async def test_a_line_sealed_anew_with_other_content_breaks_the_next(
    work: Work, clock: FixedClock
) -> None:
    clinic_id = await chain(work, clock, 20)
    async with work.writing() as tx:
        async for entry in entries(tx.session, clinic_id):
            if entry.seq == 12:
                entry.subject = "patient:forged"
                entry.hash = seal(entry)
                tx.session.add(entry)
    async with work.reading() as session:
        assert (await verify(session, clinic_id)).broken_at == 13


async def test_lines_written_side_by_side_do_not_fork_the_chain(work: Work, clock) -> None:
    clinic_id = (await team.prepare(work, ())).id or 0

    async def note(number: int) -> None:
        async with work.writing() as tx:
            tx.audit(clinic_id, "person:1", "looked", f"patient:{number}")

    await asyncio.gather(*(note(number) for number in range(24)))
    async with work.reading() as session:
        clinic = await storage.people.first_clinic(session)
        assert (await verify(session, clinic.id or 0)).broken_at is None


async def exported_lines(work: Work, clinic_id: int) -> list[str]:
    async with work.reading() as session:
        return [line async for line in exported(session, clinic_id)]


async def test_an_exported_chain_is_whole_without_the_database(
    work: Work, clock: FixedClock
) -> None:
    lines = await exported_lines(work, await chain(work, clock, 30))
    assert verify_lines(lines).entries == len(lines) == 30
    assert verify_lines(lines).broken_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "person:2"), ("action", "never"), ("subject", "patient:x"), ("seq", 99),
     ("detail", {"place": 99}), ("at", "2026-01-01T00:00:00Z"), ("previous", "0" * 64)],
)  # fmt: skip
async def test_one_changed_field_of_an_exported_line_is_located(
    work: Work, clock: FixedClock, field: str, value: object
) -> None:
    lines = await exported_lines(work, await chain(work, clock, 20))
    lines[11] = json.dumps({**json.loads(lines[11]), field: value})
    assert verify_lines(lines).broken_at == 12
    assert verify_lines([*lines[:11], *lines[12:]]).broken_at == 12


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"seq": 1}', "no", '{"at": "yesterday"}'])
def test_a_file_of_something_else_is_refused_by_its_line(line: str) -> None:
    with pytest.raises(NotAnAuditFileError, match="line 1"):
        verify_lines([line])
