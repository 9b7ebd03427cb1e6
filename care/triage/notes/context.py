"""Why a sign's words do not count: denied, past, over, someone else's, only feared or asked."""

from itertools import pairwise

from care.triage.notes.lexicon import SIGN_KINDS
from care.triage.notes.matching import Note
from care.triage.notes.model import Found

REACH = 9
ITEM = 6


def set_aside(note: Note, span: Found) -> tuple[str, str] | None:
    """The reason and the words it rests on, or None when the sign counts."""
    for reason, test in (
        ("figure", _figure),
        ("negated", _negated),
        ("denied", _denied),
        ("other", _someone_else),
        ("condition", _condition),
        ("past", _past),
        ("resolved", _resolved),
        ("question", _question),
    ):
        met = test(note, span)
        if met is not None:
            return reason, met
    return None


def _quote(note: Note, one: Found) -> str:
    return note.quote(one.first, one.last)


def _figure(note: Note, span: Found) -> str | None:
    for one in note.found["figure"]:
        crossing = one.first < span.last and span.first < one.last
        wider = span.first <= one.first and one.last <= span.last
        same = span.first == one.first and span.last == one.last
        if crossing and (same or not wider):
            return _quote(note, one)
    return None


def _negated(note: Note, span: Found) -> str | None:
    first, _ = note.bounds(span.first)
    for kind in ("none", "negator", "opinion"):
        for one in reversed(note.within(kind, first, span.first)):
            if not _is_pseudo(note, one) and _reaches(note, one, span, kind):
                return _quote(note, one)
    return None


def _is_pseudo(note: Note, one: Found) -> bool:
    """Negation that says nothing about a sign: 'not only', 'no idea', "won't go away"."""
    if any(each.first <= one.first < each.last for each in note.found["pseudo"]):
        return True
    alone = one.last - one.first == 1 and note.word(one.first) in note.words.marks
    following = note.word(one.last)
    return alone and (following in {",", "."} | note.words.subjects)


def _reaches(note: Note, one: Found, span: Found, kind: str) -> bool:
    between = range(one.last, span.first)
    breaks = [
        each
        for each in note.found["break"]
        if one.last < each.first < span.first
        and (kind != "opinion" or each.last - each.first == 1 or note.word(each.first) == ",")
    ]
    if breaks:
        return False
    joined = [at for at in between if note.word(at) in note.words.joins]
    if not joined:
        return len(between) <= REACH
    _, last = note.bounds(span.first)
    either = any(note.word(at) in note.words.either for at in range(one.last, last))
    items = [*joined, span.first]
    if joined[0] - one.last > REACH or any(b - a > ITEM + 1 for a, b in pairwise(items)):
        return False
    if any(note.word(at) in note.words.verbs for at in range(joined[-1], span.last)):
        return False
    return either or _is_list_item(note, span)


def _is_list_item(note: Note, span: Found) -> bool:
    if any(note.word(at) not in note.words.nouns for at in range(span.first, span.last)):
        return False
    following = note.word(span.last)
    return (
        following in note.words.joins
        or following in {"", ".", "!", "?"}
        or any(each.first == span.last for each in note.found["break"])
    )


def _denied(note: Note, span: Found) -> str | None:
    """'Fever? No.' and 'headaches or dizziness, no.'"""
    _, last = note.bounds(span.first)
    for one in note.found["denied"]:
        if not span.last <= one.first <= last or one.first - span.last > 8:
            continue
        at_end = note.word(one.last) in {"", ".", "!", ",", "?"} or note.word(one.last - 1) == "."
        broken = any(span.last <= each.first < one.first for each in note.found["break"])
        if at_end and not broken:
            return _quote(note, one)
    return None


def _holder(note: Note, first: int, last: int) -> Found | None:
    """Whose body the words up to `last` speak of: the latest person named."""
    latest: Found | None = None
    for kind in ("self", "other"):
        for one in note.found[kind]:
            if not first <= one.first < last:
                continue
            if (
                kind == "self"
                and any(each.first <= one.first < each.last for each in note.found["other"])
                and one.last - one.first == 1
            ):
                continue
            if (
                latest is None
                or one.first > latest.first
                or (one.first == latest.first and one.last > latest.last)
            ):
                latest = one
    return latest


def _someone_else(note: Note, span: Found) -> str | None:
    first, last = note.bounds(span.first)
    if note.within("reported", 0, span.last):
        return None
    holder = _holder(note, first, span.last)
    if holder is None:
        for_them = [
            one for one in note.within("other", span.last, last) if one.first - span.last <= 4
        ]
        if for_them and not note.within("self", span.last, last):
            return _quote(note, for_them[0])
        return _carried(note, first)
    if holder.kind == "self":
        return None
    if any(holder.first <= one.first <= span.first for one in note.found["reporting"]):
        return None
    return _quote(note, holder)


def _carried(note: Note, first: int) -> str | None:
    """A sentence that names nobody goes on about who was ill in the one before."""
    if first == 0:
        return None
    start, last = note.bounds(first - 1)
    holder = _holder(note, start, last)
    if holder is None or holder.kind == "self" or note.within("self", start, last):
        return None
    return _quote(note, holder) if note.within("illness", start, last) else None


def _condition(note: Note, span: Found) -> str | None:
    first, _ = note.bounds(span.first)
    for one in reversed(note.found["condition"]):
        if not first <= one.first or one.first > span.first:
            continue
        if any(each.first <= one.first < each.last for each in note.found["stated"]):
            continue
        if not _left(note, one, span):
            return _quote(note, one)
    return None


def _left(note: Note, one: Found, span: Found) -> bool:
    """The sign stands in a new statement behind the condition, not in it."""
    if any(
        one.last <= each.first < span.first
        and each.last - each.first > 1
        and note.word(each.first) in note.words.joins | {"but", "because"}
        for each in note.found["break"]
    ):
        return True
    subjects = [
        each
        for each in note.found["self"]
        if one.last <= each.first <= span.first and each.last - each.first == 1
    ]
    its = [at for at in range(one.last, span.first) if note.word(at) in {"it", ","}]
    return len(subjects) + len(its) >= 2 and note.word(one.first) in {"if", "si"}


def _past(note: Note, span: Found) -> str | None:
    first, last = note.bounds(span.first)
    if _is_back(note, first, last, ("again", "now")) or _is_now(note, span):
        return None
    for one in note.within("past", first, last):
        low, high = sorted((one.first, span.first))
        if not any(
            low < each.first <= high and each.first > one.last - 1 for each in note.found["break"]
        ):
            return _quote(note, one)
    return None


def _is_now(note: Note, span: Found) -> bool:
    """'I have', 'I feel' stand right before the sign."""
    return any(
        one.first <= span.first and span.first - one.last <= 3 and note.word(one.last) != "had"
        for one in note.found["present"]
        if note.sentence_of[one.first] == note.sentence_of[span.first]
    )


def _is_back(note: Note, first: int, last: int, kinds: tuple[str, ...] = ("again",)) -> bool:
    """Words between two places say that it has returned or never left."""
    return any(
        first <= one.first
        and one.last <= last
        and not any(
            each.first < one.last
            and one.first < each.last
            and one.last - one.first < each.last - each.first
            for each in note.found["resolved"]
        )
        for kind in kinds
        for one in note.found[kind]
    )


def _resolved(note: Note, span: Found) -> str | None:
    if span.kind == "event":
        return None
    _, last = note.bounds(span.first)
    _, after = note.bounds(last) if last < len(note.tokens) else (last, last)
    for one in note.within("resolved", span.last, after):
        if _is_back(note, span.last, _next_sign(note, one.last, after)):
            continue
        if one.first >= last and note.within("self", last, one.first):
            continue
        return _quote(note, one)
    return None


def _next_sign(note: Note, first: int, last: int) -> int:
    """Where another sign is named: what returned after that is the other one."""
    starts = [each.first for kind in SIGN_KINDS for each in note.found[kind]]
    return min((at for at in starts if first <= at < last), default=last)


def _question(note: Note, span: Found) -> str | None:
    first, last = note.bounds(span.first)
    if note.word(last - 1) != "?" or any(first <= one.first < last for one in note.found["self"]):
        return None
    if any(last - 2 <= one.first <= last + 1 for one in note.found["affirmed"]):
        return None
    if note.word(first) in note.words.asking or first + 3 > span.last:
        return note.quote(first, last)
    return None
