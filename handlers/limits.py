"""Telegram's limits, kept from our side so that alerts and replies always have room."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from storage.tables import OutboxRow

BULK_PER_SECOND = 22.0
GROUP_PER_MINUTE = 20.0
# The last pieces of a group's minute are kept for new cards; edits wait.
KEPT_FOR_CARDS = 8.0
_MOST_BUCKETS = 10_000


@dataclass
class Bucket:
    """A token bucket: `rate` a second, at most `size` at once."""

    rate: float
    size: float
    level: float = -1.0
    at: float = 0.0

    def wait(self, now: float, *, keep: float = 0.0) -> float:
        """Take one; how many seconds to wait first so that `keep` stay behind."""
        if self.level < 0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        self.level -= 1.0
        return max(0.0, (keep - self.level) / self.rate)


@dataclass
class Limits:
    """One process's share of what Telegram allows."""

    bulk: Bucket = field(default_factory=lambda: Bucket(BULK_PER_SECOND, BULK_PER_SECOND / 2))
    groups: OrderedDict[int, Bucket] = field(default_factory=OrderedDict)

    async def wait(self, row: OutboxRow, chat_id: int, *, editing: bool) -> None:
        """Wait for this row's turn; urgent rows to private chats never wait."""
        seconds = 0.0
        now = time.monotonic()
        if row.lane == "bulk":
            seconds = self.bulk.wait(now)
        if chat_id < 0:
            bucket = self.groups.setdefault(
                chat_id, Bucket(GROUP_PER_MINUTE / 60, GROUP_PER_MINUTE)
            )
            self.groups.move_to_end(chat_id)
            if len(self.groups) > _MOST_BUCKETS:
                self.groups.popitem(last=False)
            group_wait = bucket.wait(now, keep=KEPT_FOR_CARDS if editing else 0.0)
            seconds = max(seconds, group_wait if editing else 0.0)
        if seconds > 0:
            await asyncio.sleep(min(seconds, 20.0))
