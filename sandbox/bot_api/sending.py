"""Methods that put messages into a chat."""

from typing import Any

from sandbox.bot_api import media
from sandbox.bot_api.call import Call
from sandbox.bot_api.content import (
    caption_content,
    find_chat,
    replied,
    reply_markup,
    text_content,
    topic_of,
    writable_chat,
)
from sandbox.chats import Chat, Json, Message
from sandbox.errors import bad_request
from sandbox.telegram import Telegram


def send_message(telegram: Telegram, call: Call) -> Json:
    """Send a text."""
    chat = writable_chat(telegram, call)
    return _send(telegram, call, chat, text_content(telegram, call)).api()


def send_photo(telegram: Telegram, call: Call) -> Json:
    """Send a picture."""
    return _send_media(telegram, call, "photo")


def send_voice(telegram: Telegram, call: Call) -> Json:
    """Send a voice message."""
    return _send_media(telegram, call, "voice")


def send_document(telegram: Telegram, call: Call) -> Json:
    """Send a file."""
    return _send_media(telegram, call, "document")


def send_media_group(telegram: Telegram, call: Call) -> list[Json]:
    """Send an album of 2 to 10 pictures or files; each counts as a message."""
    chat = writable_chat(telegram, call)
    thread, target = topic_of(chat, call, telegram), replied(chat, call)
    items = call.structure("media") or []
    if not 2 <= len(items) <= 10:
        raise bad_request("there must be from 2 to 10 media in an album")
    contents = []
    for item in items:
        if item.get("type") not in ("photo", "document"):
            raise bad_request("the sandbox plays albums of photos and documents only")
        fields = media.fields(telegram, call, item, item["type"], "media")
        contents.append(fields | caption_content(telegram, call, item))
    telegram.limits.spend(chat, len(contents))
    group = str(telegram.events.last + 1_300_000_000_000)
    return [
        telegram.post(
            chat,
            telegram.bot,
            {**content, "media_group_id": group},
            thread_id=thread,
            reply_to=target,
        ).api()
        for content in contents
    ]


def copy_message(telegram: Telegram, call: Call) -> Json:
    """Send the content of another message as one's own."""
    chat, original = writable_chat(telegram, call), _original(telegram, call, "copy")
    content = {k: v for k, v in original.content.items() if k != "media_group_id"}
    if "caption" in call.parameters:
        content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        content |= caption_content(telegram, call, call.parameters)
    return {"message_id": _send(telegram, call, chat, content).message_id}


def forward_message(telegram: Telegram, call: Call) -> Json:
    """Send another message on, with its origin."""
    chat, original = writable_chat(telegram, call), _original(telegram, call, "forward")
    origin = {
        "type": "user",
        "date": int(original.date.timestamp()),
        "sender_user": original.sender.api(),
    }
    content = {k: v for k, v in original.content.items() if k != "media_group_id"}
    return _send(telegram, call, chat, {**content, "forward_origin": origin}).api()


def send_chat_action(telegram: Telegram, call: Call) -> bool:
    """Show that the bot is busy; nobody keeps it."""
    chat = writable_chat(telegram, call)
    telegram.events.add("action", {"chat": chat.id, "action": call.text("action")})
    return True


def _send_media(telegram: Telegram, call: Call, kind: str) -> Json:
    chat = writable_chat(telegram, call)
    content = media.fields(telegram, call, call.parameters, kind, kind)
    content |= caption_content(telegram, call, call.parameters)
    return _send(telegram, call, chat, content).api()


def _send(telegram: Telegram, call: Call, chat: Chat, content: Json) -> Message:
    details: dict[str, Any] = {
        "reply_markup": reply_markup(call),
        "thread_id": topic_of(chat, call, telegram),
        "reply_to": replied(chat, call),
    }
    telegram.limits.spend(chat)
    return telegram.post(chat, telegram.bot, content, **details)


def _original(telegram: Telegram, call: Call, verb: str) -> Message:
    source = find_chat(telegram, call, "from_chat_id")
    message = source.messages.get(call.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"message to {verb} not found")
    return message
