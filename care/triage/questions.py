"""Which questions an answer set asks, which is next, and what may be answered."""

from collections.abc import Mapping

from care.triage.model import InvalidAnswer, Protocol, Question, Value

# The one-tap check of day 7: no rule reads it, "yes" opens the whole check.
WEEK_CHECK = Question("week_check", "one", ("no", "yes"))
# The kind of check that begins with it.
WEEK = "week"


def every_question(protocol: Protocol) -> dict[str, Question]:
    """The protocol's questions by id, and the one of day 7."""
    return {**protocol.questions, WEEK_CHECK.id: WEEK_CHECK}


def asked_questions(
    protocol: Protocol, answers: Mapping[str, Value], *, kind: str = "check_in"
) -> tuple[str, ...]:
    """Every question these answers ask so far, answered or not, in the protocol's order.

    A check of kind "week" asks its one question first, and the others only after "yes".
    """
    first = (WEEK_CHECK.id,) if kind == WEEK else ()
    if first and answers.get(WEEK_CHECK.id) != "yes":
        return first
    return first + tuple(
        name for name, question in protocol.questions.items() if _is_asked(question, answers)
    )


def next_question(
    protocol: Protocol, answers: Mapping[str, Value], *, kind: str = "check_in"
) -> str | None:
    """The first asked question without an answer; None when all are answered."""
    asked = asked_questions(protocol, answers, kind=kind)
    return next((name for name in asked if name not in answers), None)


def effective_answers(protocol: Protocol, answers: Mapping[str, Value]) -> dict[str, Value]:
    """The answers without follow-ups whose parent no longer asks for them."""
    asked = set(asked_questions(protocol, answers))
    return {name: value for name, value in answers.items() if name in asked}


def _is_asked(question: Question, answers: Mapping[str, Value]) -> bool:
    if question.after is None:
        return True
    given = answers.get(question.after)
    if isinstance(given, frozenset):
        return bool(given & question.when)
    return given in question.when


def validate_answer(protocol: Protocol, question: str, value: object) -> Value:
    """An answer in its stored form: a string, an integer (scores), or a frozenset (lists).

    Raises:
        InvalidAnswer: there is no such question, or it has no such value.
    """
    known = every_question(protocol).get(question)
    if known is None:
        raise InvalidAnswer(f"there is no question {question!r}")
    if known.kind == "score":
        return _score(known, value)
    if known.kind == "many":
        return _ticks(known, value)
    if not isinstance(value, str) or value not in known.values:
        raise InvalidAnswer(f"{question} takes one of {', '.join(known.values)}")
    return value


def _score(question: Question, value: object) -> int:
    digits = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if digits not in question.values:
        raise InvalidAnswer(f"{question.id} takes a whole number from 0 to 10")
    return int(digits)


def _ticks(question: Question, value: object) -> frozenset[str]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple, set, frozenset)) or not given:
        raise InvalidAnswer(f"{question.id} takes at least one of {', '.join(question.values)}")
    for one in given:
        if one not in question.values:
            raise InvalidAnswer(f"{question.id} takes any of {', '.join(question.values)}")
    return frozenset(given)
