"""Every sentence a person reads: marked for translators here, looked up per reader."""

import gettext as _gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

# A file for each language but English, which is the language of the code. They are read as
# translators write them, so that nothing compiled can be older than its words.
LOCALES = Path(__file__).parent / "locales"

_reader: ContextVar[str] = ContextVar("reader_language", default="en")


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    path = LOCALES / f"{language}.po"
    if language not in languages() or not path.exists():
        return _gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be chosen: English, and every one with a catalogue."""
    return ("en", *sorted(path.stem for path in LOCALES.glob("*.po")))


def spoken(code: str | None) -> str:
    """The language for somebody whose Telegram speaks `code` ("es-MX"); English if unknown."""
    language = (code or "en").split("-")[0].lower()
    return language if language in languages() else "en"


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
