"""Methods that change or remove what is there, and the answer to a tap."""

from datetime import timedelta

from sandbox.bot_api.call import Call
from sandbox.bot_api.content import caption_content, reply_markup, text_content, writable_chat
from sandbox.chats import Chat, Json, Message
from sandbox.errors import bad_request
from sandbox.telegram import Telegram

DELETABLE_FOR = timedelta(hours=48)
ANSWERABLE_FOR = timedelta(seconds=150)
LONGEST_ANSWER = 200
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
SERVICE = (
    "new_chat_members", "left_chat_member", "group_chat_created", "migrate_to_chat_id",
    "migrate_from_chat_id", "pinned_message", "forum_topic_created", "forum_topic_closed",
    "forum_topic_reopened",
)  # fmt: skip


def edit_message_text(telegram: Telegram, call: Call) -> Json:
    """Change the text; buttons that are not given again are gone."""
    message = _editable(telegram, call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(telegram, call, message, text_content(telegram, call))


def edit_message_caption(telegram: Telegram, call: Call) -> Json:
    """Change the caption of a picture or file."""
    message = _editable(telegram, call)
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {
        name: value
        for name, value in message.content.items()
        if name not in ("caption", "caption_entities")
    }
    return _edit(telegram, call, message, kept | caption_content(telegram, call, call.parameters))


def edit_message_reply_markup(telegram: Telegram, call: Call) -> Json:
    """Change the buttons only."""
    message = _editable(telegram, call)
    return _edit(telegram, call, message, message.content, quietly=True)


def delete_message(telegram: Telegram, call: Call) -> bool:
    """Delete a message: the bot's own, or in a private chat anybody's, for 48 hours."""
    chat = writable_chat(telegram, call, to_edit=True)
    message = chat.messages.get(call.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    foreign = message.sender is not telegram.bot and chat.person is None
    if foreign and chat.status(telegram.bot.id) != "administrator":
        raise bad_request("message can't be deleted")
    if telegram.clock.now() - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    telegram.delete(message)
    return True


def answer_callback_query(telegram: Telegram, call: Call) -> bool:
    """Answer a tap, within 150 s of the simulated clock; costs no message."""
    callback = telegram.callbacks.get(call.text("callback_query_id"))
    if callback is None or telegram.clock.now() - callback.created > ANSWERABLE_FOR:
        raise bad_request(QUERY_TOO_OLD)
    if len(call.text("text")) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    callback.answered = True
    callback.text, callback.url = call.text("text"), call.text("url")
    callback.show_alert = call.flag("show_alert")
    telegram.events.add("callback", callback.view())
    return True


def pin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Pin a message; in groups only an administrator may."""
    chat, message = _pinnable(telegram, call)
    if message is None:
        raise bad_request("message to pin not found")
    chat.pinned = message
    telegram.changed(chat)
    return True


def unpin_chat_message(telegram: Telegram, call: Call) -> bool:
    """Take the pinned message down."""
    chat, _ = _pinnable(telegram, call)
    chat.pinned = None
    telegram.changed(chat)
    return True


def _pinnable(telegram: Telegram, call: Call) -> tuple[Chat, Message | None]:
    chat = writable_chat(telegram, call)
    if chat.person is None and chat.status(telegram.bot.id) != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    message = chat.messages.get(call.integer("message_id"))
    return chat, None if message is None or message.deleted else message


def _editable(telegram: Telegram, call: Call) -> Message:
    if "inline_message_id" in call.parameters:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = writable_chat(telegram, call, to_edit=True)
    message = chat.messages.get(call.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    foreign = message.sender is not telegram.bot or any(
        name in message.content for name in SERVICE
    )
    if (
        foreign
        or "forward_origin" in message.content
        or "keyboard" in (message.reply_markup or {})
    ):
        raise bad_request("message can't be edited")
    return message


def _edit(
    telegram: Telegram, call: Call, message: Message, content: Json, *, quietly: bool = False
) -> Json:
    markup = reply_markup(call, inline_only=True)
    before = message.reply_markup if "inline_keyboard" in (message.reply_markup or {}) else None
    if content == message.content and markup == before:
        raise bad_request(NOT_MODIFIED)
    telegram.limits.spend(message.chat)
    telegram.edit(message, content, markup, quietly=quietly)
    return message.api()
