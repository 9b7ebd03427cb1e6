"""`make check-protocol`: a million answer sets, each made worse step by step, judged by the rules.

Held for every set: the rules agree with the table read a second time; getting worse lowers no level and takes back no emergency rule; no emergency
depends on hours, earlier values, the worry button or the high-risk mark. Held for all together:
every rule can be the one that decides. What fails is printed as lines for `triage --jsonl`.
"""

import argparse
import json
import multiprocessing
import random
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from care.triage import Case, Level, Previous, Verdict, assess
from care.triage.rules import CONDITIONS
from tests.triage.cases import PROTOCOL, random_case, smallest
from tests.triage.oracle import expected
from tests.triage.test_monotone import worse

CHUNK, STEPS, MOST_SHOWN = 2_000, 2, 5
# What no emergency may depend on, each at both its ends.
BESIDE: tuple[Mapping[str, Any], ...] = (
    {"hours": 1.0},
    {"hours": 400.0},
    {"previous": None},
    {"previous": Previous(0, "none")},
    {"previous": Previous(10, "severe")},
    {"worried": False},
    {"worried": True},
    {"high_risk": True},
)


@dataclass
class Found:
    """What a run saw: sets and steps judged, how often each rule decided alone, what failed."""

    sets: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    deciding: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, tuple[Case, ...]]] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        self.sets += other.sets
        self.steps += other.steps
        self.deciding += other.deciding
        self.levels += other.levels
        self.failures += other.failures

    @property
    def unreached(self) -> list[str]:
        return [rule for rule in CONDITIONS if not self.deciding[rule]]


def emergencies(verdict: Verdict) -> set[str]:
    return {rule for rule in verdict.rules if rule.startswith("E")}


def judge(found: Case) -> Verdict:
    return assess(found, PROTOCOL)


def complaint(before: Case, after: Case, *, beside: bool) -> str:
    """What is wrong with a step to the worse, or to the side; empty when nothing is."""
    first, second = judge(before), judge(after)
    if beside:
        changed = emergencies(first) ^ emergencies(second)
        return f"an emergency depends on what it must not: {sorted(changed)}" if changed else ""
    if second.level < first.level:
        return f"getting worse lowers {first.level} to {second.level}"
    lost = emergencies(first) - emergencies(second)
    return f"getting worse takes back {sorted(lost)}" if lost else ""


def check(seed: str, sets: int) -> Found:
    """Judge so many random sets with steps; the same seed gives the same sets."""
    choose, seen = random.Random(seed), Found()
    for _ in range(sets):
        found = random_case(choose)
        verdict = judge(found)
        _compare(seen, found)
        seen.levels[verdict.level] += 1
        top = [one for one in verdict.rules if level_of(one) == verdict.level]
        if len(top) == 1:
            seen.deciding[top[0]] += 1
        for _ in range(STEPS):
            change = choose.choice(list(worse(found)))
            found = _step(seen, found, change, beside=False)
        _step(seen, found, choose.choice(BESIDE), beside=True)
        seen.sets += 1
    return seen


def disagrees(found: Case) -> bool:
    return judge(found).rules != expected(found)


def _compare(seen: Found, found: Case) -> None:
    if len(seen.failures) < MOST_SHOWN and disagrees(found):
        small = smallest(found, disagrees)
        told = f"the rules give {judge(small).rules}, the table read again {expected(small)}"
        seen.failures.append((told, (small,)))


def level_of(rule: str) -> Level:
    return PROTOCOL.rules[rule].level if rule in PROTOCOL.rules else Level.none


def _step(seen: Found, before: Case, change: Mapping[str, Any], *, beside: bool) -> Case:
    after = replace(before, **change)
    seen.steps[kind_of(before, change)] += 1
    if len(seen.failures) < MOST_SHOWN and complaint(before, after, beside=beside):
        seen.failures.append(made_small(before, beside=beside))
    return after


def kind_of(before: Case, change: Mapping[str, Any]) -> str:
    """The input that a step changes."""
    (name,) = change
    if name != "answers":
        return str(name)
    return next((q for q, v in change["answers"].items() if before.answers.get(q) != v), "same")


def made_small(found: Case, *, beside: bool) -> tuple[str, tuple[Case, ...]]:
    """The smallest case with a step that fails, from one that fails somehow."""

    def failing(case: Case) -> Case | None:
        changes = BESIDE if beside else tuple(worse(case))
        following = (replace(case, **change) for change in changes)
        return next((one for one in following if complaint(case, one, beside=beside)), None)

    small = smallest(found, lambda case: failing(case) is not None)
    after = failing(small)
    assert after is not None
    return complaint(small, after, beside=beside), (small, after)


def line(found: Case, name: str) -> str:
    """A case as a line for `symptom-diary triage --jsonl`."""
    given = {
        "id": name, "hours": found.hours, "pain_before": found.pain_before,
        "regions": sorted(found.regions), "risks": sorted(found.risks),
        "high_risk": found.high_risk, "worried": found.worried,
        "timed_out": sorted(found.timed_out),
        "answers": {
            key: sorted(value) if isinstance(value, frozenset) else value
            for key, value in found.answers.items()
        },
        "previous": vars(found.previous) if found.previous else None,
    }  # fmt: skip
    return json.dumps(given)


def report(found: Found, say: Callable[[str], object]) -> bool:
    """Say what was seen; True when all held."""
    levels = ", ".join(f"{level} {found.levels[level]:,}" for level in Level)
    say(f"{found.sets:,} answer sets ({levels}), {found.steps.total():,} steps from them.")
    say("Steps: " + ", ".join(f"{kind} {n:,}" for kind, n in sorted(found.steps.items())))
    say(
        "Decided alone: "
        + ", ".join(f"{rule} {found.deciding[rule]:,}" for rule in CONDITIONS)
        + "."
    )
    for told, cases in found.failures[:MOST_SHOWN]:
        say(f"FAILED: {told}")
        for case, name in zip(cases, ("before", "after"), strict=False):
            say(line(case, name))
    if found.unreached:
        say(f"FAILED: never the one that decides: {', '.join(found.unreached)}")
    good = not found.failures and not found.unreached
    say("All held." if good else "NOT all held. Lines above replay: symptom-diary triage --jsonl")
    return good


def _chunk(task: tuple[str, int]) -> Found:
    return check(*task)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1_000_000)
    parser.add_argument("--seed", default="")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    asked = parser.parse_args()
    seed = asked.seed or secrets.token_hex(4)
    console, seen = Console(stderr=True), Found()
    sys.stdout.write(f"Seed {seed}, {asked.sets:,} sets, {asked.jobs} processes.\n")
    sys.stdout.flush()
    chunks = -(-asked.sets // CHUNK)
    tasks = [(f"{seed}:{number}", CHUNK) for number in range(chunks)]
    columns = (*Progress.get_default_columns()[:-1], MofNCompleteColumn(), TimeRemainingColumn())
    with multiprocessing.Pool(asked.jobs) as pool, Progress(*columns, console=console) as progress:
        bar = progress.add_task("answer sets", total=chunks * CHUNK)
        for part in pool.imap_unordered(_chunk, tasks):
            seen.add(part)
            progress.advance(bar, part.sets)
    return 0 if report(seen, lambda text: sys.stdout.write(f"{text}\n")) else 1


if __name__ == "__main__":
    sys.exit(main())
