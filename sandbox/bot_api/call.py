"""One call of the Bot API: its parameters, read from JSON or from a form alike."""

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad_request


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    mime_type: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """A call with typed access to its parameters; a value of the wrong type is a 400."""

    method: str
    parameters: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number."""
        try:
            return int(self.parameters.get(name, default))
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be an integer") from None

    def optional_integer(self, name: str) -> int | None:
        """Return a whole number, None when it is not there."""
        return self.integer(name) if name in self.parameters else None

    def text(self, name: str) -> str:
        """Return a text, empty when it is not there."""
        return str(self.parameters.get(name, ""))

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return str(self.parameters.get(name, "")).lower() in ("true", "1")

    def structure(self, name: str) -> Any:
        """Return an object or a list, None when it is not there."""
        value = self.parameters.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None
