"""Flood limits, in real seconds."""

import asyncio

import pytest

from sandbox.limits import Bucket
from tests.sandbox.conftest import RefusedError, buttons


async def test_a_chat_takes_a_burst_of_five_and_then_one_a_second(api, anna):
    for number in range(5):
        await api("sendMessage", chat_id=anna.id, text=str(number))
    with pytest.raises(RefusedError, match="Too Many Requests: retry after 1") as no:
        await api("sendMessage", chat_id=anna.id, text="too much")
    assert (no.value.code, no.value.parameters) == (429, {"retry_after": 1})
    await asyncio.sleep(1.05)
    await api("sendMessage", chat_id=anna.id, text="later")


async def test_edits_count_like_messages_and_answers_to_taps_are_free(api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Y": "y"}))
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    for number in range(4):
        await api("editMessageText", **place, text=str(number))
    with pytest.raises(RefusedError, match="Too Many Requests"):
        await api("editMessageText", **place, text="fifth edit")
    for _ in range(10):
        tapped = await anna.act("tap", message_id=sent["message_id"], data="y")
        await api("answerCallbackQuery", callback_query_id=tapped["callback_id"])


async def test_each_picture_of_an_album_counts(world, api, anna):
    photo = (await anna.sends_photo()).view["photo"]["file_id"]
    media = [{"type": "photo", "media": photo}] * 3
    album = await api("sendMediaGroup", chat_id=anna.id, media=media)
    assert len({message["media_group_id"] for message in album}) == 1
    with pytest.raises(RefusedError, match="Too Many Requests"):
        await api("sendMediaGroup", chat_id=anna.id, media=media)
    await api("sendMessage", chat_id=anna.id, text="two are left")


async def test_a_group_takes_twenty_a_minute(world, api, group):
    await world.limits(chat_burst=100)
    for number in range(20):
        await api("sendMessage", chat_id=group.id, text=str(number))
    with pytest.raises(RefusedError) as no:
        await api("sendMessage", chat_id=group.id, text="too much")
    assert 1 <= no.value.parameters["retry_after"] <= 3


async def test_all_chats_together_take_thirty_a_second(world, api, anna, dr):
    await world.limits(chat_burst=100)
    calls = [
        api("sendMessage", chat_id=(anna, dr)[number % 2].id, text=str(number))
        for number in range(40)
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [no.parameters for no in results if isinstance(no, RefusedError)]
    assert refused
    assert len(refused) <= 10
    assert all(parameters == {"retry_after": 1} for parameters in refused)


async def test_limits_can_be_switched_off_and_made_stricter(world, api, anna):
    await world.limits(enabled=False)
    for number in range(40):
        await api("sendMessage", chat_id=anna.id, text=str(number))
    await world.limits(enabled=True, chat_burst=1)
    await api("sendMessage", chat_id=anna.id, text="one")
    with pytest.raises(RefusedError, match="Too Many Requests"):
        await api("sendMessage", chat_id=anna.id, text="two")


async def test_a_jump_of_the_clock_does_not_refill_the_limits(world, api, anna):
    for number in range(5):
        await api("sendMessage", chat_id=anna.id, text=str(number))
    await world.forward(hours=1)
    with pytest.raises(RefusedError, match="Too Many Requests"):
        await api("sendMessage", chat_id=anna.id, text="too much")


def test_a_bucket_never_holds_more_than_its_capacity():
    bucket = Bucket(5, 1)
    assert bucket.missing_seconds(5, bucket.updated + 1000) == 0
    bucket.tokens -= 5
    assert bucket.missing_seconds(1, bucket.updated) == pytest.approx(1)
