"""Which encryption keys the stored values need: by trying, since a sealed value names no key."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken

# Every sealed value begins so: Fernet's version byte and the upper bytes of its time stamp.
SEALED = "gAAAAA"
# How the cipher marks what is stored without keys.
PLAIN = "plain:"
NO_KEY = "unknown key"


def fingerprint(key: str) -> str:
    """Eight hex digits that tell keys apart and give none of them away."""
    return hashlib.sha256(b"symptom-diary key " + key.encode()).hexdigest()[:8]


@dataclass
class Keyring:
    """The present keys, newest first, with what each of them was seen to open.

    Attributes:
        opened: sealed values by the fingerprint of the key that opens them, or `NO_KEY`.
    """

    keys: tuple[str, ...]
    opened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._known = [(fingerprint(key), Fernet(key)) for key in self.keys]

    def look_at(self, values: Iterable[object]) -> None:
        """Count the sealed values among `values` by the key that opens them."""
        for value in values:
            if isinstance(value, str) and value.startswith(SEALED):
                self.opened[self.key_of(value)] += 1

    def key_of(self, sealed: str) -> str:
        """The fingerprint of the key that opens this value, or `NO_KEY`."""
        for name, fernet in self._known:
            try:
                fernet.decrypt(sealed.encode())
            except (InvalidToken, ValueError):
                continue
            return name
        return NO_KEY

    def renewed(self, stored: str) -> str | None:
        """The value sealed with the newest key; None when it is so already, or cannot be opened.

        What was opened is counted as `look_at` counts it.
        """
        newest, fernet = self._known[0]
        if stored.startswith(PLAIN):
            return fernet.encrypt(stored.removeprefix(PLAIN).encode()).decode()
        name = self.key_of(stored)
        self.opened[name] += 1
        if name in (newest, NO_KEY):
            return None
        opened = dict(self._known)[name].decrypt(stored.encode())
        return fernet.encrypt(opened).decode()

    @property
    def unreadable(self) -> int:
        """How many sealed values no present key opens."""
        return self.opened[NO_KEY]
