"""`symptom-diary triage --jsonl`: one answer set a line in, one verdict a line out."""

import io
import json
import math
from contextlib import suppress
from typing import Any, TextIO

from care.triage import Case, InvalidAnswer, Previous, Protocol, Value, assess, load_protocol
from care.triage import validate_answer as validate

KEYS = frozenset(
    {"id", "hours", "pain_before", "regions", "risks", "high_risk", "answers", "previous",
     "worried", "timed_out"}
)  # fmt: skip
REGIONS = ("thorax", "spine", "limb", "other")
RISKS = ("bleed", "infection", "lung")


class BadLineError(ValueError):
    """A line that cannot be judged; the text says why in one sentence."""


def triage_lines(source: TextIO, sink: TextIO) -> int:
    """Judge every line of `source` as it comes; a bad line gives an error, the others are judged.

    Lines are UTF-8 whatever the locale; what is written is plain ASCII, so any terminal takes it.

    Returns:
        The exit code: 0, or 1 when a line was bad.
    """
    if isinstance(source, io.TextIOWrapper):
        # A byte that is no UTF-8 spoils its own line, not the stream.
        source.reconfigure(encoding="utf-8", errors="surrogateescape")
    protocol, code = load_protocol(), 0
    for line in source:
        if not line.strip():
            continue
        answer = _answer(line, protocol)
        code = 1 if "error" in answer else code
        sink.write(json.dumps(answer) + "\n")
        sink.flush()
    return code


def _answer(line: str, protocol: Protocol) -> dict[str, Any]:
    known: object = None
    try:
        found, doubled = _parse(line)
        known = _id(found)
        _check_keys(found, doubled)
        verdict = assess(_case(found, protocol), protocol)
    except (BadLineError, InvalidAnswer) as error:
        return {"id": known, "error": str(error)}
    return {"id": known, "level": verdict.level.value, "rules": list(verdict.rules)}


def _parse(line: str) -> tuple[dict[str, Any], list[str]]:
    """The line's object, and the keys that an object in it holds twice."""
    doubled: list[str] = []

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in given:
            if name in found:
                doubled.append(name)
            found[name] = value
        return found

    try:
        line.encode()
        found = json.loads(line.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except UnicodeEncodeError:
        raise BadLineError("this line is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise BadLineError("this line is not JSON") from None
    if not isinstance(found, dict):
        raise BadLineError("a line is one JSON object")
    return found, doubled


def _id(found: dict[str, Any]) -> object:
    """The line's id, whatever JSON it is, to be written back."""
    try:
        json.dumps(found.get("id"), allow_nan=False)
    except (ValueError, RecursionError):
        raise BadLineError("id cannot be written back as JSON") from None
    return found.get("id")


def _check_keys(found: dict[str, Any], doubled: list[str]) -> None:
    # Of two values for one key, or behind a misspelt one, a danger could be lost.
    if doubled:
        raise BadLineError(f"{doubled[0]!r} stands twice in one object")
    unknown = sorted(set(found) - KEYS)
    if unknown:
        raise BadLineError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")


def _case(found: dict[str, Any], protocol: Protocol) -> Case:
    return Case(
        hours=_hours(found.get("hours")),
        pain_before=_score(found.get("pain_before"), "pain_before"),
        regions=_codes(found.get("regions"), "regions", REGIONS),
        risks=_codes(found.get("risks"), "risks", RISKS),
        high_risk=_flag(found.get("high_risk"), "high_risk"),
        answers=_answers(found.get("answers"), protocol),
        previous=_previous(found.get("previous"), protocol),
        worried=_flag(found.get("worried"), "worried"),
        timed_out=_codes(found.get("timed_out"), "timed_out", tuple(protocol.questions)),
    )


def _hours(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # Too large for a float: as good as infinite.
        with suppress(OverflowError):
            hours = float(value)
            if math.isfinite(hours) and hours >= 0:
                return hours
    raise BadLineError("hours is needed: real hours since the session, 0 or more")


def _score(value: object, name: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10:
        raise BadLineError(f"{name} is a whole number from 0 to 10, or null")
    return value


def _flag(value: object, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise BadLineError(f"{name} is true or false")
    return value


def _codes(value: object, name: str, known: tuple[str, ...]) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or any(one not in known for one in value):
        raise BadLineError(f"{name} is a list of any of {', '.join(known)}")
    return frozenset(value)


def _answers(value: object, protocol: Protocol) -> dict[str, Value]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadLineError("answers is an object of question ids and values")
    return {
        name: validate(protocol, name, answer)
        for name, answer in value.items()
        if _is_given(protocol, name, answer)
    }


def _is_given(protocol: Protocol, name: str, answer: object) -> bool:
    """The question is answered, in its JSON type; null is unknown, and so is an empty list."""
    question = protocol.questions.get(name)
    if question is None:
        raise BadLineError(f"there is no question {name!r}")
    if answer is None:
        return False
    if question.kind == "many":
        if not isinstance(answer, list):
            raise BadLineError(f"{name} is a list of any of {', '.join(question.values)}")
        return bool(answer)
    if question.kind == "score" and not isinstance(answer, int):
        raise BadLineError(f"{name} is a whole number from 0 to 10")
    return True


def _previous(value: object, protocol: Protocol) -> Previous | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"pain", "soreness"}:
        raise BadLineError("previous is an object of pain and soreness, or null")
    soreness = value.get("soreness")
    if soreness is not None:
        validate(protocol, "soreness", soreness)
    return Previous(_score(value.get("pain"), "previous pain"), soreness)
