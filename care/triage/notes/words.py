"""From a text as typed to the words that patterns are made of, each with its place."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from care.triage.notes.lexicon import Lexicon, beginning, lexicon
from care.triage.notes.model import Token

_PIECE = re.compile(
    r"\d+(?:[.,]\d+)?|[pP] ?[&+] ?[nN]\b|[^\W\d_]+(?:['’´`][^\W\d_]+)*|[.!?;,:()¿¡/\n…]|[^\w\s]"
)
_LONG = re.compile(r"(.)\1{2,}")
_ENDS = {";": ".", "\n": ".", "…": ",", ":": ",", "(": ",", ")": ",", "¿": ".", "¡": "."}
_NUMBER_LIKE = re.compile(r"\d")
LONGEST = 40


def tokens(text: str, words: Lexicon) -> list[Token]:
    """The words of a text: lower case, no accents, spelt right, fillers left out."""
    found: list[Token] = []
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if piece[0] == ":" and found and found[-1].word in words.speakers:
            # "Patient: no" is what is said, not of whom.
            found.pop()
            continue
        found.extend(Token(word, start, end) for word in _said(piece[0], words))
    return _without_fillers(found, words)


def _said(piece: str, words: Lexicon) -> tuple[str, ...]:
    if piece in _ENDS:
        return (_ENDS[piece],)
    if _NUMBER_LIKE.match(piece):
        return (_number(piece),)
    if piece[0].isalpha() or piece in words.replace:
        return _spelt(piece, words.language)
    return (piece,) if piece in ",.!?/" else words.replace.get(piece, ())


@lru_cache(maxsize=20_000)
def _spelt(piece: str, language: str) -> tuple[str, ...]:
    """What a typed word stands for; several words when it is a shortening."""
    words = lexicon(language)
    plain = _plain(piece)
    flat = plain.replace("'", "")
    if flat in words.replace:
        return words.replace[flat]
    if plain.endswith("'s") and language == "en":
        return (*_spelt(plain[:-2], language), "is")
    word = _corrected(flat, words)
    return words.replace.get(word, (word,))


def _plain(piece: str) -> str:
    lower = piece.casefold().replace("’", "'").replace("´", "'").replace("`", "'")
    # An ñ is a letter of its own: "año" is not "ano".
    kept = lower.replace("ñ", "\0")
    bare = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    return bare.replace("\0", "ñ")


def _corrected(word: str, words: Lexicon) -> str:
    if word in words.known or len(word) > LONGEST:
        return word
    for to in (r"\1", r"\1\1"):
        shorter = _LONG.sub(to, word)
        if shorter in words.known:
            return shorter
    word = _LONG.sub(r"\1", word)
    if len(word) < 4:
        return word
    room = 1 if len(word) < 7 else 2
    alike = words.correctable.get(beginning(word), ())
    best = process.extractOne(word, alike, scorer=OSA.distance, score_cutoff=room)
    if best is None or not _alike(word, best[0], int(best[1])):
        return word
    return str(best[0])


def _alike(word: str, meant: str, edits: int) -> bool:
    """A slip of the finger, not another word: a plural is no slip, the beginning is rarely one."""
    return edits < 2 or word[:2] == meant[:2] or word[-2:] == meant[-2:]


def _number(piece: str) -> str:
    """Numbers as patterns see them: a fever for certain, a fever if degrees are meant, or else."""
    value = float(piece.replace(",", "."))
    if "." in piece or "," in piece:
        hot = 37.95 <= value <= 43 or 100.35 <= value <= 109
        return "HOT" if hot else "NUM"
    if 1930 <= value <= 2100:
        return "YEAR"
    return "HOTISH" if 38 <= value <= 42 or 101 <= value <= 108 else "NUM"


def _without_fillers(found: list[Token], words: Lexicon) -> list[Token]:
    """Fillers go, with a comma of theirs; of "no no no" and "i i i" one stays."""
    kept: list[Token] = []
    dropped = False
    for token in found:
        if token.word in words.drop:
            # ", um," is no pause in what is said: the comma before goes with the one behind.
            if not dropped and kept and kept[-1].word == "," and _comma_follows(found, token):
                kept.pop()
            dropped = True
            continue
        again = bool(kept) and kept[-1].word == token.word
        if again or (token.word == "," and dropped and kept and kept[-1].word not in words.marks):
            continue
        kept.append(token)
        dropped = False
        _say_once(kept)
    return kept


def _comma_follows(found: list[Token], token: Token) -> bool:
    place = found.index(token) + 1
    return place < len(found) and found[place].word == ","


def _say_once(kept: list[Token]) -> None:
    """Who is heard thinking says things twice: of "my, my" and "I just, I just" one stays."""
    said = [token.word for token in kept[-5:]]
    for length in (1, 2):
        again = said[-length:]
        for comma in ([","], []):
            before = [*again, *comma]
            if len(comma) + length > 1 and said[-length - len(before) : -length] == before:
                del kept[-length - len(comma) :]
                return


def forget() -> None:
    """Drop what is remembered of earlier texts."""
    _spelt.cache_clear()
