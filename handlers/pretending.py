"""The moves of a drill's synthetic patient as Telegram's raw updates."""

from typing import Any

from care.drill_taps import Tap
from handlers.buttons import pack


def as_update(tap: Tap) -> dict[str, Any]:
    """A raw update: a message that begins with a command, or a tapped button."""
    user = {"id": tap.chat_id, "is_bot": False, "first_name": tap.name}
    common = {
        "message_id": tap.move.message_id,
        "date": int(tap.at.timestamp()),
        "chat": {"id": tap.chat_id, "type": "private", "first_name": tap.name},
    }
    if tap.move.text:
        command = {"type": "bot_command", "offset": 0, "length": len(tap.move.text.split()[0])}
        words = {"from": user, "text": tap.move.text, "entities": [command]}
        return {"update_id": tap.update_id, "message": {**common, **words}}
    query = {
        # No tap of Telegram's: answering it is refused, and nothing waits for that.
        "id": f"drill{tap.update_id}",
        "from": user,
        "message": {**common, "text": "-"},
        "chat_instance": f"drill{tap.chat_id}",
        "data": pack(tap.move.verb, *tap.move.args),
    }
    return {"update_id": tap.update_id, "callback_query": query}
