"""The way in: stored before confirmed, each chat in order, one failure stops nobody."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from sqlmodel import select

import storage.inbox
from bot.inbox import Workers, chat_of, receive
from care.work import AlreadyDoneError, Work, current_update
from storage.tables import InboxUpdate


def message(update_id: int, chat_id: int, words: str = "hello") -> dict:
    return {
        "update_id": update_id,
        "message": {"chat": {"id": chat_id}, "text": words, "from": {"id": chat_id}},
    }


@asynccontextmanager
async def working(work: Work, process, failed=None):
    """Workers that serve until the block ends."""

    async def told(_update: dict) -> None:
        return

    workers = Workers(work, process, failed or told)
    task = asyncio.create_task(workers.run())
    try:
        yield workers
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await workers.drain()


async def undone(work: Work) -> list[int]:
    async with work.reading() as session:
        rows = await storage.inbox.undone(session)
    return [row.update_id for row in rows]


async def until_done(work: Work, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while await undone(work):
            await asyncio.sleep(0.02)


async def test_the_same_update_twice_is_stored_once(work: Work) -> None:
    await receive(work, [message(1, 7), message(2, 7)])
    await receive(work, [message(2, 7), message(3, 7)])
    assert await undone(work) == [1, 2, 3]


async def test_updates_of_one_chat_are_handled_in_order_of_their_id(work: Work) -> None:
    seen: dict[int, list[int]] = {7: [], 8: []}

    async def process(update: dict) -> None:
        await asyncio.sleep(0.01 if update["update_id"] % 2 else 0)
        seen[chat_of(update)].append(update["update_id"])

    await receive(work, [message(n, 7 if n % 3 else 8) for n in range(1, 25)])
    async with working(work, process):
        await until_done(work)
    assert all(ids == sorted(ids) for ids in seen.values())
    assert sum(map(len, seen.values())) == 24


@pytest.mark.parametrize("steps", range(5))
async def test_news_in_the_moment_of_stopping_keeps_no_worker_alive(work: Work, steps) -> None:
    async def process(_update: dict) -> None:
        return

    workers = Workers(work, process, process)
    task = asyncio.create_task(workers.run())
    await asyncio.sleep(0.2)
    workers.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=2)
    task.cancel()
    assert done


async def test_a_slow_chat_delays_no_other(work: Work) -> None:
    gate, quick = asyncio.Event(), asyncio.Event()

    async def process(update: dict) -> None:
        if chat_of(update) == 7:
            await gate.wait()
        else:
            quick.set()

    await receive(work, [message(1, 7), message(2, 7), message(3, 8)])
    async with working(work, process):
        async with asyncio.timeout(5):
            await quick.wait()
        assert 1 in await undone(work)
        gate.set()
        await until_done(work)


async def test_an_update_that_fails_stays_whole_its_sender_is_told_and_the_next_goes_on(
    work: Work,
) -> None:
    told, handled = [], []

    async def process(update: dict) -> None:
        if update["message"]["text"] == "poison":
            raise ZeroDivisionError
        handled.append(update["update_id"])

    async def failed(update: dict) -> None:
        told.append(update["update_id"])

    await receive(work, [message(1, 7, "poison"), message(2, 7)])
    async with working(work, process, failed):
        await until_done(work)
    assert (told, handled) == ([1], [2])
    async with work.reading() as session:
        row = (await session.exec(select(InboxUpdate).where(InboxUpdate.update_id == 1))).one()
    assert row.error == "ZeroDivisionError"
    assert json.loads(work.cipher.open(row.body)) == message(1, 7, "poison")


async def test_effects_and_done_are_one_transaction(work: Work) -> None:
    await receive(work, [message(1, 7)])
    token = current_update.set(1)
    with pytest.raises(RuntimeError):
        async with work.writing():
            raise RuntimeError
    current_update.reset(token)
    assert await undone(work) == [1]


async def test_effects_of_an_update_that_another_copy_has_done_are_rolled_back(work: Work) -> None:
    await receive(work, [message(1, 7)])
    async with work.writing() as tx:
        await storage.inbox.finish(tx.session, 1, tx.now)
    token = current_update.set(1)
    with pytest.raises(AlreadyDoneError):
        async with work.writing() as tx:
            tx.session.add(InboxUpdate(update_id=99, chat_id=1, body="effect", received_at=tx.now))
    current_update.reset(token)
    assert await undone(work) == []


async def test_the_words_of_an_update_are_not_readable_in_the_table(work: Work) -> None:
    await receive(work, [message(1, 7, "a very unusual phrase")])
    async with work.reading() as session:
        connection = await session.connection()
        bodies = (await connection.execute(text("SELECT body FROM inbox"))).scalars().all()
    assert all("unusual" not in body for body in bodies)


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"update_id": 1, "edited_message": {"chat": {"id": 5}}}, 5),
        ({"callback_query": {"from": {"id": 6}, "message": {"chat": {"id": -9}}}}, -9),
        ({"update_id": 1, "callback_query": {"from": {"id": 6}}}, 6),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 4}}}, 4),
        ({"update_id": 1, "something_new": {}}, 0),
    ],
)  # fmt: skip
def test_every_update_belongs_to_some_chat(update: dict, chat: int) -> None:
    assert chat_of(update) == chat
