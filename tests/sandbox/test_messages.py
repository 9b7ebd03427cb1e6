"""What may be sent and how it may be changed."""

import asyncio

import pytest

from tests.sandbox.conftest import RefusedError, buttons


async def test_callback_data_has_64_bytes_not_characters(api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"A": "x" * 64}))
    for data in ("x" * 65, "ä" * 33, ""):
        with pytest.raises(RefusedError, match="Bad Request: BUTTON_DATA_INVALID"):
            await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"A": data}))


async def test_a_text_has_4096_characters_after_formatting(api, anna):
    text = "<b>" + "x" * 4096 + "</b>"
    sent = await api("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    assert len(sent["text"]) == 4096
    with pytest.raises(RefusedError, match="Bad Request: message is too long"):
        await api("sendMessage", chat_id=anna.id, text="x" * 4097)
    with pytest.raises(RefusedError, match="Bad Request: message text is empty"):
        await api("sendMessage", chat_id=anna.id, text=" <b> </b>\n", parse_mode="HTML")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("pain < 3 and > 1", 'Unsupported start tag "" at byte offset 5'),
        ("ä<blink>x</blink>", 'Unsupported start tag "blink" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("fever <38", "Unclosed start tag at byte offset 6"),
    ],
)
async def test_html_that_does_not_parse_is_refused_with_the_place(api, anna, text, reason):
    with pytest.raises(RefusedError) as no:
        await api("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    assert str(no.value) == f"Bad Request: can't parse entities: {reason}"


async def test_html_becomes_text_with_entities_counted_in_utf16(api, anna):
    text = '👍 <b>a<i>b</i></b> &lt;3 &amp; &copy; <a href="https://x.org/?a=1&amp;b=2">there</a>'
    sent = await api("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    assert sent["text"] == "👍 ab <3 & &copy; there"
    assert sent["entities"] == [
        {"type": "bold", "offset": 3, "length": 2},
        {"type": "italic", "offset": 4, "length": 1},
        {"type": "text_link", "offset": 18, "length": 5, "url": "https://x.org/?a=1&b=2"},
    ]


async def test_without_parse_mode_tags_are_text_and_commands_are_recognised(api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="<b> /help")
    assert sent["text"] == "<b> /help"
    assert sent["entities"] == [{"type": "bot_command", "offset": 4, "length": 5}]


async def test_an_edit_that_changes_nothing_is_refused(api, anna):
    markup = buttons({"Yes": "y"})
    sent = await api("sendMessage", chat_id=anna.id, text="<b>a</b>", parse_mode="HTML",
                     reply_markup=markup)  # fmt: skip
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    with pytest.raises(RefusedError, match="Bad Request: message is not modified: specified new"):
        await api("editMessageText", **place, text="<b>a</b>", parse_mode="HTML",
                  reply_markup=markup)  # fmt: skip
    with pytest.raises(RefusedError, match="message is not modified"):
        await api("editMessageReplyMarkup", **place, reply_markup=markup)
    await api("editMessageText", **place, text="a", reply_markup=markup)


async def test_an_edit_without_buttons_takes_them_away(api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Y": "y"}))
    edited = await api(
        "editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="done"
    )
    assert "reply_markup" not in edited
    assert "edit_date" in edited
    message = await anna.sees("done")
    assert message.labels == []
    assert message.edited


async def test_only_the_bots_own_existing_messages_can_be_edited(api, anna):
    foreign = await anna.sends("mine")
    for message_id, reason in (
        (foreign.message_id, "message can't be edited"),
        (99_999, "message to edit not found"),
    ):
        with pytest.raises(RefusedError, match=f"Bad Request: {reason}"):
            await api("editMessageText", chat_id=anna.id, message_id=message_id, text="x")


async def test_messages_can_be_deleted_for_48_hours(world, api, anna):
    young = await api("sendMessage", chat_id=anna.id, text="young")
    old = await api("sendMessage", chat_id=anna.id, text="old")
    await world.forward(hours=47)
    await api("deleteMessage", chat_id=anna.id, message_id=young["message_id"])
    await world.forward(hours=2)
    with pytest.raises(RefusedError, match="Bad Request: message can't be deleted for everyone"):
        await api("deleteMessage", chat_id=anna.id, message_id=old["message_id"])
    with pytest.raises(RefusedError, match="Bad Request: message to delete not found"):
        await api("deleteMessage", chat_id=anna.id, message_id=young["message_id"])
    await world.caught_up()
    assert [message.text for message in anna.view().messages] == ["/start", "old"]


async def test_the_answer_to_a_tap_reaches_the_person_who_tapped(api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    await anna.sees("?")
    tapping = asyncio.create_task(anna.taps("Yes"))
    query = (await api.updates(timeout=5))[0]["callback_query"]
    assert query["data"] == "y"
    assert query["from"]["id"] == anna.id
    assert query["message"]["text"] == "?"
    await api("answerCallbackQuery", callback_query_id=query["id"], text="Saved", show_alert=True)
    answer = await tapping
    assert (answer.answered, answer.text, answer.show_alert) == (True, "Saved", True)


async def test_a_query_that_is_too_old_or_unknown_cannot_be_answered(world, api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    tapped = await anna.act("tap", message_id=message.message_id, data="y")
    await world.forward(seconds=151)
    reason = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    for query in (tapped["callback_id"], "12345"):
        with pytest.raises(RefusedError) as no:
            await api("answerCallbackQuery", callback_query_id=query)
        assert str(no.value) == reason


async def test_a_tap_on_an_old_message_brings_no_usable_message(world, api, anna):
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    await world.forward(hours=49)
    await anna.act("tap", message_id=message.message_id, data="y")
    query = await api.only_update("callback_query")
    assert query["message"] == {
        "chat": {"id": anna.id, "type": "private", "first_name": "Anna"},
        "message_id": message.message_id,
        "date": 0,
    }


async def test_a_reply_carries_the_message_it_answers(api, anna):
    question = await api("sendMessage", chat_id=anna.id, text="question")
    await anna.sees("question")
    await anna.act("send", text="answer", reply_to=question["message_id"])
    message = await api.only_update("message")
    assert message["reply_to_message"]["text"] == "question"
    reply = {"message_id": message["message_id"]}
    sent = await api("sendMessage", chat_id=anna.id, text="thanks", reply_parameters=reply)
    assert sent["reply_to_message"]["text"] == "answer"
    with pytest.raises(RefusedError, match="Bad Request: message to be replied not found"):
        await api(
            "sendMessage", chat_id=anna.id, text="x", reply_parameters={"message_id": 99_999}
        )
    missing = {"message_id": 99_999, "allow_sending_without_reply": True}
    await api("sendMessage", chat_id=anna.id, text="x", reply_parameters=missing)


async def test_a_message_with_a_reply_keyboard_cannot_be_edited(api, anna):
    keyboard = {"keyboard": [[{"text": "Share", "request_contact": True}]]}
    sent = await api("sendMessage", chat_id=anna.id, text="Number?", reply_markup=keyboard)
    with pytest.raises(RefusedError, match="message can't be edited"):
        await api("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="Thanks")


async def test_copies_and_forwards_carry_the_content(api, anna, dr):
    original = await anna.sends("it hurts")
    place = {"from_chat_id": anna.id, "message_id": original.message_id}
    await api("copyMessage", chat_id=dr.id, **place)
    forwarded = await api("forwardMessage", chat_id=dr.id, **place)
    assert forwarded["forward_origin"]["sender_user"]["id"] == anna.id
    await dr.sees("it hurts")
    await dr.sees("it hurts")


async def test_the_menu_of_a_chat_comes_from_the_narrowest_scope(world, api, anna):
    everyone = [{"command": "help", "description": "Help"}]
    here = [{"command": "diary", "description": "Diary"}]
    await api("setMyCommands", commands=everyone)
    scope = {"type": "chat", "chat_id": anna.id}
    await api("setMyCommands", commands=here, scope=scope)
    assert await world.wire.get(f"chats/{anna.id}/commands") == here
    assert await api("getMyCommands", scope=scope) == here
    await api("deleteMyCommands", scope=scope)
    assert await world.wire.get(f"chats/{anna.id}/commands") == everyone
    with pytest.raises(RefusedError, match="BOT_COMMAND_INVALID"):
        await api("setMyCommands", commands=[{"command": "Not-Good", "description": "x"}])
