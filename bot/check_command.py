"""`symptom-diary check`: every finding on a line."""

import asyncio
from collections.abc import Sequence

from bot import checks
from bot.commands import out
from bot.logs import configure_logging
from bot.settings import Settings


def check(settings: Settings) -> int:
    """Every check with its finding; 1 when one failed."""
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    return report(asyncio.run(checks.check_all(settings)))


def report(findings: Sequence[checks.Finding]) -> int:
    """Print a line for each finding; 1 when one is a fault."""
    for finding in findings:
        mark = "[green]ok[/]  " if finding.ok else "[red]FAULT[/]"
        out.print(f"{mark} {finding.what}: {finding.words}", highlight=False, soft_wrap=True)
    return 0 if all(finding.ok for finding in findings) else 1
