"""What people do on their phones: write, tap, send pictures, block the bot."""

import base64
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.bot_api import media
from sandbox.chats import ANONYMOUS_ADMIN, Callback, Chat, Json, Message, User
from sandbox.delivery import announce, put, say, tell_my_member
from sandbox.errors import ControlError
from sandbox.groups import member_api
from sandbox.markup import recognise
from sandbox.pictures import sample_picture
from sandbox.telegram import Telegram
from sandbox.views import keyboard_view, message_view

FORGOTTEN_AFTER = timedelta(hours=48)


def act(telegram: Telegram, wish: Json) -> Json:
    """Carry out one action `{"who", "chat"?, "do", ...}`; ControlError when a phone could not."""
    person = telegram.person(int(wish["who"]))
    if person.deleted:
        raise ControlError(f"{person.first_name} has deleted the account.")
    chat = telegram.chat(int(wish.get("chat") or person.id))
    if not chat.holds(person.id):
        raise ControlError(f"{person.first_name} is not in the chat {chat.name}.")
    action = ACTIONS.get(str(wish.get("do")))
    if action is None:
        raise ControlError(f"Nobody can do {wish.get('do')!r}; known: {', '.join(ACTIONS)}.")
    allowed = wish["do"] in ("unblock", "start", "delete_account")
    if person.blocked and chat.person is not None and not allowed:
        raise ControlError(f"{person.first_name} has blocked the bot.")
    return action(telegram, person, chat, wish)


def _details(chat: Chat, wish: Json) -> dict[str, Any]:
    if chat.migrated_to is not None:
        raise ControlError("This group has become a supergroup.")
    details: dict[str, Any] = {}
    if wish.get("reply_to"):
        details["reply_to"] = _message(chat, wish["reply_to"])
    if wish.get("thread"):
        details["thread_id"] = int(wish["thread"])
    return details


def _message(chat: Chat, message_id: Any) -> Message:
    message = chat.messages.get(int(message_id))
    if message is None:
        raise ControlError(f"There is no message {message_id} in this chat.")
    return message


def _told(message: Message) -> Json:
    return {"message": message_view(message)}


def _open(telegram: Telegram, person: User, chat: Chat) -> None:
    """Let the bot write to a person from the first word or press of Start on."""
    if chat.person is None or person.started:
        return
    person.started = person.known = True
    chat.members[telegram.bot.id] = "member"
    telegram.changed(chat)


def send(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Write a text, perhaps by a button of the keyboard."""
    _open(telegram, person, chat)
    _put_away_keyboard(telegram, chat, str(wish["text"]))
    return _told(say(telegram, chat, person, str(wish["text"]), **_details(chat, wish)))


def anonymous_send(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Write as an anonymous administrator: the bot sees the group as sender."""
    if chat.type != "supergroup" or chat.status(person.id) not in ("creator", "administrator"):
        raise ControlError("Only administrators of a supergroup can be anonymous.")
    details = {**_details(chat, wish), "as_group": True}
    return _told(say(telegram, chat, ANONYMOUS_ADMIN, str(wish["text"]), **details))


def start(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Press Start, perhaps behind a link with a payload; unblocks a blocked bot."""
    payload = str(wish.get("payload") or "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
        raise ControlError("A start payload has at most 64 of A-Z a-z 0-9 _ and -.")
    chat = telegram.chat(person.id)
    if person.blocked:
        unblock(telegram, person, chat, wish)
    _open(telegram, person, chat)
    return _told(say(telegram, chat, person, f"/start {payload}".strip()))


def tap(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Tap a button; any data is possible, as with a home-made app."""
    message = _tapped(telegram, chat, wish)
    callback = Callback(
        id=str(secrets.randbits(62)),
        person=person,
        chat=message.chat,
        message_id=message.message_id,
        data=str(wish["data"]),
        created=telegram.clock.now(),
    )
    telegram.callbacks[callback.id] = callback
    old = message.deleted or telegram.clock.now() - message.date > FORGOTTEN_AFTER
    inaccessible = {
        "chat": message.chat.api(), "message_id": message.message_id, "date": 0
    }  # fmt: skip
    query = {
        "id": callback.id,
        "from": person.api(),
        "message": inaccessible if old else message.api(),
        "chat_instance": str(8_000_000_000 + abs(message.chat.id)),
        "data": callback.data,
    }
    telegram.events.add("callback", callback.view())
    telegram.updates.put("callback_query", query, ("callback", person.id))
    return {"callback_id": callback.id}


def _tapped(telegram: Telegram, chat: Chat, wish: Json) -> Message:
    """Find the message, in a supergroup also among those from before the upgrade."""
    message_id, data = int(wish["message_id"]), str(wish["data"])
    places = [chat]
    if chat.migrated_from is not None:
        places.append(telegram.chats[chat.migrated_from])
    found = [place.messages[message_id] for place in places if message_id in place.messages]
    own = [message for message in found if message.sender is telegram.bot]
    fitting = [message for message in own if data in _data(message)]
    if not own:
        raise ControlError(f"The bot has sent no message {message_id} to this chat.")
    return (fitting or own)[0]


def _data(message: Message) -> list[str]:
    rows = (message.reply_markup or {}).get("inline_keyboard", [])
    return [button.get("callback_data", "") for row in rows for button in row]


def photo(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Send a picture, or an album of pictures."""
    _open(telegram, person, chat)
    data = base64.b64decode(wish["file"]) if wish.get("file") else sample_picture()
    count = int(wish.get("album_of") or 1)
    album = {"media_group_id": str(secrets.randbits(53))} if count > 1 else {}
    sent = []
    for number in range(count):
        stored = telegram.keep_file(f"photo_{number + 1}.png", "image/png", data)
        content = media.described(stored, "photo") | album
        sent.append(_with_caption(content, wish if number == 0 else {}))
    messages = [put(telegram, chat, person, content, **_details(chat, wish)) for content in sent]
    return {**_told(messages[0]), "messages": [message_view(message) for message in messages]}


def voice(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Send a voice message."""
    _open(telegram, person, chat)
    data = base64.b64decode(wish["file"]) if wish.get("file") else b"OggS" + bytes(60)
    stored = telegram.keep_file("voice.ogg", "audio/ogg", data)
    content = media.described(stored, "voice", duration=int(wish.get("seconds") or 3))
    return _told(put(telegram, chat, person, content, **_details(chat, wish)))


def document(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Send a file."""
    _open(telegram, person, chat)
    mime_type = str(wish.get("mime_type") or "application/octet-stream")
    data = base64.b64decode(wish.get("file") or "")
    stored = telegram.keep_file(str(wish["name"]), mime_type, data)
    content = _with_caption(media.described(stored, "document"), wish)
    return _told(put(telegram, chat, person, content, **_details(chat, wish)))


def _with_caption(content: Json, wish: Json) -> Json:
    caption = str(wish.get("caption") or "")
    if not caption:
        return content
    entities = recognise(caption, [])
    return content | {"caption": caption} | ({"caption_entities": entities} if entities else {})


def contact(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Press the button that asks for one's number, or send somebody else's contact (`of`)."""
    owner = telegram.person(int(wish.get("of") or person.id))
    keyboard = chat.keyboard
    rows = (keyboard.reply_markup or {}).get("keyboard", []) if keyboard else []
    asked = any(
        isinstance(button, dict) and button.get("request_contact")
        for row in rows
        for button in row
    )
    if owner is person and not asked:
        raise ControlError("No button asks for the number.")
    if not owner.phone:
        raise ControlError(f"{owner.first_name} has no phone number.")
    card: Json = {"phone_number": owner.phone, "first_name": owner.first_name, "user_id": owner.id}
    if owner.last_name:
        card["last_name"] = owner.last_name
    reply_to = keyboard if owner is person else None
    if reply_to is not None:
        _put_away_keyboard(telegram, chat, None)
    _open(telegram, person, chat)
    return _told(put(telegram, chat, person, {"contact": card}, reply_to=reply_to))


def _put_away_keyboard(telegram: Telegram, chat: Chat, text: str | None) -> None:
    """Hide a keyboard that is for one time, if a button with this text (None: any) was pressed."""
    if chat.keyboard is None or not (chat.keyboard.reply_markup or {}).get("one_time_keyboard"):
        return
    labels = [button["text"] for row in keyboard_view(chat.keyboard) or [] for button in row]
    if text is None or text in labels:
        chat.keyboard = None
        telegram.changed(chat)


def edit(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Change one's own text."""
    message = _message(chat, wish["message_id"])
    if message.sender is not person or "text" not in message.content:
        raise ControlError("People can edit their own texts only.")
    text = str(wish["text"])
    entities = recognise(text, [])
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    telegram.edit(message, content, message.reply_markup)
    announce(telegram, message, "edited_message")
    return _told(message)


def delete(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:
    """Delete a message for everybody; the bot is not told."""
    message = _message(chat, wish["message_id"])
    if chat.person is None and message.sender is not person:
        raise ControlError("In groups people can delete their own messages only.")
    telegram.delete(message)
    return _told(message)


def block(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:  # noqa: ARG001
    """Block the bot."""
    chat = telegram.chat(person.id)
    person.blocked = True
    _tell_place(telegram, person, chat, "kicked")
    return {}


def unblock(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:  # noqa: ARG001
    """Unblock the bot."""
    if person.blocked:
        person.blocked = False
        _tell_place(telegram, person, telegram.chat(person.id), "member")
    return {}


def _tell_place(telegram: Telegram, person: User, chat: Chat, status: str) -> None:
    before = "kicked" if status == "member" else "member"
    chat.members[telegram.bot.id] = status
    bot = telegram.bot
    tell_my_member(telegram, chat, person, member_api(bot, before), member_api(bot, status))
    telegram.changed(chat)


def delete_account(telegram: Telegram, person: User, chat: Chat, wish: Json) -> Json:  # noqa: ARG001
    """Delete the account; the bot finds out when it writes."""
    person.deleted = True
    telegram.changed(telegram.chat(person.id))
    return {}


Action = Callable[[Telegram, User, Chat, Json], Json]
ACTIONS: dict[str, Action] = {
    "send": send,
    "anonymous_send": anonymous_send,
    "start": start,
    "tap": tap,
    "photo": photo,
    "voice": voice,
    "document": document,
    "contact": contact,
    "edit": edit,
    "delete": delete,
    "block": block,
    "unblock": unblock,
    "delete_account": delete_account,
}
