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

    def change(self, rate: float, size: float) -> None:
        """Fill at another rate and hold another amount from now on."""
        self.rate, self.size = rate, size
        self.level = min(self.level, size)

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
    """One copy's share of what Telegram allows the bot: `bulk_per_second` is for all copies."""

    bulk_per_second: float = BULK_PER_SECOND
    copies: int = 1
    bulk: Bucket = field(init=False)
    groups: OrderedDict[int, Bucket] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.bulk = Bucket(self.bulk_per_second, self.bulk_per_second / 2)

    def share(self, copies: int) -> None:
        """Take only this copy's part from now on: `copies` are there, this one included."""
        if copies == self.copies:
            return
        self.copies = copies
        self.bulk.change(self.bulk_per_second / copies, self.bulk_per_second / copies / 2)
        for bucket in self.groups.values():
            bucket.change(*self._group())

    def _group(self) -> tuple[float, float]:
        # Never below what is kept for cards: an edit would wait for ever.
        size = max(GROUP_PER_MINUTE / self.copies, KEPT_FOR_CARDS + 1)
        return GROUP_PER_MINUTE / 60 / self.copies, size

    def delay(self, row: OutboxRow, chat_id: int, *, editing: bool) -> float:
        """Seconds before this row may leave; 0: now, and it is counted.

        Urgent rows to private chats and new cards never wait; bulk rows and edits in groups do.
        """
        now = time.monotonic()
        if row.lane == "bulk":
            return self.bulk.delay(now)
        if chat_id >= 0:
            return 0.0
        bucket = self.groups.setdefault(chat_id, Bucket(*self._group()))
        self.groups.move_to_end(chat_id)
        if len(self.groups) > _MOST_BUCKETS:
            self.groups.popitem(last=False)
        seconds = bucket.delay(now, keep=KEPT_FOR_CARDS if editing else 0.0)
        return seconds if editing else 0.0
