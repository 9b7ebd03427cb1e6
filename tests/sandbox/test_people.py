"""The people of a test: what they see, tap and do not expect."""

import asyncio
import re

import pytest

from sandbox.errors import ControlError
from sandbox.people import World
from tests.sandbox.conftest import buttons


async def test_a_person_sees_each_message_once_and_in_order(api, anna):
    for text in ("one a", "two", "one b"):
        await api("sendMessage", chat_id=anna.id, text=text)
    assert (await anna.sees("one")).text == "one a"
    assert (await anna.sees(re.compile("^one"))).text == "one b"
    with pytest.raises(AssertionError, match=r"Unseen so far:\n    #\d+ Symptom diary: two\n"):
        await anna.sees("one", timeout=0.1)
    await anna.sees("two")


async def test_a_person_sees_an_edit_as_something_new(api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="Question 1")
    await anna.sees("Question 1")
    await api("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="Q 2")
    assert (await anna.sees("Q 2")).edited


async def test_an_older_version_of_a_seen_message_is_not_seen_later(api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="Check 1")
    await api("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="Check 2")
    await anna.sees("Check 2")
    with pytest.raises(AssertionError):
        await anna.sees("Check 1", timeout=0.1)


async def test_an_unexpected_message_fails_unless_it_was_allowed(world, api, anna):
    await api("sendMessage", chat_id=anna.id, text="surprise")
    await world.caught_up()
    with pytest.raises(AssertionError, match=r"Anna: #\d+ Symptom diary: surprise"):
        world.assert_nothing_unexpected()
    world.allow("surpr", anna)
    world.assert_nothing_unexpected()


async def test_seeing_nothing_new_fails_on_a_message_that_comes(api, anna):
    await anna.sees_nothing_new(within=0.05)
    waiting = asyncio.create_task(anna.sees_nothing_new(within=1))
    await asyncio.sleep(0.1)
    await api("sendMessage", chat_id=anna.id, text="hello")
    with pytest.raises(AssertionError, match=r"did not expect: .*hello"):
        await waiting
    with pytest.raises(AssertionError):
        await anna.sees_nothing_new(within=0.05)


async def answered(api):
    query = (await api.updates(timeout=5))[0]["callback_query"]
    await api("answerCallbackQuery", callback_query_id=query["id"])
    return query["data"]


@pytest.mark.parametrize(("label", "data"), [("Yes", "1"), ("Yes, n", "2"), ("ame", "3")])
async def test_a_label_is_meant_exactly_or_else_by_what_only_it_has(api, anna, label, data):
    markup = buttons({"Yes": "1", "Yes, now": "2"}, {"Same": "3"})
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=markup)
    await anna.sees("?")
    tapping = asyncio.create_task(anna.taps(label))
    assert await answered(api) == data
    assert (await tapping).answered


async def test_the_newest_message_with_the_label_is_tapped(api, anna):
    for data in ("old", "new"):
        await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": data}))
        await anna.sees("?")
    await api("sendMessage", chat_id=anna.id, text="no buttons")
    tapping = asyncio.create_task(anna.taps("Yes"))
    assert await answered(api) == "new"
    await tapping


async def test_the_newest_message_has_a_moment_to_get_the_label(api, anna):
    await api("sendMessage", chat_id=anna.id, text="old", reply_markup=buttons({"Mild": "old"}))
    sent = await api("sendMessage", chat_id=anna.id, text="new", reply_markup=buttons({"2": "x"}))
    await anna.sees("new")
    tapping = asyncio.create_task(anna.taps("Mild"))
    await asyncio.sleep(0.1)
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    await api("editMessageText", **place, text="next", reply_markup=buttons({"Mild": "new"}))
    assert await answered(api) == "new"
    await tapping


@pytest.mark.parametrize("label", ["Maybe", "Ye"])
async def test_a_missing_or_ambiguous_label_names_the_buttons_in_sight(api, anna, label):
    markup = buttons({"Yes": "1", "Yes, now": "2"})
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=markup)
    await anna.sees("?")
    with pytest.raises(AssertionError, match=r"visible: \[Yes\] \[Yes, now\]"):
        await anna.taps(label)


async def test_a_button_of_the_keyboard_writes_its_text(api, anna):
    keyboard = {"keyboard": [[{"text": "Skip"}]]}
    await api("sendMessage", chat_id=anna.id, text="Number?", reply_markup=keyboard)
    await anna.sees("Number?")
    await anna.taps("Skip")
    assert (await api.only_update("message"))["text"] == "Skip"
    await api("sendMessage", chat_id=anna.id, text="ok", reply_markup={"remove_keyboard": True})
    await anna.sees("ok")
    await anna.world.caught_up()
    assert anna.view().buttons == []


async def test_each_member_of_a_group_has_eyes_of_their_own(world, api, dr, anna, group):
    await api("sendMessage", chat_id=group.id, text="card")
    await dr.sees("card", in_chat=group)
    await anna.sees("card", in_chat=group)
    await anna.sends("I see it", in_chat=group)
    await dr.sees("I see it", in_chat=group)
    world.assert_nothing_unexpected()


async def test_the_transcript_tells_what_happened_in_order(world, api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Y": "y"}))
    await anna.sees("?")
    tapping = asyncio.create_task(anna.taps("Y"))
    await answered(api)
    await tapping
    await api("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="!")
    await anna.sees("!")
    told = [(who, text, labels) for _, chat, who, text, labels in world.transcript()]
    assert told == [
        ("Anna", "/start", []),
        ("Symptom diary", "?", ["Y"]),
        ("Anna", "[taps] Y", []),
        ("Symptom diary (edits)", "!", []),
    ]


async def test_what_happened_before_a_world_connects_is_no_surprise_to_it(running, api, anna):
    await api("sendMessage", chat_id=anna.id, text="earlier")
    late = await World.connect(running.url)
    try:
        late.assert_nothing_unexpected()
        assert [m.text for m in late.log(anna.id).now.values()] == ["/start", "earlier"]
    finally:
        await late.close()


async def test_a_phone_cannot_do_what_a_phone_could_not(world, anna, dr, group):
    await dr.blocks_bot()
    with pytest.raises(ControlError, match="has blocked the bot"):
        await dr.sends("hello")
    with pytest.raises(ControlError, match="No button asks for the number"):
        await anna.shares_contact()
    stranger = await world.person("Ben")
    with pytest.raises(ControlError, match="is not in the chat"):
        await stranger.sends("hello", in_chat=group)
    await stranger.deletes_account()
    with pytest.raises(ControlError, match="has deleted the account"):
        await stranger.starts()


async def test_what_people_delete_is_gone_for_everybody(world, anna):
    message = await anna.sends("oops")
    await anna.deletes(message)
    await world.caught_up()
    assert [m.text for m in anna.view().messages] == ["/start"]
