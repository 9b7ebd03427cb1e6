"""The table at the end of `make chaos`."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from tests.chaos.episode import Episode

WORDS = ("taps", "stored", "asked again", "lost answers", "check-ins", "unmarked repeats",
         "marked repeats", "alerts", "lost alerts", "missed")  # fmt: skip


def show(out: Console, played: dict[str, list[Episode]]) -> int:
    """Print kills by point and what became of everything; returns the number of findings."""
    kills = {name: _sum(e.kills for e in found) for name, found in played.items()}
    table = Table("Killed at", *played, title="Kills")
    for what in sorted(set().union(*kills.values())):
        table.add_row(what, *(str(kills[name][what]) for name in played))
    table.add_row("in all", *(str(kills[name].total()) for name in played), style="bold")
    starts = (str(sum(e.starts for e in found)) for found in played.values())
    table.add_row("starts of the bot", *starts)
    out.print(table)
    counts = {n: _sum(e.judgement.counts for e in found) for n, found in played.items()}
    table = Table("What", *played, title="What became of it")
    for word in WORDS:
        table.add_row(word, *(str(counts[name][word]) for name in played))
    out.print(table)
    total = 0
    for name, found in played.items():
        for episode in found:
            for finding in episode.judgement.findings:
                total += 1
                words = f"{name}, seed {episode.seed}: {finding.what}: {finding.words}"
                out.print(words, style="red", markup=False, highlight=False)
    out.print("Nothing was lost." if not total else f"{total} promises were broken.")
    return total


def _sum(counters) -> Counter[str]:
    return sum(counters, Counter())
