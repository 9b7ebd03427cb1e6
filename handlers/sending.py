"""Pictures and files in answer to a visitor."""

import structlog
from telegram import InputFile
from telegram.constants import ParseMode
from telegram.error import TelegramError

from handlers.buttons import Rows, keyboard
from handlers.desk import Visit
from handlers.outgoing import as_file

log = structlog.get_logger()

# What Telegram takes below a picture or a file.
CAPTION_LENGTH = 1024


async def picture(visit: Visit, data: bytes, caption: str, buttons: Rows = ()) -> bool:
    """Send a PNG or JPEG with an HTML caption; False when Telegram did not take it."""
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_photo(
                visit.chat_id,
                as_file(data),
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(buttons),
            )
        )
    except TelegramError as error:
        log.warning("picture_failed", error=type(error).__name__)
        return False
    return True


async def document(visit: Visit, data: bytes, name: str, caption: str) -> bool:
    """Send a file of this name with an HTML caption; False when Telegram did not take it."""
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_document(
                visit.chat_id,
                InputFile(data, name),
                caption=caption,
                parse_mode=ParseMode.HTML,
                disable_content_type_detection=True,
            )
        )
    except TelegramError as error:
        log.warning("file_failed", error=type(error).__name__)
        return False
    return True
