"""How the control side shows people, chats and messages as JSON."""

from typing import TYPE_CHECKING, Any

from sandbox.chats import Chat, Json, Message, User

if TYPE_CHECKING:
    from sandbox.telegram import Telegram


def person_view(person: User) -> Json:
    """Return a person with what the page shows of them."""
    return {
        **person.api(),
        "phone": person.phone,
        "role": person.role,
        "started": person.started,
        "blocked": person.blocked,
        "deleted": person.deleted,
    }


def chat_view(chat: Chat, telegram: "Telegram") -> Json:
    """Return a chat with its members, topics and the bot's place in it."""
    return {
        **chat.api(),
        "title": chat.name,
        "members": [
            {"id": user_id, "status": status}
            for user_id, status in chat.members.items()
            if user_id != telegram.bot.id
        ],
        "bot": chat.status(telegram.bot.id),
        "is_forum": chat.is_forum,
        "topics": [
            {"message_thread_id": topic.id, "name": topic.name, "closed": topic.closed}
            for topic in chat.topics.values()
        ],
        "migrated_to": chat.migrated_to,
        "migrated_from": chat.migrated_from,
        "keyboard": keyboard_view(chat.keyboard),
    }


def message_view(message: Message) -> Json:
    """Return a message as everybody in its chat sees it now."""
    content = message.content
    view: Json = {
        "seq": message.seq,
        "chat": message.chat.id,
        "message_id": message.message_id,
        "from": message.api(with_reply=False)["from"],
        "as_group": message.as_group,
        "date": message.date.isoformat(),
        "changed": (message.edit_date or message.date).isoformat(),
        "buttons": [[_button(button) for button in row] for row in _rows(message.reply_markup)],
        "edited": message.edit_date is not None,
        "edit_count": message.edit_count,
        "deleted": message.deleted,
    }
    if "keyboard" in (message.reply_markup or {}):
        view["keyboard"] = keyboard_view(message)
    if message.reply_to is not None:
        view["reply_to"] = message.reply_to.message_id
    if message.thread_id is not None:
        view["message_thread_id"] = message.thread_id
    view |= {name: value for name, value in content.items() if name not in FILES}
    view |= {name: _file(content[name]) for name in FILES if name in content}
    if "entities" not in view and "caption_entities" in view:
        view["entities"] = view.pop("caption_entities")
    return view


FILES = ("photo", "document", "voice")


def _file(value: Any) -> Json:
    largest: Json = value[-1] if isinstance(value, list) else value
    return {**largest, "url": f"/_/files/{largest['file_id']}"}


def _rows(markup: Json | None) -> list[list[Json]]:
    rows: list[list[Json]] = (markup or {}).get("inline_keyboard", [])
    return rows


def _button(button: Json) -> Json:
    view = {name: value for name, value in button.items() if name != "callback_data"}
    return view | ({"data": button["callback_data"]} if "callback_data" in button else {})


def keyboard_view(message: Message | None) -> list[list[Json]] | None:
    """Return the rows of a reply keyboard, each button with its text and what it asks for."""
    if message is None or not message.reply_markup:
        return None
    return [
        [button if isinstance(button, dict) else {"text": button} for button in row]
        for row in message.reply_markup.get("keyboard", [])
    ]
