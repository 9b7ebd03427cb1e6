"""What the rules were given, as it is kept with each assessment, and the rules asked again."""

from collections.abc import Mapping
from typing import Any

from care.triage import Case, Previous, Protocol, Value, Verdict, assess


def inputs_of(case: Case) -> dict[str, Any]:
    """A case as codes and numbers; `hours` stand beside it in the assessment."""
    return {
        "pain_before": case.pain_before,
        "regions": sorted(case.regions),
        "risks": sorted(case.risks),
        "high_risk": case.high_risk,
        "answers": {name: _plain(value) for name, value in sorted(case.answers.items())},
        "previous": _previous(case.previous),
        "worried": case.worried,
        "timed_out": sorted(case.timed_out),
    }


def case_from(inputs: Mapping[str, Any], hours: float) -> Case:
    """The case that `inputs_of` has written.

    Raises:
        KeyError: a part is missing.
    """
    earlier = inputs["previous"]
    return Case(
        hours=hours,
        pain_before=inputs["pain_before"],
        regions=frozenset(inputs["regions"]),
        risks=frozenset(inputs["risks"]),
        high_risk=inputs["high_risk"],
        answers={name: _value(value) for name, value in inputs["answers"].items()},
        previous=None if earlier is None else Previous(earlier["pain"], earlier["soreness"]),
        worried=inputs["worried"],
        timed_out=frozenset(inputs["timed_out"]),
    )


def judged_again(inputs: Mapping[str, Any], hours: float, protocol: Protocol) -> Verdict:
    """What these rules say of what was known then."""
    return assess(case_from(inputs, hours), protocol)


def _plain(value: Value) -> str | int | list[str]:
    return sorted(value) if isinstance(value, frozenset) else value


def _value(stored: str | int | list[str]) -> Value:
    return frozenset(stored) if isinstance(stored, list) else stored


def _previous(previous: Previous | None) -> dict[str, Any] | None:
    if previous is None:
        return None
    return {"pain": previous.pain, "soreness": previous.soreness}
