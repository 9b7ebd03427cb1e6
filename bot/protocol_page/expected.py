"""How often the rules alarm: the measured table beside the expected one, and their limits."""

import math
from collections import Counter
from collections.abc import Mapping
from importlib import resources
from typing import Any

from bot.protocol_page.clauses import number
from care.evidence.described import measured
from care.evidence.patients import rates
from care.evidence.simulation import ANSWERING, CHECKS, EXPECTED, SESSIONS_A_WEEK, Counts
from care.triage.model import Level, Protocol

CHECK_WORDS = {"24h": "24 h", "48h": "48 h", "worst": "worst of both, per session"}
_FOLD = 3


def expected_section(protocol: Protocol) -> str:
    """The tables, the differences said plainly, and every rate assumed, as Markdown."""
    kept = measured()
    counts = {rate: counts_of(kept, rate) for rate in EXPECTED}
    stale = kept["fingerprint"] != protocol.fingerprint
    blocks = [
        resources.files("bot.protocol_page").joinpath("limits.md").read_text("utf-8").strip(),
        _how(kept),
        *(["**Measured with another version of the protocol than this page shows.**"] * stale),
        _table(counts),
        _weekly(counts),
        differences(counts),
        _deciding(counts["central"]),
        "Rates assumed, all of them guesses (`care/evidence/rates.toml`):",
        _rates(),
    ]
    return "\n\n".join(blocks)


def _how(kept: Mapping[str, Any]) -> str:
    size, seed = kept["sessions"], kept["seed"]
    return (
        f"Measured on {size:,} invented sessions a rate, seed {seed}: `symptom-diary protocol "
        f"simulate --sessions {size} --seed {seed} --rates all`. Each cell: **measured** "
        "(expected), per cent."
    )


def counts_of(kept: Mapping[str, Any], rate: str) -> Counts:
    """The counts kept for a rate."""
    found = kept[rate]
    levels = {check: Counter(found[check]) for check in CHECKS}
    return Counts(found["sessions"], levels, Counter(found["deciding"]))


def _table(counts: Mapping[str, Counts]) -> str:
    head = "| rates | check | none | watch | urgent | emergency |\n|---|---|---|---|---|---|"
    rows = [
        f"| {rate} | {CHECK_WORDS[check]} | "
        + " | ".join(
            f"**{percent(counts[rate].share(check, level))}** ({number(guess)})"
            for level, guess in zip(Level, EXPECTED[rate][check], strict=True)
        )
        + " |"
        for rate in counts
        for check in CHECKS
    ]
    return "\n".join([head, *rows])


def percent(share: float) -> str:
    """Whole per cent from 10 up, else with a decimal or two: 58, 7.1, 0.64."""
    return f"{share:.0f}" if share >= 10 else f"{share:.1f}" if share >= 1 else f"{share:.2f}"


def _weekly(counts: Mapping[str, Counts]) -> str:
    head = (
        f"A clinic with {SESSIONS_A_WEEK} sessions a week, {ANSWERING:.0%} of them answered:\n\n"
        "| rates | urgent alerts a week | emergency alerts a week | one emergency every |\n"
        "|---|---|---|---|"
    )
    return "\n".join(
        [head, *(f"| {rate} | {' | '.join(weekly(found))} |" for rate, found in counts.items())]
    )


def weekly(found: Counts) -> tuple[str, str, str]:
    """Urgent and emergency alerts a week, and the weeks between two emergencies, in words."""
    urgent, emergency = found.weekly(Level.urgent), found.weekly(Level.emergency)
    between = f"{1 / emergency:.1f} weeks" if emergency else "none seen"
    return f"{urgent:.1f}", f"{emergency:.2f}", between


def differences(counts: Mapping[str, Counts]) -> str:
    """Every cell that differs from the expected one by more than chance and a tenth, in words."""
    lines = []
    for rate, found in counts.items():
        for check in CHECKS:
            for level, guess in zip(Level, EXPECTED[rate][check], strict=True):
                share = found.share(check, level)
                if _differs(share, guess, found.sessions):
                    lines.append(
                        f"- {rate}, {CHECK_WORDS[check]}, {level.value}: {percent(share)} where "
                        f"{number(guess)} was expected"
                    )
    if not lines:
        return "No cell differs from the expected one by more than a tenth of it and chance."
    why = (
        "Cells that differ by more than a tenth and more than chance. The rules are the same; the "
        "invented patients are not: the note does not say how soreness goes on to day 2, how long "
        "complaints last, where the needles were, or how far pain scatters, so its script and "
        "ours differ there:"
    )
    return "\n".join([why, "", *lines])


def _differs(share: float, guess: float, sessions: int) -> bool:
    chance = _FOLD * math.sqrt(guess * (100 - guess) / max(1, sessions))
    rounding = 0.05 if guess < 10 else 0.5
    return abs(share - guess) > max(guess / 10, chance + rounding)


def _deciding(found: Counts) -> str:
    rows = [
        f"{rule} {percent(100 * count / found.sessions)} %"
        for rule, count in sorted(found.deciding.items(), key=lambda item: (-item[1], item[0]))
    ]
    return (
        "Share of sessions in which a rule stands at the highest level (central rates; several "
        "can in one): " + ", ".join(rows) + "."
    )


def _rates() -> str:
    found = rates()
    note = {**found["scaled"], **{f"danger: {k}": v for k, v in found["danger"].items()}}
    scaled = ", ".join(f"{_name(key)} {_share(value)}" for key, value in note.items())
    lines = [
        f"- Halved and doubled for low and high: {scaled}.",
        f"- From the note, the same at every rate: {_shares(found['shares'])}.",
        f"- Pain (means from the note, spreads ours): {_plain(found['pain'])}.",
        f"- Ours: {_shares(found['ours'])}.",
    ]
    return "\n".join(lines)


def _shares(group: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{_name(key)} " + (_mixed(value) if isinstance(value, dict) else _share(value))
        for key, value in group.items()
    )


def _mixed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{_name(key)} {_share(value)}" for key, value in values.items())


def _plain(values: Mapping[str, float]) -> str:
    return ", ".join(f"{_name(key)} {number(value)}" for key, value in values.items())


def _share(value: float) -> str:
    return f"{number(value * 100)} %" if value <= 1 else f"{number(value)} h"


def _name(key: str) -> str:
    return key.replace("_", " ")
