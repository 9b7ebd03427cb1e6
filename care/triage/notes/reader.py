"""Reads a note: which signs it states, and why other mentions were set aside."""

from functools import lru_cache

from care.triage.notes.context import set_aside
from care.triage.notes.lexicon import LANGUAGES, lexicon
from care.triage.notes.matching import Note
from care.triage.notes.model import SIGNS, Found, Reading, Sign, Span
from care.triage.notes.words import tokens


def read(text: str, language: str | None = None) -> Reading:
    """What a note says of the three signs; it never raises.

    A `language` other than "en" or "es" (regions as in "es-MX" are ignored) is not read: `known`
    is False and no sign is set. Without one, both are read and either may find a sign.
    """
    if language is None:
        readings = [_read(text, one) for one in LANGUAGES]
        return _reading(tuple(span for one in readings for span in one.spans))
    code = language.replace("_", "-").partition("-")[0].casefold()
    if code not in LANGUAGES:
        return Reading(False, False, False, (), known=False)
    return _read(text, code)


def _reading(spans: tuple[Span, ...]) -> Reading:
    counted = {span.sign for span in spans if span.counts}
    infection, nerve, emergency = (sign in counted for sign in SIGNS)
    return Reading(infection, nerve, emergency, spans)


@lru_cache(maxsize=256)
def _read(text: str, language: str) -> Reading:
    words = lexicon(language)
    note = Note(text, tokens(text, words), words)
    spans = [_span(note, sign, one) for sign in SIGNS for one in note.found[sign]]
    return _reading(tuple(sorted(spans, key=lambda span: (span.start, span.end))))


def _span(note: Note, sign: Sign, one: Found) -> Span:
    aside = set_aside(note, one)
    reasons = note.words.reasons
    why = reasons["counts"] if aside is None else reasons[aside[0]].format(aside[1])
    start, end = note.tokens[one.first].start, note.tokens[one.last - 1].end
    text = note.text[start:end]
    return Span(start, end, text, sign, one.pattern, counts=aside is None, why=why)
