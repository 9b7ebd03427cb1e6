"""When Telegram does not take a message: what that means, and whom it concerns."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from care import reachability
from care.work import Work

# Refusals that no later try will change, by the words Telegram uses.
_TOPIC_GONE = ("topic_closed", "topic_deleted", "thread not found")
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "not enough rights",
         "have no rights", *_TOPIC_GONE)  # fmt: skip


class Fate(Enum):
    """What becomes of a message that was not sent."""

    again = "try again later"
    uncertain = "it may have arrived; try again, marked as a possible repeat"
    moved = "the group has a new id; send it there"
    never = "no later try will change that"
    fulfilled = "there is nothing left to do"


def sort(error: TelegramError) -> Fate:
    """Sort an error by what to do about it. BadRequest is a NetworkError, so it comes first."""
    if isinstance(error, ChatMigrated):
        return Fate.moved
    if isinstance(error, RetryAfter):
        return Fate.again
    if isinstance(error, BadRequest):
        return Fate.fulfilled if "not modified" in str(error).lower() else Fate.never
    if isinstance(error, Forbidden):
        return Fate.never
    if isinstance(error, NetworkError):
        # A 502 may follow acceptance; only a connection that was never made is surely nothing.
        return Fate.uncertain if getattr(error, "may_have_arrived", True) else Fate.again
    return Fate.again


@dataclass
class Failure:
    """Writes down what a refusal means: a patient out of reach, a group that moved or is gone."""

    work: Work

    @staticmethod
    def wait_of(error: TelegramError) -> float | None:
        """Seconds that Telegram asks us to wait, if it does."""
        if not isinstance(error, RetryAfter):
            return None
        after = error.retry_after
        return after.total_seconds() if isinstance(after, timedelta) else float(after)

    async def moved(self, chat_id: int, error: TelegramError) -> None:
        """A group became a supergroup: remember its new id."""
        if isinstance(error, ChatMigrated):
            await reachability.group_moved(self.work, chat_id, error.new_chat_id)

    async def topic_gone(self, chat_id: int, error: TelegramError) -> bool:
        """A topic was closed or deleted: True when the group has a General topic to go on in."""
        words = str(error).lower()
        if not any(sign in words for sign in _TOPIC_GONE):
            return False
        return await reachability.topic_lost(self.work, chat_id)

    async def gone(self, chat_id: int, error: TelegramError) -> None:
        """A chat cannot be written to: the clinic is told, never left to find out."""
        words = str(error).lower()
        if isinstance(error, Forbidden) or any(sign in words for sign in _GONE):
            await reachability.chat_lost(self.work, chat_id)
