"""Methods about chats and their members."""

from typing import Any

from sandbox.bot_api.call import Call
from sandbox.bot_api.content import find_chat, writable_chat
from sandbox.chats import Chat, Json, User
from sandbox.errors import bad_request
from sandbox.groups import member_api, set_bot_status
from sandbox.telegram import Telegram


def get_chat(telegram: Telegram, call: Call) -> Json:
    """Return everything about a chat."""
    chat = find_chat(telegram, call)
    full: Json = {
        **chat.api(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.person is None:
        full["permissions"] = {"can_send_messages": True}
    if chat.pinned is not None and not chat.pinned.deleted:
        full["pinned_message"] = chat.pinned.api()
    return full


def get_chat_member(telegram: Telegram, call: Call) -> Json:
    """Return one member; 400 for somebody Telegram does not know."""
    chat = _group(telegram, call)
    user = telegram.user(call.integer("user_id"))
    if user is None:
        raise bad_request("invalid user_id specified")
    return member_api(user, chat.status(user.id))


def get_chat_administrators(telegram: Telegram, call: Call) -> list[Json]:
    """Return the creator and the administrators, other bots left out."""
    chat = _group(telegram, call)
    if chat.person is not None:
        raise bad_request("there are no administrators in the private chat")
    return [member_api(user, status) for user, status in _members(telegram, chat, admins=True)]


def get_chat_member_count(telegram: Telegram, call: Call) -> int:
    """Return how many are in a chat."""
    chat = _group(telegram, call)
    return len(_members(telegram, chat, admins=False))


def leave_chat(telegram: Telegram, call: Call) -> bool:
    """Leave a group."""
    chat = writable_chat(telegram, call)
    if chat.person is not None:
        raise bad_request("chat member status can't be changed in private chats")
    set_bot_status(telegram, chat, telegram.bot, "left")
    return True


def _group(telegram: Telegram, call: Call) -> Chat:
    chat = find_chat(telegram, call)
    return chat if chat.person is not None else writable_chat(telegram, call)


def _members(telegram: Telegram, chat: Chat, *, admins: bool) -> list[tuple[User, str]]:
    wanted = ("creator", "administrator") if admins else ("creator", "administrator", "member")
    found: list[tuple[User, str]] = []
    for user_id, status in chat.members.items():
        user: Any = telegram.user(user_id)
        if user is not None and status in wanted:
            found.append((user, status))
    return found
