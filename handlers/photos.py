"""Patients' photos of different days side by side in one picture, without what is hidden in them.

They are fetched from Telegram at the moment, live in memory only, and leave without EXIF.
"""

import asyncio
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from telegram import Bot
from telegram.error import TelegramError

from handlers.language import _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

log = structlog.get_logger()

# Files larger than this (bytes) are not fetched, pictures of more pixels are not opened.
MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
CELL, TALLEST, MARGIN, LABEL, FONT = 720, 960, 16, 64, 36  # pixels
TOGETHER = 4  # downloads at once


@dataclass(frozen=True)
class Photo:
    """One photo: what stands above it, and Telegram's file id."""

    label: str
    file_id: str


async def compose(bot: Bot, photos: Sequence[Photo]) -> bytes:
    """Fetch the photos and put them side by side in the given order; returns a JPEG.

    One that cannot be fetched or read is an empty frame that says so.
    """
    gate = asyncio.Semaphore(TOGETHER)

    async def one(photo: Photo) -> bytes | None:
        async with gate:
            return await fetch(bot, photo.file_id)

    found = await asyncio.gather(*(one(photo) for photo in photos))
    cells = [(photo.label, data) for photo, data in zip(photos, found, strict=True)]
    return await asyncio.to_thread(side_by_side, cells)


async def fetch(bot: Bot, file_id: str) -> bytes | None:
    """The file's bytes, or None when it is too large or Telegram no longer has it."""
    try:
        file = await bot.get_file(file_id)
        if (file.file_size or 0) > MOST_BYTES:
            return None
        return bytes(await file.download_as_bytearray())
    except TelegramError as error:
        log.info("photo_not_fetched", error=type(error).__name__)
        return None


def side_by_side(cells: Sequence[tuple[str, bytes | None]]) -> bytes:
    """Labelled photos in a row as a JPEG, upright, none wider than 720 pixels; at least one."""
    from PIL import Image, ImageDraw

    pictures = [opened(data) if data is not None else None for _label, data in cells]
    height = max([picture.height for picture in pictures if picture] or [CELL // 2])
    width = len(cells) * (CELL + MARGIN) + MARGIN
    sheet = Image.new("RGB", (width, LABEL + height + 2 * MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for place, ((label, _data), picture) in enumerate(zip(cells, pictures, strict=True)):
        left = MARGIN + place * (CELL + MARGIN)
        draw.text((left, MARGIN), label, fill="#222222", font=_font())
        if picture is not None:
            sheet.paste(picture, (left + (CELL - picture.width) // 2, LABEL + MARGIN))
            continue
        frame = (left, LABEL + MARGIN, left + CELL - 1, LABEL + MARGIN + height - 1)
        draw.rectangle(frame, outline="#888888", width=3)
        draw.text(
            (left + MARGIN, LABEL + 2 * MARGIN), _("This picture cannot be shown."),
            fill="#5F5F5F", font=_font(),
        )  # fmt: skip
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=88)
    return out.getvalue()


def opened(data: bytes) -> "Image | None":
    """The picture upright, in plain colours, made to fit; None when it is none, or far too big."""
    from PIL import Image, ImageOps

    try:
        # Pillow warns of damaged tags; what it makes of the picture is looked at below.
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=FORMATS) as found,
        ):
            if found.width * found.height > MOST_PIXELS:
                return None
            found.draft("RGB", (2 * CELL, 2 * TALLEST))
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError) as error:
        log.info("photo_not_read", error=type(error).__name__)
        return None
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    plain.thumbnail((CELL, TALLEST))
    return plain


def _font() -> "FreeTypeFont":
    """The font that comes with the charts, so that every machine draws the same."""
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(
        Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), FONT
    )
