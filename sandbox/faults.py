"""Faults on demand: what the simulated Telegram does wrong, to which calls, and how often."""

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import ControlError

KINDS = (
    "status",
    "timeout_before",
    "timeout_after",
    "drop_before",
    "drop_after",
    "slow",
    "retry_after",
)


@dataclass
class Fault:
    """One fault; without `times` until it is cleared. `seconds` is for slow and retry_after,
    `description` is what a refusal says after its status.

    The *_before kinds lose the call, the *_after kinds carry it out and lose the answer.
    """

    id: int
    kind: str
    method: str = "*"
    chat: int | None = None
    status: int = 500
    description: str = ""
    seconds: float = 1.0
    times: int | None = None

    def meets(self, method: str, chat: str) -> bool:
        """Say whether this call is one of those that go wrong."""
        same_method = self.method == "*" or self.method.lower() == method.lower()
        return same_method and (self.chat is None or str(self.chat) == chat) and self.times != 0


class Faults:
    """The faults in force, oldest first; the first that meets a call is the one that happens."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next_id = 1

    def add(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Add a fault from its wire form; raise ControlError for an unknown kind or field."""
        if settings.get("kind") not in KINDS:
            raise ControlError(f"The kind of a fault is one of {', '.join(KINDS)}.")
        try:
            fault = Fault(id=self._next_id, **settings)
        except TypeError as error:
            raise ControlError(f"A fault has no such field: {error}") from error
        self._next_id += 1
        self._faults.append(fault)
        return asdict(fault)

    def view(self) -> list[dict[str, Any]]:
        """Return the faults that can still happen."""
        return [asdict(fault) for fault in self._faults if fault.times != 0]

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def strike(self, method: str, chat: str) -> Fault | None:
        """Return the fault that hits this call, if any, and count it down."""
        for fault in self._faults:
            if fault.meets(method, chat):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
