"""The Bot API's methods, by name, and how one call is carried out."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.bot_api import about_bot, about_chats, editing, receiving, sending
from sandbox.bot_api.call import Call
from sandbox.errors import BotApiError, bad_request
from sandbox.telegram import Telegram
from sandbox.webhook import Webhook

Method = Callable[[Telegram, Call], Any]
WaitingMethod = Callable[[Telegram, Call, Webhook], Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getMe": about_bot.get_me,
    "logOut": about_bot.leave_server,
    "close": about_bot.leave_server,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVoice": sending.send_voice,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_chat_action,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "answerCallbackQuery": editing.answer_callback_query,
    "pinChatMessage": editing.pin_chat_message,
    "unpinChatMessage": editing.unpin_chat_message,
    "getFile": receiving.get_file,
    "getChat": about_chats.get_chat,
    "getChatMember": about_chats.get_chat_member,
    "getChatMemberCount": about_chats.get_chat_member_count,
    "getChatAdministrators": about_chats.get_chat_administrators,
    "leaveChat": about_chats.leave_chat,
    "setMyCommands": about_bot.set_my_commands,
    "getMyCommands": about_bot.get_my_commands,
    "deleteMyCommands": about_bot.delete_my_commands,
    "setMyName": about_bot.set_my_name,
    "setMyDescription": about_bot.set_my_description,
    "getMyDescription": about_bot.get_my_description,
    "setMyShortDescription": about_bot.set_my_short_description,
    "getMyShortDescription": about_bot.get_my_short_description,
    "setChatMenuButton": about_bot.set_chat_menu_button,
}
WAITING_METHODS: dict[str, WaitingMethod] = {
    "getUpdates": receiving.get_updates,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
}
_BY_NAME = {name.lower(): method for name, method in METHODS.items()}
_WAITING_BY_NAME = {name.lower(): method for name, method in WAITING_METHODS.items()}


async def carry_out(telegram: Telegram, webhook: Webhook, call: Call) -> Any:
    """Check a call against the description, carry it out, return its result or raise the refusal.

    What the description does not know is recorded as a violation and refused with 400 (404 for a
    method); so is a method that exists but that the sandbox does not play.
    """
    name = call.method.lower()
    if telegram.specification is not None:
        faults = telegram.specification.faults_of(call.method, call.parameters, set(call.files))
        for fault in faults:
            telegram.violate(call.method, fault)
        if faults and name in telegram.specification.methods:
            raise bad_request(faults[0])
        if faults:
            raise BotApiError(404, "Not Found: method not found")
    if waiting := _WAITING_BY_NAME.get(name):
        return await waiting(telegram, call, webhook)
    if method := _BY_NAME.get(name):
        return method(telegram, call)
    telegram.violate(call.method, f"the sandbox does not play {call.method}")
    raise BotApiError(404, "Not Found: method not found")
