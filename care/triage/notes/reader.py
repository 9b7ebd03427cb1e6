"""Reads a note: the word lists and the learned reader make one verdict, and say why."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from care.triage.notes.lexicon import LANGUAGES, lexicon
from care.triage.notes.model import SIGNS, Reading, Sign, Span
from care.triage.notes.wordlists import likeliest, mentions

if TYPE_CHECKING:
    from care.triage.notes.learned import Learned, Passage, Weights

# The name of what the learned reader finds, where a pattern's stands.
LEARNED = "learned"


def read(text: str, language: str | None = None) -> Reading:
    """What a note says of the three signs; it never raises.

    A `language` other than "en" or "es" (regions as in "es-MX" are ignored) is not read: `known`
    is False and no sign is set. Without one each sentence is told by its words; in
    doubt it is read in both, and either may find a sign.
    """
    code = None if language is None else language.replace("_", "-").partition("-")[0].casefold()
    if code is not None and code not in LANGUAGES:
        return Reading(False, False, False, (), known=False)
    spans = _agreed(text, mentions(text, code), code or likeliest(text))
    counted = {span.sign for span in spans if span.counts}
    infection, nerve, emergency = (sign in counted for sign in SIGNS)
    return Reading(infection, nerve, emergency, spans)


def _agreed(text: str, mentioned: Sequence[Span], language: str) -> tuple[Span, ...]:
    """The mentions, of which those count that the learned reader does not outvote, and what it
    finds where no mention counts.
    """
    kept: list[Span] = []
    found: list[Span] = []
    reader, reasons = _learned(), lexicon(language).reasons
    for passage in reader.passages(text):
        here = [one for one in mentioned if one.start < passage.end and passage.start < one.end]
        stated = _stated(passage, here, reader.weights[language])
        for sign in stated:
            counting = [one for one in here if one.sign == sign and one.counts]
            kept += counting
            if not counting:
                start, end = passage.words(sign)
                words = text[start:end]
                found.append(Span(start, end, words, sign, LEARNED, True, reasons[LEARNED]))
    outvoted = {one for one in mentioned if one.counts and one not in kept}
    told = [
        replace(one, counts=False, why=reasons["outvoted"]) if one in outvoted else one
        for one in mentioned
    ]
    every = dict.fromkeys([*told, *found])
    return tuple(sorted(every, key=lambda span: (span.start, span.end)))


@cache
def _learned() -> "Learned":
    """Loaded with the first note: commands that read none start a fifth of a second sooner."""
    from care.triage.notes.learned import Learned

    return Learned()


def _stated(passage: "Passage", here: Sequence[Span], weights: "Weights") -> list[Sign]:
    """The signs that the passage states, all things weighed.

    In a part of a very long line the lists' word stands: the network was not taught with such.
    """
    leanings = {sign: _leaning(sign, here, weights) for sign in SIGNS}
    half_way = [passage.scores[sign] + leaning for sign, leaning in leanings.items()]
    if min(map(abs, half_way)) < weights.sure:
        passage.read_on()
    mentioned = set() if passage.whole else {one.sign for one in here if one.counts}
    return [
        sign
        for sign, leaning in leanings.items()
        if sign in mentioned or passage.scores[sign] + leaning > 0
    ]


def _leaning(sign: Sign, here: Sequence[Span], weights: "Weights") -> float:
    """What the word lists add to the learned reader's score."""
    said = [one.counts for one in here if one.sign == sign]
    if any(said):
        return weights.bias[sign] + weights.counts[sign]
    return weights.bias[sign] + (weights.aside[sign] if said else 0.0)
