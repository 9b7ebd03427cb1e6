"""How updates wait, expire and are fetched."""

import asyncio

import pytest

from tests.sandbox.conftest import RefusedError, buttons


async def test_a_tap_is_gone_after_150_seconds_and_a_message_is_not(world, api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    await anna.act("tap", message_id=message.message_id, data="y")
    await anna.sends("hello")
    await world.forward(seconds=151)
    assert (await api.only_update("message"))["text"] == "hello"


async def test_a_tap_waits_for_149_seconds(world, api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    await anna.act("tap", message_id=message.message_id, data="y")
    await world.forward(seconds=148)
    assert (await api.only_update("callback_query"))["data"] == "y"


async def test_a_message_is_gone_after_24_hours(world, api, anna):
    await anna.sends("early")
    await world.forward(hours=23)
    await anna.sends("late")
    await world.forward(hours=1, seconds=1)
    assert (await api.only_update("message"))["text"] == "late"


async def test_get_updates_gives_the_oldest_hundred(api, anna):
    for number in range(103):
        await anna.sends(str(number))
    first = await api.updates(limit=1000)
    assert [update["message"]["text"] for update in first] == [str(n) for n in range(100)]
    assert len(await api.updates()) == 3


async def test_an_unmoved_offset_gives_one_update_for_half_a_second(api, anna):
    for number in range(3):
        await anna.sends(str(number))
    assert len(await api("getUpdates", offset=api.offset)) == 3
    assert len(await api("getUpdates", offset=api.offset)) == 1
    await asyncio.sleep(0.55)
    assert len(await api("getUpdates", offset=api.offset)) == 3


async def test_an_offset_confirms_what_is_below_it_and_a_negative_one_all_but_the_newest(
    api, anna
):
    for number in range(5):
        await anna.sends(str(number))
    first = await api("getUpdates")
    rest = await api("getUpdates", offset=first[1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["2", "3", "4"]
    newest = await api("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in newest] == ["4"]
    await asyncio.sleep(0.5)
    assert len(await api("getUpdates", offset=0)) == 1


async def test_a_long_poll_ends_when_something_happens(api, anna):
    polling = asyncio.create_task(api("getUpdates", offset=api.offset, timeout=20))
    await asyncio.sleep(0.05)
    assert not polling.done()
    await anna.sends("now")
    assert (await asyncio.wait_for(polling, 1))[0]["message"]["text"] == "now"


async def test_of_two_pollers_the_first_gets_409(api, anna):
    first = asyncio.create_task(api("getUpdates", offset=api.offset, timeout=20))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(api("getUpdates", offset=api.offset, timeout=20))
    with pytest.raises(
        RefusedError, match="Conflict: terminated by other getUpdates request"
    ) as no:
        await first
    assert no.value.code == 409
    await anna.sends("for the second")
    assert len(await second) == 1


async def test_only_the_wanted_kinds_of_updates_come(api, anna):
    await api("getUpdates", allowed_updates=["callback_query"])
    await anna.sends("unheard")
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    await anna.act("tap", message_id=message.message_id, data="y")
    await api.only_update("callback_query")


async def test_an_edit_by_a_person_comes_as_edited_message(api, anna):
    message = await anna.sends("firts")
    await api.updates()
    await anna.edits(message, "first")
    edited = await api.only_update("edited_message")
    assert edited["text"] == "first"
    assert "edit_date" in edited
    assert edited["message_id"] == message.message_id


async def test_an_unknown_token_is_unauthorized(api):
    async with api.session.get(f"{api.url}/bot1:WRONG/getMe") as response:
        assert response.status == 401
        assert await response.json() == {
            "ok": False,
            "error_code": 401,
            "description": "Unauthorized",
        }
