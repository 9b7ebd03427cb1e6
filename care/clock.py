"""What the rooms below the process know of time: that it can be asked for."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the process decides which clock it is."""

    def now(self) -> datetime:
        """The present moment (aware UTC)."""
