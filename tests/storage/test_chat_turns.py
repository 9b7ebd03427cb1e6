"""Whose turn a chat is: one copy at a time, in the order of its updates, and never stuck."""

import asyncio
from collections import Counter

import storage.inbox
import storage.leases
from bot.inbox import receive
from care.work import Work
from tests.bot.test_inbox import message


async def take(work: Work, holder: str, *, finished=(), most: int = 100) -> list[int]:
    async with work.writing() as tx:
        rows = await storage.inbox.take_turns(
            tx.session, holder=holder, finished=finished, most=most
        )
    return [row.update_id for row in rows]


async def test_copies_that_want_the_same_chats_never_share_one(work: Work) -> None:
    await receive(work, [message(n, chat_id=n % 20) for n in range(1, 201)])
    hauls = await asyncio.gather(*(take(work, f"copy {n}", most=7) for n in range(6)))
    counted = Counter(update_id for haul in hauls for update_id in haul)
    assert set(counted.values()) == {1}
    chats = [{update_id % 20 for update_id in haul} for haul in hauls]
    assert sum(map(len, chats)) == len(set().union(*chats))
    assert all(haul == sorted(haul) for haul in hauls)


async def test_the_chat_that_waits_longest_comes_first(work: Work) -> None:
    await receive(work, [message(1, 9), message(2, 8), message(3, 7), message(4, 9)])
    assert await take(work, "a", most=2) == [1, 2, 4]


async def test_a_turn_ends_when_it_is_given_back_and_not_before(work: Work) -> None:
    await receive(work, [message(1, 7)])
    assert await take(work, "a") == [1]
    assert await take(work, "b") == []
    assert await take(work, "a") == []
    assert await take(work, "a", finished=[7], most=0) == []
    assert await take(work, "b") == [1]


async def test_the_turn_of_a_copy_that_vanished_is_over_after_its_lease(
    work: Work, monkeypatch
) -> None:
    await receive(work, [message(1, 7)])
    began = 1_000.0

    async def at(_session: object) -> float:
        return began

    monkeypatch.setattr(storage.inbox, "lease_now", at)
    assert await take(work, "gone") == [1]
    began += storage.leases.LEASE_SECONDS - 1
    assert await take(work, "b") == []
    async with work.writing() as tx:
        assert await storage.inbox.keep_turn(tx.session, "gone", 7)
    began += storage.leases.LEASE_SECONDS - 1
    assert await take(work, "b") == []
    began += 2
    assert await take(work, "b") == [1]
    async with work.writing() as tx:
        assert not await storage.inbox.keep_turn(tx.session, "gone", 7)
