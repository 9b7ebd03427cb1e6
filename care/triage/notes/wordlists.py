"""What the word lists find in a note: mentions of the signs, and why some are set aside."""

import re
from dataclasses import replace

from care.triage.notes.context import set_aside
from care.triage.notes.lexicon import LANGUAGES, lexicon
from care.triage.notes.matching import Note
from care.triage.notes.model import SIGNS, Found, Sign, Span
from care.triage.notes.words import tokens

# Characters read at a time, and how many of them again, so that no sign is cut in two.
LONGEST = 1200
OVERLAP = 200
# Known words that tell a language.
SURE = 3
_ENDS = (".", "!", "?", "\n")
_WORD = re.compile(r"[^\W\d_]+")


def mentions(text: str, language: str | None) -> tuple[Span, ...]:
    """Every mention of a sign in words of this language, in order; None is all of them.

    Without a language each sentence is told by its words; in doubt it is read in each.

    Raises:
        KeyError: no lists for the language are shipped.
    """
    if language is None:
        return tuple(
            one for code in LANGUAGES for one in _spans(text, code) if _fits(text, one, code)
        )
    return _spans(text, language)


def likeliest(text: str) -> str:
    """The language whose lists know most of the text's words; in doubt the first."""
    heard = _heard(text)
    return max(LANGUAGES, key=heard.__getitem__)


def _heard(text: str) -> dict[str, int]:
    said = _WORD.findall(text[:LONGEST].casefold())
    return {code: sum(word in lexicon(code).known for word in said) for code in LANGUAGES}


def _fits(text: str, span: Span, language: str) -> bool:
    """The span's sentence is in this language: no other one's lists know twice as many words."""
    start = max(text.rfind(end, 0, span.start) for end in _ENDS) + 1
    ends = [at for end in _ENDS if (at := text.find(end, span.end)) >= 0]
    heard = _heard(text[start : min(ends, default=len(text))])
    most = max(heard.values())
    return most < SURE or heard[language] * 2 > most


def _spans(text: str, language: str) -> tuple[Span, ...]:
    found = [one for piece in _pieces(text) for one in _at(text, piece, language)]
    return tuple(dict.fromkeys(found))


def _pieces(text: str) -> list[tuple[int, int]]:
    """Places to read one after another: a long text takes no longer a letter than a short one."""
    starts = range(0, max(1, len(text) - OVERLAP), LONGEST - OVERLAP)
    return [(start, min(len(text), start + LONGEST)) for start in starts]


def _at(text: str, piece: tuple[int, int], language: str) -> list[Span]:
    start, end = piece
    spans = _read(text[start:end], language)
    return [replace(one, start=one.start + start, end=one.end + start) for one in spans]


def _read(text: str, language: str) -> list[Span]:
    words = lexicon(language)
    note = Note(text, tokens(text, words), words)
    found: list[tuple[Sign, Found]] = [(sign, one) for sign in SIGNS for one in note.found[sign]]
    found += [("emergency", one) for one in note.found["event"]]
    spans = [_span(note, sign, one) for sign, one in found if not _is_part(note, sign, one)]
    widest = [one for one in spans if not any(_is_inside(one, each) for each in spans)]
    return sorted(widest, key=lambda span: (span.start, span.end))


def _is_inside(one: Span, other: Span) -> bool:
    """'numb' in 'foot is numb': the wider words say it, unless they count differently."""
    within = other.start <= one.start and one.end <= other.end
    wider = (one.start, one.end) != (other.start, other.end)
    return within and wider and (one.sign, one.counts) == (other.sign, other.counts)


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
