"""`symptom-diary triage --jsonl`: one answer set a line in, one verdict a line out."""

import json
import math
from collections.abc import Mapping
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
    """Judge every line of `source`; a bad line gives an error and the others are still judged.

    Returns:
        The exit code: 0, or 1 when a line was bad.
    """
    protocol, code = load_protocol(), 0
    for line in source:
        if not line.strip():
            continue
        found: object = None
        try:
            found = _parse(line)
            answer = _judge(found, protocol)
        except (BadLineError, InvalidAnswer) as error:
            known = found.get("id") if isinstance(found, dict) else None
            answer, code = {"id": known, "error": str(error)}, 1
        sink.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sink.flush()
    return code


def _parse(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BadLineError("this line is not JSON") from None


def _judge(found: object, protocol: Protocol) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise BadLineError("a line is one JSON object")
    unknown = sorted(set(found) - KEYS)
    if unknown:
        raise BadLineError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    case = Case(
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
    verdict = assess(case, protocol)
    return {
        "id": found.get("id"),
        "level": verdict.level.value,
        "rules": list(verdict.rules),
    }


def _hours(value: object) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not math.isfinite(value) or value < 0:  # type: ignore[arg-type,operator]
        raise BadLineError("hours is needed: real hours since the session, 0 or more")
    return float(value)  # type: ignore[arg-type]


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
    given = {name: answer for name, answer in value.items() if answer is not None}
    for name, answer in given.items():
        _right_type(protocol, name, answer)
    # An empty list says nothing yet, like a list that is absent.
    return {
        name: validate(protocol, name, answer) for name, answer in given.items() if answer != []
    }


def _right_type(protocol: Protocol, name: str, answer: object) -> None:
    question = protocol.questions.get(name)
    kind = question.kind if question else None
    if kind == "many" and not isinstance(answer, list):
        raise BadLineError(f"{name} is a list")
    if kind == "score" and not isinstance(answer, int):
        raise BadLineError(f"{name} is a whole number from 0 to 10")


def _previous(value: object, protocol: Protocol) -> Previous | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or set(value) - {"pain", "soreness"}:
        raise BadLineError("previous is an object of pain and soreness, or null")
    soreness = value.get("soreness")
    if soreness is not None:
        validate(protocol, "soreness", soreness)
    return Previous(_score(value.get("pain"), "previous pain"), soreness)
