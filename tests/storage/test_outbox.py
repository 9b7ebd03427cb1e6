"""The outbox keeps each row, gives it to one worker at a time, and takes it back from the dead."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

import storage.outbox
from care import team
from care.work import Work
from storage.engine import Database
from storage.tables import OutboxRow
from tests.clocks import FixedClock


@pytest.fixture
async def clinic_id(work: Work) -> int:
    return (await team.prepare(work, (7,))).id or 0


async def write(work: Work, clinic_id: int, key: str, **details: object) -> OutboxRow | None:
    async with work.writing() as tx:
        return await tx.enqueue("check_in", key, clinic_id=clinic_id, **details)


async def claim(work: Work, holder: str = "a", lane: str = "bulk", limit: int = 10):
    async with work.writing() as tx:
        return await storage.outbox.claim(
            tx.session, now=tx.now, lane=lane, holder=holder, limit=limit
        )


async def test_a_row_written_twice_under_one_key_is_there_once(work: Work, clinic_id: int) -> None:
    assert await write(work, clinic_id, "k") is not None
    assert await write(work, clinic_id, "k") is None
    assert len(await claim(work)) == 1


async def test_a_row_is_claimed_by_one_worker_only(work: Work, clinic_id: int) -> None:
    for number in range(30):
        await write(work, clinic_id, f"k{number}")
    batches = await asyncio.gather(*(claim(work, holder=f"w{n}", limit=7) for n in range(6)))
    taken = [row.id for batch in batches for row in batch]
    assert len(taken) == len(set(taken)) == 30


async def test_a_row_not_due_yet_is_not_claimed(
    work: Work, clinic_id: int, clock: FixedClock
) -> None:
    await write(work, clinic_id, "k", due_at=clock.now() + timedelta(minutes=1))
    assert await claim(work) == []
    clock.forward(minutes=1)
    assert len(await claim(work)) == 1


async def test_claimed_rows_come_most_urgent_first_then_oldest(
    work: Work, clinic_id: int, clock: FixedClock
) -> None:
    async with work.writing() as tx:
        for key, kind, ago in (("c", "safety", 1), ("b", "check_in", 5), ("a", "check_in", 9)):
            await tx.enqueue(
                kind, key, clinic_id=clinic_id, due_at=clock.now() - timedelta(minutes=ago)
            )
    assert [row.key for row in await claim(work)] == ["c", "a", "b"]


async def test_a_dead_workers_row_comes_back_and_says_that_it_may_have_been_sent(
    work: Work, clinic_id: int, database: Database
) -> None:
    await write(work, clinic_id, "k")
    (first,) = await claim(work, holder="dead")
    assert not first.uncertain
    assert await claim(work, holder="alive") == []
    async with database.writing() as session:
        await session.exec(text("UPDATE outbox SET held_until = 0"))
    (again,) = await claim(work, holder="alive")
    assert again.uncertain


async def test_a_lease_from_before_the_machine_started_anew_holds_nobody_up(
    work: Work, clinic_id: int, database: Database
) -> None:
    await write(work, clinic_id, "k")
    await claim(work, holder="before the restart")
    async with database.writing() as session:
        await session.exec(text("UPDATE outbox SET held_until = held_until + 10000000"))
    assert len(await claim(work, holder="after")) == 1


async def test_who_lost_the_lease_cannot_write_how_the_row_ended(
    work: Work, clinic_id: int, database: Database
) -> None:
    await write(work, clinic_id, "k")
    (row,) = await claim(work, holder="slow")
    async with database.writing() as session:
        await session.exec(text("UPDATE outbox SET held_until = 0"))
    await claim(work, holder="fast")
    async with work.writing() as tx:
        assert not await storage.outbox.finish(tx.session, row.id, "slow", {"state": "sent"})
        assert await storage.outbox.finish(tx.session, row.id, "fast", {"state": "sent"})


async def test_a_message_that_left_after_its_lease_was_lost_is_sent_and_not_called_off(
    work: Work, clinic_id: int, clock: FixedClock
) -> None:
    row = await write(work, clinic_id, "k")
    await claim(work, holder="slow")
    async with work.writing() as tx:
        await storage.outbox.recover(tx.session, "slow")
    await claim(work, holder="other")
    sent = {"state": "sent", "ended_at": clock.now(), "chat_id": 5, "message_id": 9}
    async with work.writing() as tx:
        assert not await storage.outbox.finish(tx.session, row.id, "slow", sent)
        await storage.outbox.note_sent(tx.session, row.id, sent)
        assert not await storage.outbox.finish(
            tx.session, row.id, "other", {"state": "cancelled", "error": "no longer planned"}
        )
    async with work.reading() as session:
        found = await storage.outbox.row(session, row.id)
    assert (found.state, found.chat_id, found.message_id, found.error) == ("sent", 5, 9, None)


async def test_a_message_that_left_although_it_was_called_off_stays_called_off_and_is_known(
    work: Work, clinic_id: int, clock: FixedClock
) -> None:
    row = await write(work, clinic_id, "k")
    await claim(work, holder="slow")
    async with work.writing() as tx:
        await storage.outbox.finish(tx.session, row.id, "slow", {"state": "cancelled"})
        await storage.outbox.note_sent(
            tx.session, row.id,
            {"state": "sent", "ended_at": clock.now(), "chat_id": 5, "message_id": 9},
        )  # fmt: skip
    async with work.reading() as session:
        found = await storage.outbox.row(session, row.id)
    assert (found.state, found.message_id) == ("cancelled", 9)


async def test_calling_off_without_saying_whose_rows_is_refused(work: Work) -> None:
    with pytest.raises(ValueError, match="whose"):
        async with work.writing() as tx:
            await storage.outbox.cancel(tx.session, at=tx.now, kinds=("check_in",))


async def test_a_transaction_that_fails_leaves_neither_fact_nor_message(
    work: Work, clinic_id: int
) -> None:
    with pytest.raises(RuntimeError):
        async with work.writing() as tx:
            await tx.enqueue("check_in", "k", clinic_id=clinic_id)
            raise RuntimeError
    assert await claim(work) == []
