"""Files in messages: pictures, voice, documents."""

from typing import Any

from sandbox.bot_api.call import Call
from sandbox.bot_api.content import uploaded
from sandbox.chats import Json, StoredFile
from sandbox.errors import BotApiError, bad_request
from sandbox.pictures import size_of
from sandbox.telegram import Telegram

LARGEST_PHOTO = 10 * 2**20
LARGEST_UPLOAD = 50 * 2**20
SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def fields(telegram: Telegram, call: Call, source: Json, kind: str, name: str) -> Json:
    """Return the message field `kind` for the file in the parameter `name` of `source`."""
    upload = uploaded(call, source, name)
    if isinstance(upload, str):
        stored = telegram.files.get(upload)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return described(stored, kind)
    if len(upload.data) > LARGEST_UPLOAD:
        raise BotApiError(413, "Request Entity Too Large")
    if kind == "photo":
        _check_photo(upload.data)
    return described(telegram.keep_file(upload.name, upload.mime_type, upload.data), kind)


def _check_photo(data: bytes) -> None:
    if len(data) > LARGEST_PHOTO:
        raise bad_request("file is too big")
    if not data.startswith(SIGNATURES):
        raise bad_request("IMAGE_PROCESS_FAILED")


def described(stored: StoredFile, kind: str, **more: Any) -> Json:
    """Return the message field `kind` (photo, document or voice) for a stored file."""
    file = stored.api()
    if kind == "photo":
        width, height = size_of(stored.data)
        return {"photo": [{**file, "width": width, "height": height, **more}]}
    if kind == "voice":
        return {"voice": {**file, "duration": 3, "mime_type": stored.mime_type, **more}}
    return {"document": {**file, "file_name": stored.name, "mime_type": stored.mime_type, **more}}
