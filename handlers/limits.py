"""Telegram's limits, kept from our side so that alerts and replies always have room."""

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

    def delay(self, now: float, *, keep: float = 0.0) -> float:
        """Seconds until one can be taken so that `keep` stay behind; at 0 it has been taken."""
        if self.level < 0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1.0 + keep:
            return (1.0 + keep - self.level) / self.rate
        self.level -= 1.0
        return 0.0


@dataclass
class Limits:
    """One process's share of what Telegram allows."""

    bulk: Bucket = field(default_factory=lambda: Bucket(BULK_PER_SECOND, BULK_PER_SECOND / 2))
    groups: OrderedDict[int, Bucket] = field(default_factory=OrderedDict)

    def delay(self, row: OutboxRow, chat_id: int, *, editing: bool) -> float:
        """Seconds before this row may leave; 0: now, and it is counted.

        Urgent rows to private chats and new cards never wait; bulk rows and edits in groups do.
        """
        now = time.monotonic()
        if row.lane == "bulk":
            return self.bulk.delay(now)
        if chat_id >= 0:
            return 0.0
        bucket = self.groups.setdefault(chat_id, Bucket(GROUP_PER_MINUTE / 60, GROUP_PER_MINUTE))
        self.groups.move_to_end(chat_id)
        if len(self.groups) > _MOST_BUCKETS:
            self.groups.popitem(last=False)
        seconds = bucket.delay(now, keep=KEPT_FOR_CARDS if editing else 0.0)
        return seconds if editing else 0.0
