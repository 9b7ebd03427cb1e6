"""What a person hears when their update could not be handled: never silence."""

from typing import Any

import structlog
from telegram import Bot
from telegram.error import TelegramError

from handlers.language import _, speaking

log = structlog.get_logger()


async def apologize(bot: Bot, raw: dict[str, Any]) -> None:
    """Tell the sender of a failed update that it was not saved, in words that fit any update."""
    query = raw.get("callback_query")
    message = raw.get("message") or raw.get("edited_message")
    sender = (query or message or {}).get("from", {})
    with speaking(str(sender.get("language_code") or "en").split("-")[0]):
        text = _("Sorry, something went wrong here and this was not saved. Please try again. "
                 "If it is urgent, call your clinic or the emergency number.")  # fmt: skip
    try:
        if query is not None:
            await bot.answer_callback_query(query["id"], text[:200], show_alert=True)
        elif message is not None and message["chat"]["type"] == "private":
            await bot.send_message(message["chat"]["id"], text)
    except TelegramError as error:
        log.warning("apology_failed", error=type(error).__name__)
