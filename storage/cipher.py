"""Encryption at rest for words, names, phones, media ids and raw updates."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.sealing import PLAIN


class UnreadableError(Exception):
    """A stored value was sealed with a key that is no longer in ENCRYPTION_KEYS."""


class Cipher:
    """Seals with the newest key and opens with any; without keys (ALLOWPLAINTEXT) it only marks
    the text.

    Never hash or compare what it returns: the same text sealed twice differs.
    """

    def __init__(self, keys: tuple[str, ...] = ()) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, text: str) -> str:
        """`text` as it is stored; the empty string stays empty."""
        if not text:
            return ""
        if self._fernet is None:
            return PLAIN + text
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, stored: str) -> str:
        """The text behind a stored value.

        Raises:
            UnreadableError: no key of ours opens it.
        """
        if stored.startswith(PLAIN):
            return stored.removeprefix(PLAIN)
        if not stored:
            return ""
        if self._fernet is None:
            raise UnreadableError("this value is encrypted and ENCRYPTION_KEYS is empty")
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken:
            raise UnreadableError("no key in ENCRYPTION_KEYS opens this value") from None
