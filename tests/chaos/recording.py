"""Simulated Telegram's queue with a memory: which tap became which update, and what it forgot."""

from typing import Any

from sandbox.telegram import Telegram
from sandbox.updates import Update, UpdateQueue


class RememberingQueue(UpdateQueue):
    """Knows of every tap its update id, and which updates were dropped undelivered."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(telegram.clock)
        self.update_of: dict[str, int] = {}
        self.forgotten: set[int] = set()

    def put(self, kind: str, payload: dict[str, Any], lane: tuple[str, int]) -> None:
        self.update_of[str(payload.get("id"))] = self._next_id
        super().put(kind, payload, lane)

    def pending(self) -> list[Update]:
        now = self._clock.now()
        self.forgotten |= {old.update_id for old in self._waiting.values() if old.expires <= now}
        return super().pending()


def remembering() -> tuple[Telegram, RememberingQueue]:
    """A simulated Telegram with such a queue."""
    telegram = Telegram()
    queue = RememberingQueue(telegram)
    telegram.updates = queue
    return telegram, queue
