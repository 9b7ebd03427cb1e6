"""Methods by which the bot gets updates and files."""

import re
from urllib.parse import urlsplit

from sandbox.bot_api.call import Call
from sandbox.chats import Json
from sandbox.errors import BotApiError, bad_request
from sandbox.telegram import Telegram
from sandbox.webhook import LOOPBACK, Webhook

LARGEST_DOWNLOAD = 20 * 2**20
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


async def get_updates(telegram: Telegram, call: Call, webhook: Webhook) -> list[Json]:
    """Return the oldest updates, after confirming those below the offset."""
    if webhook.url:
        raise BotApiError(409, CONFLICT_WEBHOOK)
    if "allowed_updates" in call.parameters:
        telegram.updates.allowed = call.structure("allowed_updates")
    offset, limit = call.integer("offset"), call.integer("limit", 100)
    found = await telegram.updates.get(offset, limit, call.integer("timeout"))
    return [update.api() for update in found]


async def set_webhook(telegram: Telegram, call: Call, webhook: Webhook) -> bool:
    """Have updates delivered to a URL (https, or this machine); twice in a second is 429."""
    url = call.text("url")
    webhook.slow_down()
    if not url:
        return await delete_webhook(telegram, call, webhook)
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", call.text("secret_token")):
        raise bad_request("secret token contains illegal characters")
    if "allowed_updates" in call.parameters:
        telegram.updates.allowed = call.structure("allowed_updates")
    if call.flag("drop_pending_updates"):
        telegram.updates.clear()
    connections = max(1, min(call.integer("max_connections", 40), 100))
    await webhook.start(url, call.text("secret_token"), connections)
    return True


async def delete_webhook(telegram: Telegram, call: Call, webhook: Webhook) -> bool:
    """Go back to getUpdates."""
    if call.flag("drop_pending_updates"):
        telegram.updates.clear()
    await webhook.stop()
    return True


async def get_webhook_info(telegram: Telegram, call: Call, webhook: Webhook) -> Json:  # noqa: ARG001
    """Return how the webhook is doing."""
    return webhook.info()


def get_file(telegram: Telegram, call: Call) -> Json:
    """Return where to download a file, for at most 20 MB."""
    stored = telegram.files.get(call.text("file_id"))
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.api(), "file_path": stored.path}
