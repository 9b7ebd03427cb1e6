"""A real client library talks to the sandbox as to Telegram."""

import asyncio
import io

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter, TimedOut

from sandbox.pictures import sample_picture


async def test_it_sends_edits_answers_and_deletes(world, client, anna):
    assert client.username == "symptom_diary_bot"
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    message = await client.send_message(
        anna.id, "Hello <b>you</b>", parse_mode="HTML", reply_markup=markup
    )
    await anna.sees("Hello you")
    tapping = asyncio.create_task(anna.taps("Yes"))
    (update,) = await client.get_updates(timeout=5)
    assert update.callback_query.message.text == "Hello you"
    await update.callback_query.answer("Saved")
    assert (await tapping).text == "Saved"
    await message.edit_text("Done")
    await anna.sees("Done")
    await message.delete()
    world.assert_nothing_unexpected()
    assert await world.violations() == []


async def test_it_sends_and_fetches_files(world, client, anna):
    photo = io.BytesIO(sample_picture())
    sent = await client.send_photo(anna.id, photo, caption="week", filename="week.png")
    await client.send_document(anna.id, b"a,b\n", filename="diary.csv")
    await client.send_voice(anna.id, b"OggS....")
    album = [InputMediaPhoto(sample_picture()), InputMediaPhoto(sent.photo[-1].file_id)]
    await world.limits(enabled=False)
    assert len(await client.send_media_group(anna.id, album)) == 2
    await anna.sends_photo()
    update = (await client.get_updates())[-1]
    file = await update.message.photo[-1].get_file()
    assert bytes(await file.download_as_bytearray()) == sample_picture()
    assert await world.violations() == []


async def test_it_sets_up_its_commands_and_asks_about_chats(world, client, anna, dr, group):
    scope = BotCommandScopeChat(anna.id)
    assert await client.set_my_commands([BotCommand("help", "Help")], scope=scope)
    assert (await client.get_my_commands(scope=scope))[0].command == "help"
    assert await client.delete_my_commands(scope=scope)
    assert await client.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert await client.set_my_description("About")
    assert await client.set_my_short_description("Short")
    assert (await client.get_chat(group.id)).title == "Clinic alerts"
    assert (await client.get_chat_member(group.id, dr.id)).status == "creator"
    assert len(await client.get_chat_administrators(group.id)) == 1
    assert await client.send_chat_action(anna.id, "typing")
    sent = await client.send_message(anna.id, "pin me")
    assert await client.pin_chat_message(anna.id, sent.message_id)
    assert await client.leave_chat(group.id)
    assert await world.violations() == []


async def test_refusals_arrive_as_its_own_errors(world, client, anna, dr, group):
    with pytest.raises(BadRequest, match="Chat not found"):
        await client.send_message(-7, "x")
    await world.limits(chat_burst=1)
    await client.send_message(dr.id, "x")
    with pytest.raises(RetryAfter):
        await client.send_message(dr.id, "x")
    await anna.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await client.send_message(anna.id, "x")
    old_id = group.id
    await group.upgrade()
    with pytest.raises(ChatMigrated) as moved:
        await client.send_message(old_id, "x")
    assert moved.value.new_chat_id == group.id


async def test_time_outs_and_conflicts_arrive_as_its_own_errors(world, api, client, anna):
    await world.fault("timeout_after", "sendMessage", times=1)
    with pytest.raises(TimedOut):
        await client.send_message(anna.id, "perhaps", read_timeout=0.2)
    await anna.sees("perhaps")
    first = asyncio.create_task(client.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api.updates(timeout=10))
    with pytest.raises(Conflict):
        await first
    await anna.sends("x")
    assert await second


async def test_it_understands_an_old_tap_and_changes_of_membership(world, client, anna):
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    sent = await client.send_message(anna.id, "?", reply_markup=markup)
    await world.forward(hours=49)
    await anna.act("tap", message_id=sent.message_id, data="y")
    await anna.blocks_bot()
    tap, change = await client.get_updates()
    assert not tap.callback_query.message.is_accessible
    assert change.my_chat_member.new_chat_member.status == "kicked"
