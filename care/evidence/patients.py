"""Invented patients: the answers of one session's check-ins, by assumed rates."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from care.triage import Case, Previous, Value

FACTORS: Mapping[str, float] = {"low": 0.5, "central": 1.0, "high": 2.0}
_SORENESS = ("none", "mild", "moderate", "severe")
_STEPS = {"easier": -1, "same": 0, "worse": 1}


@cache
def rates() -> Mapping[str, Any]:
    """The assumed rates, as they stand in the data file."""
    text = resources.files("care.evidence").joinpath("rates.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class Complaints:
    """What a patient has on one day; lists as ticked."""

    danger: frozenset[str]
    new: frozenset[str]
    bruising: str


class Patient:
    """One session of somebody with no serious complication.

    Args:
        choose: where chance comes from; the same one gives the same patient.
        factor: what the assumed rates are multiplied by.
    """

    def __init__(self, choose: Random, factor: float) -> None:
        self.choose = choose
        self.factor = factor
        self.rates = rates()
        self.ours = self.rates["ours"]

    def session(self) -> tuple[Case, Case]:
        """The complete answers at 24 and at 48 hours."""
        pain = self.rates["pain"]
        before = self._points(pain["before"], pain["before_spread"])
        first = self._points(before - pain["fall_24h"], pain["fall_24h_spread"])
        second = self._points(first - pain["fall_48h"], pain["fall_48h_spread"])
        sore = self._one(self.rates["shares"]["soreness"])
        sorer = self._next_soreness(sore)
        shared = Case(
            hours=0,
            pain_before=None if self._chance(self.ours["pain_before_unknown"]) else before,
            regions=self._regions(),
            risks=frozenset(
                risk for risk in ("bleed", "infection", "lung") if self._reports("scaled", risk)
            ),
        )
        today = self._first_day()
        tomorrow = self._second_day(today)
        return (
            self._check(shared, 24, today, first, sore),
            replace(
                self._check(shared, 48, tomorrow, second, sorer), previous=Previous(first, sore)
            ),
        )

    def _check(self, shared: Case, hours: int, has: Complaints, pain: int, sore: str) -> Case:
        answers: dict[str, Value] = {
            "danger": "yes" if has.danger else "none",
            "pain": pain,
            "soreness": sore,
            "bruising": has.bruising,
            "new": has.new or frozenset({"none"}),
        }
        if has.danger:
            answers["danger_signs"] = has.danger
        answers.update(self._follow_ups(has, hours))
        late = self.choose.random() * self.ours["late_answer_hours"]
        return replace(shared, hours=hours + late, answers=answers)

    def _first_day(self) -> Complaints:
        danger = {name for name in self.rates["danger"] if self._reports("danger", name)}
        if self._reports("scaled", "chest"):
            danger.add(self._one(self.rates["shares"]["chest"]))
        names = {"numb": "numb", "shock": "shock", "weak": "weak", "fever": "fever",
                 "redness": "skin", "minor": "minor"}  # fmt: skip
        new = {tick for name, tick in names.items() if self._reports("scaled", name)}
        return Complaints(frozenset(danger), frozenset(new), self._bruising())

    def _second_day(self, before: Complaints) -> Complaints:
        """What lasted, and a little that is new."""
        fresh = self._first_day()
        late = self.ours["new_on_day_2"]
        danger = {sign for sign in sorted(before.danger) if self._chance(self.ours["other_lasts"])}
        danger |= {sign for sign in sorted(fresh.danger) if self._chance(late)}
        new = {tick for tick in sorted(before.new) if self._chance(self._lasts(tick))}
        new |= {tick for tick in sorted(fresh.new) if self._chance(late)}
        return Complaints(frozenset(danger), frozenset(new), before.bruising)

    def _lasts(self, tick: str) -> float:
        if tick == "skin":
            return float(self.rates["shares"]["redness_lasts"])
        return float(self.ours["other_lasts"])

    def _follow_ups(self, has: Complaints, hours: int) -> dict[str, Value]:
        answers: dict[str, Value] = {}
        if has.bruising == "large":
            answers["bruise_signs"] = self._tick("bruise_sign")
        if has.bruising == "cannot_see":
            answers["touch"] = self._one(self.ours["touch"])
        if "skin" in has.new:
            answers["skin_signs"] = self._tick("skin_sign")
        if has.new & {"numb", "shock"}:
            answers["nerve_place"] = self._tick("nerve_place")
            answers["nerve_course"] = self._one(self.ours[f"nerve_course_{hours}h"])
        if "weak" in has.new:
            works = self._chance(self.rates["shares"]["weakness_works"])
            answers["weakness"] = "works" if works else self._one(self.ours["weakness_else"])
        if "fever" in has.new:
            answers["temperature"] = self._one(self.ours["temperature"])
        return answers

    def _bruising(self) -> str:
        # One draw for what excludes each other.
        chance, scaled = self.choose.random(), self.rates["scaled"]
        for value, name in (("large", "large_bruise"), ("small", "small_bruise"),
                            ("cannot_see", "cannot_see")):  # fmt: skip
            chance -= scaled[name] * self.factor
            if chance < 0:
                return value
        return "none"

    def _next_soreness(self, sore: str) -> str:
        step = _STEPS[self._one(self.ours["soreness_48h"])]
        return _SORENESS[min(3, max(0, _SORENESS.index(sore) + step))]

    def _regions(self) -> frozenset[str]:
        places = {self._one(self.ours["regions"])}
        if self._chance(self.ours["two_places"]):
            places.add(self._one(self.ours["regions"]))
        return frozenset(places)

    def _points(self, mean: float, spread: float) -> int:
        return min(10, max(0, round(self.choose.gauss(mean, spread))))

    def _reports(self, group: str, name: str) -> bool:
        return self._chance(self.rates[group][name] * self.factor)

    def _chance(self, share: float) -> bool:
        return self.choose.random() < share

    def _tick(self, name: str) -> frozenset[str]:
        return frozenset({self._one(self.ours[name])})

    def _one(self, shares: Mapping[str, float]) -> str:
        return self.choose.choices(tuple(shares), tuple(shares.values()))[0]
