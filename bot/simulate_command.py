"""`symptom-diary protocol simulate`: alarms on invented patients, measured beside expected."""

from collections.abc import Mapping

from rich.progress import Progress
from rich.table import Table

from bot.protocol_page.expected import CHECK_WORDS, differences, percent, weekly
from care.evidence.simulation import (
    ANSWERING,
    CHECKS,
    EXPECTED,
    SESSIONS_A_WEEK,
    Counts,
    simulate,
)
from care.triage.model import Level, Protocol


def run(protocol: Protocol, sessions: int, seed: int, rate: str, progress: Progress) -> Counts:
    """The counts for one assumed rate, with a bar."""
    bar = progress.add_task(f"{rate} rates", total=sessions)
    return simulate(
        protocol,
        sessions=sessions,
        seed=seed,
        rate=rate,
        progress=lambda done: progress.update(bar, completed=done),
    )


def tables(counts: Mapping[str, Counts]) -> list[Table]:
    """Per cent by check and level beside the expected, and alerts a week."""
    return [_levels(counts), _alerts(counts)]


def _levels(counts: Mapping[str, Counts]) -> Table:
    table = Table(
        "Rates", "Check", *(level.value for level in Level), title="Per cent: measured (expected)"
    )
    for rate, found in counts.items():
        for check in CHECKS:
            cells = [
                f"{percent(found.share(check, level))} ({guess:g})"
                for level, guess in zip(Level, EXPECTED[rate][check], strict=True)
            ]
            table.add_row(rate, CHECK_WORDS[check], *cells)
    return table


def _alerts(counts: Mapping[str, Counts]) -> Table:
    title = f"{SESSIONS_A_WEEK} sessions a week, {ANSWERING:.0%} answered"
    table = Table("Rates", "Urgent a week", "Emergency a week", "One emergency every", title=title)
    for rate, found in counts.items():
        table.add_row(rate, *weekly(found))
    return table


def remarks(counts: Mapping[str, Counts], sessions: int, seed: int, protocol: Protocol) -> str:
    """What the tables rest on, and where they differ from the expected one."""
    signed = f"signed by {protocol.signed_by}" if protocol.signed_by else "unsigned"
    return (
        f"Protocol version {protocol.version} ({signed}), {sessions:,} invented sessions a rate, "
        f"seed {seed}. None of these patients has a serious complication: every alarm is false. "
        "The rates are guesses (docs/protocol.md lists them).\n" + differences(counts)
    )
