"""Reads a note: which signs it states, and why other mentions were set aside."""

from dataclasses import replace
from functools import lru_cache

from care.triage.notes.context import set_aside
from care.triage.notes.lexicon import LANGUAGES, lexicon
from care.triage.notes.matching import Note
from care.triage.notes.model import SIGNS, Found, Reading, Sign, Span
from care.triage.notes.words import tokens

# Characters read at a time, and how many of them again, so that no sign is cut in two.
LONGEST = 1200
OVERLAP = 200


def read(text: str, language: str | None = None) -> Reading:
    """What a note says of the three signs; it never raises.

    A `language` other than "en" or "es" (regions as in "es-MX" are ignored) is not read: `known`
    is False and no sign is set. Without one, both are read and either may find a sign.
    """
    codes: tuple[str, ...] = LANGUAGES
    if language is not None:
        code = language.replace("_", "-").partition("-")[0].casefold()
        if code not in LANGUAGES:
            return Reading(False, False, False, (), known=False)
        codes = (code,)
    found = [span for code in codes for piece in _pieces(text) for span in _at(text, piece, code)]
    return _reading(tuple(dict.fromkeys(found)))


def _pieces(text: str) -> list[tuple[int, int]]:
    """Places to read one after another: a long text takes no longer a letter than a short one."""
    starts = range(0, max(1, len(text) - OVERLAP), LONGEST - OVERLAP)
    return [(start, min(len(text), start + LONGEST)) for start in starts]


def _at(text: str, piece: tuple[int, int], language: str) -> list[Span]:
    start, end = piece
    spans = _read(text[start:end], language).spans
    return [replace(one, start=one.start + start, end=one.end + start) for one in spans]


def _reading(spans: tuple[Span, ...]) -> Reading:
    counted = {span.sign for span in spans if span.counts}
    infection, nerve, emergency = (sign in counted for sign in SIGNS)
    return Reading(infection, nerve, emergency, spans)


@lru_cache(maxsize=256)
def _read(text: str, language: str) -> Reading:
    words = lexicon(language)
    note = Note(text, tokens(text, words), words)
    found: list[tuple[Sign, Found]] = [(sign, one) for sign in SIGNS for one in note.found[sign]]
    found += [("emergency", one) for one in note.found["event"]]
    spans = [_span(note, sign, one) for sign, one in found if not _is_part(note, sign, one)]
    return _reading(tuple(sorted(spans, key=lambda span: (span.start, span.end))))


def _is_part(note: Note, sign: Sign, one: Found) -> bool:
    """A swelling that is the tongue's: the emergency's words say it already."""
    return sign == "infection" and any(
        each.first < one.last and one.first < each.last for each in note.found["emergency"]
    )


def _span(note: Note, sign: Sign, one: Found) -> Span:
    aside = set_aside(note, one)
    reasons = note.words.reasons
    why = reasons["counts"] if aside is None else reasons[aside[0]].format(aside[1])
    start, end = note.tokens[one.first].start, note.tokens[one.last - 1].end
    text = note.text[start:end]
    return Span(start, end, text, sign, one.pattern, counts=aside is None, why=why)


def forget() -> None:
    """Drop what is remembered of earlier texts."""
    _read.cache_clear()
