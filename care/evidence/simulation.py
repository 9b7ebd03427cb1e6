"""How often the rules would alarm on invented patients, check by check and session by session."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from care.evidence.patients import FACTORS, Patient
from care.triage import Level, Protocol, assess

# The rows of the table: each check, and the worse of the two.
CHECKS = ("24h", "48h", "worst")
# The clinic that the table is spelled out for.
SESSIONS_A_WEEK, ANSWERING = 40, 0.85
# The evidence note's table, in per cent: none, watch, urgent, emergency; central, low, high.
EXPECTED: Mapping[str, Mapping[str, tuple[float, float, float, float]]] = {
    "central": {"24h": (71, 25, 3.3, 0.6), "48h": (69, 26, 5.2, 0.3), "worst": (58, 34, 7.1, 0.6)},
    "low": {"24h": (78, 20, 1.6, 0.3), "48h": (73, 24, 3.4, 0.1), "worst": (65, 31, 4.3, 0.3)},
    "high": {"24h": (60, 32, 6.7, 1.2), "48h": (63, 28, 8.6, 0.5), "worst": (49, 38, 12.4, 1.3)},
}


@dataclass
class Counts:
    """Sessions judged, levels by check ("24h", "48h", "worst"), and the rules at the highest."""

    sessions: int = 0
    levels: dict[str, Counter[str]] = field(
        default_factory=lambda: {check: Counter() for check in CHECKS}
    )
    deciding: Counter[str] = field(default_factory=Counter)

    def share(self, check: str, level: Level) -> float:
        """Per cent of the check's answer sets (of sessions, for "worst") at this level."""
        return 100 * self.levels[check][level.value] / max(1, self.sessions)

    def weekly(self, level: Level) -> float:
        """Sessions a week whose worst check has this level, in the clinic of the table."""
        return SESSIONS_A_WEEK * ANSWERING * self.share("worst", level) / 100


def simulate(
    protocol: Protocol,
    *,
    sessions: int,
    seed: int,
    rate: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Counts:
    """Judge the two check-ins of so many invented sessions.

    Session n is the same for the same seed and rate, however many come before it. `progress` is
    given the number of sessions done, now and then.

    Raises:
        KeyError: `rate` is not one of low, central, high.
    """
    counts, factor = Counts(), FACTORS[rate]
    for number in range(sessions):
        # Reproducible chance, no secret.
        choose = Random(f"{seed}:{rate}:{number}")  # noqa: S311
        _count(counts, Patient(choose, factor), protocol)
        if number % 500 == 499:
            progress(number + 1)
    progress(sessions)
    return counts


def _count(counts: Counts, patient: Patient, protocol: Protocol) -> None:
    verdicts = [assess(case, protocol) for case in patient.session()]
    worst = max(verdict.level for verdict in verdicts)
    for check, level in zip(CHECKS, (*(v.level for v in verdicts), worst), strict=True):
        counts.levels[check][level.value] += 1
    if worst > Level.none:
        decided = {
            rule
            for verdict in verdicts
            for rule in verdict.rules
            if rule in protocol.rules and protocol.rules[rule].level == worst
        }
        counts.deciding.update(decided)
    counts.sessions += 1
