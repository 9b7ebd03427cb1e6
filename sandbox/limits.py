"""Flood limits in real seconds: overall, per chat with bursts, per group and minute."""

import math
import time
from dataclasses import asdict, dataclass, field, replace

from sandbox.chats import Chat
from sandbox.errors import too_many_requests


@dataclass
class LimitSettings:
    """How much a bot may send. Edits count like messages, each picture of an album counts."""

    enabled: bool = True
    overall_per_second: float = 30.0
    chat_burst: float = 5.0
    chat_per_second: float = 1.0
    group_per_minute: float = 20.0


@dataclass
class Bucket:
    """Tokens that come back at a steady rate (per second), up to a capacity."""

    capacity: float
    rate: float
    tokens: float = field(init=False)
    updated: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.tokens = self.capacity

    def missing_seconds(self, count: int, now: float) -> float:
        """Return how long until `count` tokens (or a full bucket) are there."""
        elapsed = max(now - self.updated, 0.0)
        self.tokens = min(self.capacity, self.tokens + elapsed * self.rate)
        self.updated = now
        return max(min(count, self.capacity) - self.tokens, 0.0) / self.rate


class Limits:
    """The buckets of one bot."""

    def __init__(self) -> None:
        self.settings = LimitSettings()
        self._buckets: dict[tuple[str, int], Bucket] = {}

    def change(self, **settings: bool | float) -> dict[str, bool | float]:
        """Change settings by name, start all buckets full, return the settings now in force."""
        self.settings = replace(self.settings, **settings)  # type: ignore[arg-type]
        self._buckets.clear()
        return self.view()

    def view(self) -> dict[str, bool | float]:
        """Return the settings in force."""
        return asdict(self.settings)

    def spend(self, chat: Chat, count: int = 1) -> None:
        """Take `count` messages from the allowance, or raise 429 and take nothing."""
        if not self.settings.enabled:
            return
        now = time.monotonic()
        buckets = self._of(chat)
        wait = max(bucket.missing_seconds(count, now) for bucket in buckets)
        if wait > 0:
            raise too_many_requests(max(math.ceil(wait), 1))
        for bucket in buckets:
            bucket.tokens -= count

    def _of(self, chat: Chat) -> list[Bucket]:
        limits = self.settings
        wanted = {
            ("all", 0): (limits.overall_per_second, limits.overall_per_second),
            ("chat", chat.id): (limits.chat_burst, limits.chat_per_second),
        }
        if chat.type != "private":
            wanted["group", chat.id] = (limits.group_per_minute, limits.group_per_minute / 60)
        for key, (capacity, rate) in wanted.items():
            if key not in self._buckets:
                self._buckets[key] = Bucket(capacity, rate)
        return [self._buckets[key] for key in wanted]
