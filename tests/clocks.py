"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


class FixedClock:
    """Shows `at` (aware UTC) until moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta's arguments; returns the new moment."""
        self.at += timedelta(**span)
        return self.at
