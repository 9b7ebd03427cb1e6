"""Every sentence a person reads: marked for translators here, looked up per reader."""

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale

DOMAIN = "symptom-diary"
LOCALES = Path(__file__).parent / "locales"

_reader: ContextVar[str] = ContextVar("reader_language", default="en")


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(DOMAIN, LOCALES, languages=[language], fallback=True)


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be chosen: English, and every one with a compiled catalogue."""
    found = {path.parents[1].name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return ("en", *sorted(found - {"en"}))


def language_name(code: str) -> str:
    """A language's name in itself: "English", "Español"."""
    return Locale.parse(code).get_display_name(code) or code


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this block `_` speaks `language` (an ISO 639-1 code; unknown ones fall back to
    English).
    """
    token = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(token)


def reader_language() -> str:
    """The language spoken now (an ISO 639-1 code), for dates and numbers."""
    return _reader.get()


def _(message: str) -> str:
    """`message` in the reader's language."""
    return _catalogue(_reader.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the message that fits the number `n` in the reader's language."""
    return _catalogue(_reader.get()).ngettext(singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 - the name translators' tools look for
    """Mark `message` for translators where it is defined; `_` looks it up where it is said."""
    return message
