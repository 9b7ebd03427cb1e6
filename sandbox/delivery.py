"""From what happens to what the bot gets: updates, with privacy mode in groups."""

from typing import Any

from sandbox.chats import Chat, Json, Message, User
from sandbox.markup import recognise
from sandbox.telegram import Telegram


def announce(
    telegram: Telegram, message: Message, kind: str = "message", *, always: bool = False
) -> None:
    """Queue a person's message for the bot if it may see it; `always` for service messages."""
    chat = message.chat
    if chat.person is None and not chat.holds(telegram.bot.id):
        return
    if chat.person is None and not always and not _visible(telegram, message):
        return
    telegram.updates.put(kind, message.api(), ("message", chat.id))


def _visible(telegram: Telegram, message: Message) -> bool:
    """Say whether privacy mode lets the bot see this group message."""
    if not telegram.privacy or message.chat.status(telegram.bot.id) == "administrator":
        return True
    if message.reply_to is not None and message.reply_to.sender is telegram.bot:
        return True
    return any(_command_for(telegram.bot, text) for text in _commands(message.content))


def _commands(content: Json) -> list[str]:
    """Return the command a text starts with, if it does."""
    starts = any(
        entity["type"] == "bot_command" and entity["offset"] == 0
        for entity in content.get("entities", [])
    )
    return [str(content["text"]).split()[0]] if starts else []


def _command_for(bot: User, command: str) -> bool:
    _, _, name = command.partition("@")
    return not name or name.lower() == (bot.username or "").lower()


def say(telegram: Telegram, chat: Chat, sender: User, text: str, **details: Any) -> Message:
    """Put a person's text into a chat and hand it to the bot."""
    entities = recognise(text, [])
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    return put(telegram, chat, sender, content, **details)


def put(telegram: Telegram, chat: Chat, sender: User, content: Json, **details: Any) -> Message:
    """Put a person's message of any kind into a chat and hand it to the bot."""
    message = telegram.post(chat, sender, content, **details)
    announce(telegram, message)
    return message


def tell_my_member(telegram: Telegram, chat: Chat, by: User, before: Json, after: Json) -> None:
    """Queue my_chat_member: the bot's own place in a chat has changed."""
    change = _change(telegram, chat, by, before, after)
    telegram.updates.put("my_chat_member", change, ("member", chat.id))


def tell_member(telegram: Telegram, chat: Chat, by: User, before: Json, after: Json) -> None:
    """Queue chat_member: somebody's place has changed, in a group the bot administers."""
    if chat.status(telegram.bot.id) == "administrator":
        change = _change(telegram, chat, by, before, after)
        telegram.updates.put("chat_member", change, ("member", chat.id))


def _change(telegram: Telegram, chat: Chat, by: User, before: Json, after: Json) -> Json:
    return {
        "chat": chat.api(),
        "from": by.api(),
        "date": int(telegram.clock.now().timestamp()),
        "old_chat_member": before,
        "new_chat_member": after,
    }
