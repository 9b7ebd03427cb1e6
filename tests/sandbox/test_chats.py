"""Who can be written to, and what happens to chats and groups."""

import pytest

from tests.sandbox.conftest import RefusedError, buttons


async def test_a_blocked_bot_is_told_and_refused(api, anna):
    await anna.blocks_bot()
    change = await api.only_update("my_chat_member")
    assert change["old_chat_member"]["status"] == "member"
    assert change["new_chat_member"]["status"] == "kicked"
    assert change["from"]["id"] == anna.id
    with pytest.raises(RefusedError, match="Forbidden: bot was blocked by the user") as no:
        await api("sendMessage", chat_id=anna.id, text="hello?")
    assert no.value.code == 403


async def test_an_unblocked_bot_is_told_and_can_write_again(api, anna):
    await anna.blocks_bot()
    await anna.unblocks_bot()
    statuses = [u["my_chat_member"]["new_chat_member"]["status"] for u in await api.updates()]
    assert statuses == ["kicked", "member"]
    await api("sendMessage", chat_id=anna.id, text="hello")


async def test_a_deleted_account_is_deactivated(api, anna):
    await anna.deletes_account()
    with pytest.raises(RefusedError, match="Forbidden: user is deactivated") as no:
        await api("sendMessage", chat_id=anna.id, text="hello?")
    assert no.value.code == 403


async def test_the_bot_cannot_write_first(world, api, group):
    ben = await world.person("Ben")
    with pytest.raises(RefusedError, match="Bad Request: chat not found") as no:
        await api("sendMessage", chat_id=ben.id, text="hello")
    assert no.value.code == 400
    await group.add(ben)
    with pytest.raises(RefusedError, match="bot can't initiate conversation with a user") as no:
        await api("sendMessage", chat_id=ben.id, text="hello")
    assert no.value.code == 403
    await ben.starts()
    await api("sendMessage", chat_id=ben.id, text="hello")


async def test_an_unknown_chat_is_not_found(api):
    with pytest.raises(RefusedError, match="Bad Request: chat not found"):
        await api("sendMessage", chat_id=-1, text="hello")


async def test_a_deep_link_starts_with_its_payload(world, api):
    ben = await world.person("Ben")
    await ben.starts("invite_42-x")
    message = await api.only_update("message")
    assert message["text"] == "/start invite_42-x"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_a_link_to_the_bot_behind_a_button_starts_it(world, api, anna):
    button = {"text": "Join", "url": "https://t.me/symptom_diary_bot?start=abc"}
    markup = {"inline_keyboard": [[button]]}
    await api("sendMessage", chat_id=anna.id, text="Come", reply_markup=markup)
    await anna.sees("Come")
    await anna.taps("Join")
    assert (await api.only_update("message"))["text"] == "/start abc"


async def test_a_contact_is_shared_by_the_button_that_asks_for_it(api, anna):
    keyboard = {"keyboard": [[{"text": "Share my number", "request_contact": True}]]}
    await api("sendMessage", chat_id=anna.id, text="Number?", reply_markup=keyboard)
    await anna.sees("Number?")
    await anna.taps("Share my number")
    contact = (await api.only_update("message"))["contact"]
    assert contact == {"phone_number": anna.phone, "first_name": "Anna", "user_id": anna.id}


async def test_somebody_elses_contact_carries_the_others_id(api, anna, dr):
    await dr.shares_contact(of=anna)
    message = await api.only_update("message")
    assert message["from"]["id"] == dr.id
    assert message["contact"]["user_id"] == anna.id


async def test_a_group_announces_the_bot_that_joins_and_the_one_that_is_kicked(world, api, dr):
    group = await world.group("Clinic", [dr])
    await group.add_bot(dr)
    member, service = await api.updates()
    assert member["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert member["my_chat_member"]["chat"]["title"] == "Clinic"
    assert service["message"]["new_chat_members"][0]["id"] == world.bot_id
    await group.remove_bot(dr)
    gone = await api.only_update("my_chat_member")
    assert gone["new_chat_member"]["status"] == "kicked"
    with pytest.raises(RefusedError, match="Forbidden: bot was kicked from the group chat") as no:
        await api("sendMessage", chat_id=group.id, text="hello?")
    assert no.value.code == 403


async def test_a_startgroup_link_brings_its_payload(world, api, dr):
    group = await world.group("Clinic", [dr])
    await group.add_bot(dr, payload="link_7")
    texts = [update.get("message", {}).get("text") for update in await api.updates()]
    assert texts[-1] == "/start@symptom_diary_bot link_7"


async def test_after_leaving_the_bot_is_no_member(api, group):
    await api("leaveChat", chat_id=group.id)
    with pytest.raises(RefusedError, match="Forbidden: bot is not a member of the group chat"):
        await api("sendMessage", chat_id=group.id, text="hello?")


async def test_an_upgraded_group_has_a_new_id_and_the_old_one_names_it(world, api, dr, group):
    old_id = group.id
    card = await api("sendMessage", chat_id=old_id, text="card", reply_markup=buttons({"I": "i"}))
    await group.upgrade()
    leaving, arriving = [update["message"] for update in await api.updates()]
    assert (leaving["chat"]["id"], leaving["migrate_to_chat_id"]) == (old_id, group.id)
    assert (arriving["chat"]["id"], arriving["migrate_from_chat_id"]) == (group.id, old_id)
    with pytest.raises(RefusedError, match="group chat was upgraded to a supergroup chat") as no:
        await api("sendMessage", chat_id=old_id, text="more")
    assert no.value.parameters == {"migrate_to_chat_id": group.id}
    await api("sendMessage", chat_id=group.id, text="more")
    with pytest.raises(RefusedError, match="message to edit not found"):
        await api(
            "editMessageText", chat_id=group.id, message_id=card["message_id"] + 50, text="x"
        )
    await api("editMessageText", chat_id=old_id, message_id=card["message_id"], text="edited",
              reply_markup=buttons({"I": "i"}))  # fmt: skip
    await dr.sees("edited", in_chat=group)
    await dr.act("tap", chat=group.id, message_id=card["message_id"], data="i")
    query = await api.only_update("callback_query")
    assert query["message"]["chat"]["id"] == old_id


async def test_with_privacy_mode_the_bot_hears_what_is_meant_for_it(api, dr, group):
    own = await api("sendMessage", chat_id=group.id, text="card", reply_markup=buttons({"I": "i"}))
    card = await dr.sees("card", in_chat=group)
    await dr.sends("lunch?", in_chat=group)
    await dr.sends("/status", in_chat=group)
    await dr.sends("/status@symptom_diary_bot now", in_chat=group)
    await dr.sends("/status@another_bot", in_chat=group)
    await dr.sends("see /status", in_chat=group)
    await dr.sends("I call her", in_chat=group, reply_to=card)
    await dr.act("tap", chat=group.id, message_id=own["message_id"], data="i")
    heard = [u["message"]["text"] if "message" in u else "tap" for u in await api.updates()]
    assert heard == ["/status", "/status@symptom_diary_bot now", "I call her", "tap"]


async def test_without_privacy_mode_the_bot_hears_everything(world, api, dr, group):
    await world.settings(privacy=False)
    await dr.sends("lunch?", in_chat=group)
    assert (await api.only_update("message"))["text"] == "lunch?"


async def test_service_messages_come_in_spite_of_privacy_mode(world, api, group):
    ben = await world.person("Ben")
    await group.add(ben)
    assert (await api.only_update("message"))["new_chat_members"][0]["first_name"] == "Ben"
    await group.remove(ben)
    assert (await api.only_update("message"))["left_chat_member"]["first_name"] == "Ben"


async def test_topics_have_ids_and_closed_ones_refuse(world, api, dr):
    forum = await world.group("Forum", [dr], is_forum=True)
    await forum.add_bot(dr)
    topic = await forum.open_topic("Alerts")
    sent = await api("sendMessage", chat_id=forum.id, message_thread_id=topic, text="here")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    await dr.sends("/ok", in_chat=forum, thread=topic)
    heard = (await api.updates())[-1]["message"]
    assert (heard["message_thread_id"], heard["chat"]["is_forum"]) == (topic, True)
    with pytest.raises(RefusedError, match="Bad Request: message thread not found"):
        await api("sendMessage", chat_id=forum.id, message_thread_id=999, text="where")
    await forum.close_topic(topic)
    with pytest.raises(RefusedError, match="Bad Request: TOPIC_CLOSED"):
        await api("sendMessage", chat_id=forum.id, message_thread_id=topic, text="closed")
    await api("sendMessage", chat_id=forum.id, text="general")
    await forum.reopen_topic(topic)
    await api("sendMessage", chat_id=forum.id, message_thread_id=topic, text="open")


async def test_an_anonymous_admin_writes_as_the_group(api, dr, group):
    await group.upgrade()
    await dr.sends("/link", in_chat=group, anonymously=True)
    message = (await api.updates())[-1]["message"]
    assert message["from"]["username"] == "GroupAnonymousBot"
    assert message["sender_chat"]["id"] == group.id


async def test_members_and_administrators_can_be_asked_for(world, api, dr, anna, group):
    member = await api("getChatMember", chat_id=group.id, user_id=anna.id)
    assert member["status"] == "member"
    stranger = await world.person("Ben")
    left = await api("getChatMember", chat_id=group.id, user_id=stranger.id)
    assert left["status"] == "left"
    admins = await api("getChatAdministrators", chat_id=group.id)
    assert [(a["user"]["id"], a["status"]) for a in admins] == [(dr.id, "creator")]
    await group.promote(anna)
    await group.promote()
    admins = await api("getChatAdministrators", chat_id=group.id)
    assert {a["user"]["id"] for a in admins} == {dr.id, anna.id, world.bot_id}


async def test_everybody_in_a_group_sees_its_messages_and_each_answers_alone(api, dr, anna, group):
    await api("sendMessage", chat_id=group.id, text="card", reply_markup=buttons({"Mine": "m"}))
    await dr.sees("card", in_chat=group)
    await group.as_seen_by(anna).sees("card")
    await anna.act("tap", chat=group.id, message_id=anna.view(group).messages[-1].message_id,
                   data="m")  # fmt: skip
    assert (await api.only_update("callback_query"))["from"]["id"] == anna.id


async def test_who_blocks_the_bot_can_still_write_in_a_group(api, dr, group):
    await dr.blocks_bot()
    await dr.sends("/status", in_chat=group)
    assert [set(update) & {"message"} for update in await api.updates()][-1]


async def test_an_administrating_bot_that_asks_is_told_of_members(world, api, dr, anna, group):
    await api("getUpdates", allowed_updates=["chat_member"])
    await group.remove(anna)
    await group.promote()
    await group.add(anna)
    joined = await api.only_update("chat_member")
    assert joined["new_chat_member"]["user"]["id"] == anna.id
    assert joined["new_chat_member"]["status"] == "member"


async def test_a_keyboard_for_one_time_goes_away_when_it_was_used(world, api, anna):
    keyboard = {"keyboard": [[{"text": "Skip"}]], "one_time_keyboard": True}
    await api("sendMessage", chat_id=anna.id, text="Number?", reply_markup=keyboard)
    await anna.sees("Number?")
    await anna.sends("what?")
    assert anna.view().buttons == ["Skip"]
    await anna.taps("Skip")
    await world.caught_up()
    assert anna.view().buttons == []
