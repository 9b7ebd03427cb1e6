"""Methods about the bot itself: who it is, its commands and descriptions, logging out."""

import json
import re

from sandbox.bot_api.call import Call
from sandbox.chats import Chat, Json
from sandbox.errors import bad_request
from sandbox.telegram import Telegram

MOST_COMMANDS = 100


def get_me(telegram: Telegram, call: Call) -> Json:  # noqa: ARG001 - same shape as every method
    """Return the bot."""
    return {
        **telegram.bot.api(),
        "can_join_groups": True,
        "can_read_all_group_messages": not telegram.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(telegram: Telegram, call: Call) -> bool:
    """Set the command list of a scope and language."""
    commands = call.structure("commands") or []
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    telegram.commands[_scope(call), call.text("language_code")] = commands
    return True


def get_my_commands(telegram: Telegram, call: Call) -> list[Json]:
    """Return the command list of exactly this scope and language."""
    return telegram.commands.get((_scope(call), call.text("language_code")), [])


def delete_my_commands(telegram: Telegram, call: Call) -> bool:
    """Forget the command list of this scope and language."""
    telegram.commands.pop((_scope(call), call.text("language_code")), None)
    return True


def _scope(call: Call) -> str:
    return json.dumps(call.structure("scope") or {"type": "default"}, sort_keys=True)


def commands_shown(telegram: Telegram, chat: Chat, user_id: int, language: str) -> list[Json]:
    """Return the menu one person sees in one chat: the narrowest scope that has a list wins."""
    admin = chat.status(user_id) in ("creator", "administrator")
    scopes: list[Json] = []
    if chat.person is None:
        scopes.append({"type": "chat_member", "chat_id": chat.id, "user_id": user_id})
        scopes += [{"type": "chat_administrators", "chat_id": chat.id}] if admin else []
    scopes.append({"type": "chat", "chat_id": chat.id})
    if chat.person is None:
        scopes += [{"type": "all_chat_administrators"}] if admin else []
        scopes.append({"type": "all_group_chats"})
    else:
        scopes.append({"type": "all_private_chats"})
    scopes.append({"type": "default"})
    for scope in scopes:
        for code in (language, ""):
            found = telegram.commands.get((json.dumps(scope, sort_keys=True), code))
            if found:
                return found
    return []


def set_my_description(telegram: Telegram, call: Call) -> bool:
    """Set what an empty chat shows."""
    return _describe(telegram, call, "description", 512)


def set_my_short_description(telegram: Telegram, call: Call) -> bool:
    """Set what the profile shows."""
    return _describe(telegram, call, "short_description", 120)


def set_my_name(telegram: Telegram, call: Call) -> bool:
    """Set the display name."""
    return _describe(telegram, call, "name", 64)


def get_my_description(telegram: Telegram, call: Call) -> Json:
    """Return what an empty chat shows."""
    return {"description": telegram.about.get(f"description {call.text('language_code')}", "")}


def get_my_short_description(telegram: Telegram, call: Call) -> Json:
    """Return what the profile shows."""
    found = telegram.about.get(f"short_description {call.text('language_code')}", "")
    return {"short_description": found}


def set_chat_menu_button(telegram: Telegram, call: Call) -> bool:
    """Set what the button beside the text field does."""
    telegram.about[f"menu {call.text('chat_id')}"] = call.structure("menu_button")
    return True


def leave_server(telegram: Telegram, call: Call) -> bool:
    """Carry out logOut and close: the next server would take over, here nothing changes."""
    telegram.about["left"] = call.method
    return True


def _describe(telegram: Telegram, call: Call, name: str, longest: int) -> bool:
    if len(call.text(name)) > longest:
        raise bad_request(f"{name} is too long")
    telegram.about[f"{name} {call.text('language_code')}"] = call.text(name)
    return True
