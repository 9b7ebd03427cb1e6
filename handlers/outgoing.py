"""A message ready to leave, and how it is handed to Telegram."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Bot, InputFile, Message
from telegram.constants import ParseMode

from care.work import Tx
from handlers.buttons import Rows, keyboard
from storage.tables import OutboxRow

# Drawn when it leaves, not while the database is being read: a picture takes its time.
Draw = Callable[[], Awaitable[bytes]]
After = Callable[[Tx, OutboxRow], Awaitable[None]]


@dataclass(frozen=True)
class Outgoing:
    """A message ready to leave.

    Attributes:
        chat_id: to whom.
        text: HTML; the caption when there is a photo.
        buttons: rows of (label, callback data or link).
        photo: PNG or JPEG bytes, Telegram's file id, or what draws the picture when it is sent.
        media: ("photo" | "voice" | "document", file id) of something a patient sent, passed on.
        reply_to: the message it answers; it is sent all the same when that is gone.
        thread_id: the forum topic.
        edit: the message id to edit instead of sending a new one.
        edit_only: when the edit fails nothing is sent in its place.
        after: what follows once Telegram has it, in the transaction that marks the row.
    """

    chat_id: int
    text: str
    buttons: Rows = ()
    photo: bytes | str | Draw | None = None
    media: tuple[str, str] | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    edit: int | None = None
    edit_only: bool = False
    after: After | None = None


def as_file(picture: bytes) -> InputFile:
    """A PNG or JPEG to upload; it is told by its first bytes."""
    return InputFile(picture, "picture.jpg" if picture[:2] == b"\xff\xd8" else "picture.png")


async def post(bot: Bot, outgoing: Outgoing) -> int | None:
    """Hand a message to Telegram; returns its id.

    Raises:
        TelegramError: Telegram refused it, or nobody knows whether it took it.
    """
    markup = keyboard(outgoing.buttons)
    if outgoing.edit is not None:
        await bot.edit_message_text(
            outgoing.text,
            chat_id=outgoing.chat_id,
            message_id=outgoing.edit,
            parse_mode=ParseMode.HTML,
            reply_markup=markup,
        )
        return outgoing.edit
    common = {
        "chat_id": outgoing.chat_id,
        "message_thread_id": outgoing.thread_id,
        "reply_markup": markup,
    }
    if outgoing.reply_to is not None:
        common |= {"reply_to_message_id": outgoing.reply_to, "allow_sending_without_reply": True}
    sent: Message
    if outgoing.media is not None:
        kind, file_id = outgoing.media
        send = {"photo": bot.send_photo, "voice": bot.send_voice, "document": bot.send_document}
        sent = await send[kind](  # type: ignore[operator]
            **{kind: file_id}, caption=outgoing.text, parse_mode=ParseMode.HTML, **common
        )
    elif outgoing.photo is not None:
        photo = await outgoing.photo() if callable(outgoing.photo) else outgoing.photo
        sent = await bot.send_photo(
            photo=as_file(photo) if isinstance(photo, bytes) else photo,
            caption=outgoing.text,
            parse_mode=ParseMode.HTML,
            **common,  # type: ignore[arg-type]
        )
    else:
        sent = await bot.send_message(
            text=outgoing.text,
            parse_mode=ParseMode.HTML,
            **common,  # type: ignore[arg-type]
        )
    return sent.message_id
