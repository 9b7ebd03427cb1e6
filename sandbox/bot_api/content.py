"""What a bot may put into a message, and where: text, buttons, files, topics."""

import re
from typing import Any

from sandbox import markup
from sandbox.bot_api.call import Call, Upload
from sandbox.chats import GENERAL_TOPIC, Chat, Json, Message
from sandbox.errors import bad_request, forbidden
from sandbox.telegram import Telegram

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_CALLBACK_DATA = 64
BUTTON_ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
    "callback_game", "pay",
}  # fmt: skip


def find_chat(telegram: Telegram, call: Call, name: str = "chat_id") -> Chat:
    """Return the chat the call names, whether or not the bot may write there; else 400."""
    value = call.text(name)
    if not value:
        raise bad_request(f"{name} is empty")
    chat = telegram.chats.get(int(value)) if re.fullmatch(r"-?\d{1,19}", value) else None
    if chat is None or (
        chat.person is not None and not (chat.person.started or chat.person.known)
    ):
        raise bad_request("chat not found")
    if chat.person is None and telegram.bot.id not in chat.members:
        raise bad_request("chat not found")
    return chat


def writable_chat(telegram: Telegram, call: Call, *, to_edit: bool = False) -> Chat:
    """Return a chat the bot can write to (or, to edit, could write to before it moved)."""
    chat = find_chat(telegram, call)
    if chat.person is not None:
        _refuse_person(chat)
        return chat
    status = chat.status(telegram.bot.id)
    kind = "supergroup" if chat.type == "supergroup" else "group"
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {kind} chat")
    if status == "left":
        raise forbidden(f"bot is not a member of the {kind} chat")
    if chat.migrated_to is not None and not to_edit:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    return chat


def _refuse_person(chat: Chat) -> None:
    person = chat.person
    if person is None:
        return
    if person.deleted:
        raise forbidden("user is deactivated")
    if not person.started:
        raise forbidden("bot can't initiate conversation with a user")
    if person.blocked:
        raise forbidden("bot was blocked by the user")


def topic_of(chat: Chat, call: Call, telegram: Telegram) -> int | None:
    """Return the topic the message goes to; 400 when it is missing or closed for the bot."""
    thread = call.optional_integer("message_thread_id")
    if not chat.is_forum:
        if thread:
            raise bad_request("message thread not found")
        return None
    topic = chat.topics.get(thread or GENERAL_TOPIC)
    if topic is None and thread not in (None, GENERAL_TOPIC):
        raise bad_request("message thread not found")
    if topic is not None and topic.closed and chat.status(telegram.bot.id) != "administrator":
        raise bad_request("TOPIC_CLOSED")
    return thread if thread != GENERAL_TOPIC else None


def formatted(
    telegram: Telegram, call: Call, source: Json, name: str
) -> tuple[str, list[dict[str, Any]]]:
    """Return text and entities of the parameter `name`; 400 if its parse_mode fails."""
    text = str(source.get(name) or "")
    mode = str(source.get("parse_mode") or "").lower()
    given = Call(call.method, source).structure(
        "entities" if name == "text" else "caption_entities"
    )
    entities: list[dict[str, Any]] = given or []
    if mode == "html":
        text, entities = markup.parse_html(text)
    elif mode in ("markdown", "markdownv2"):
        telegram.violate(call.method, f"parse_mode {mode} is not played by the sandbox; use HTML")
        raise bad_request("unsupported parse_mode")
    elif mode:
        raise bad_request("unsupported parse_mode")
    text, entities = markup.trim(text, entities)
    return text, markup.recognise(text, entities)


def text_content(telegram: Telegram, call: Call) -> Json:
    """Return the content of a text message; 400 when it is empty or longer than 4096."""
    text, entities = formatted(telegram, call, call.parameters, "text")
    if not text:
        raise bad_request("message text is empty")
    if markup.units(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_content(telegram: Telegram, call: Call, source: Json) -> Json:
    """Return the caption fields; 400 when the caption is longer than 1024."""
    text, entities = formatted(telegram, call, source, "caption")
    if markup.units(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    caption: Json = {"caption": text} if text else {}
    return caption | ({"caption_entities": entities} if entities else {})


def reply_markup(call: Call, *, inline_only: bool = False) -> Json | None:
    """Return the buttons after checking them; None for none."""
    found: Json | None = call.structure("reply_markup")
    if found is None:
        return None
    if not isinstance(found, dict):
        raise bad_request("object expected as reply markup")
    if inline_only and found and "inline_keyboard" not in found:
        raise bad_request("inline keyboard expected")
    for row in found.get("inline_keyboard", []):
        for button in row:
            _check_inline(button)
    for row in found.get("keyboard", []):
        for button in row:
            if not (button.get("text") if isinstance(button, dict) else button):
                raise bad_request('can\'t parse keyboard button: Field "text" must be non-empty')
    rows = [row for row in found.get("inline_keyboard", []) if row]
    if "inline_keyboard" in found:
        return {"inline_keyboard": rows} if rows else None
    return found


def _check_inline(button: Json) -> None:
    if not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if not BUTTON_ACTIONS & button.keys():
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not re.match(r"(?:https?://|tg://)?[^\s/]+\.?[^\s]*$", url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def replied(chat: Chat, call: Call) -> Message | None:
    """Return the message replied to; 400 unless it exists or may be missing."""
    parameters = call.structure("reply_parameters") or {}
    target = parameters.get("message_id")
    if target is None:
        return None
    message = chat.messages.get(int(target))
    if message is not None and not message.deleted:
        return message
    if parameters.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def uploaded(call: Call, source: Json, name: str) -> Upload | str:
    """Return the file of a parameter: what was uploaded, or the text of a file id."""
    value = str(source.get(name) or "")
    if value.startswith("attach://"):
        name = value.removeprefix("attach://")
        if name not in call.files:
            raise bad_request("there is no such file attached")
    elif value:
        return value
    if name not in call.files:
        raise bad_request(f"there is no {name} in the request")
    upload = call.files[name]
    if not upload.data:
        raise bad_request("file must be non-empty")
    return upload
