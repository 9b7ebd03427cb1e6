"""`make mutants`: mutmut over care/triage (its notes apart), and the score.

Kept to one process at low priority: it runs for twenty minutes beside other work. Survivors that
change nothing: another default for `kind` (only "week" is asked about), another word that is no
score, E8 in W5 (fever at the spine is U2 already), and `one` for what is never read through it.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
STATS = ROOT / "mutants" / "mutmut-cicd-stats.json"
# The share of mutants that the tests must notice.
ENOUGH = 0.95


def mutmut(*words: str, quiet: bool = False) -> str:
    done = subprocess.run(
        ["nice", "-n", "10", sys.executable, "-m", "mutmut", *words],  # noqa: S607
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE if quiet else None,
        text=True,
    )
    return done.stdout or ""


def main() -> int:
    mutmut("run", "--max-children", "1")
    mutmut("export-cicd-stats", quiet=True)
    stats = json.loads(STATS.read_text("utf-8"))
    noticed = stats["killed"] + stats["timeout"]
    unnoticed = [
        line.split(":")[0].strip()
        for line in mutmut("results", quiet=True).splitlines()
        if line.strip().endswith((": survived", ": no tests"))
    ]
    for name in unnoticed:
        sys.stdout.write(f"\n{name}\n{_lines(mutmut('show', name, quiet=True))}\n")
    score = noticed / stats["total"]
    sys.stdout.write(f"\n{noticed} of {stats['total']} mutants noticed: {score:.1%}\n")
    return 0 if score >= ENOUGH else 1


def _lines(diff: str) -> str:
    """The changed lines of a mutant."""
    kept = (line for line in diff.splitlines() if line[:1] in "-+" and line[:3] not in "---+++")
    return "\n".join(kept)


if __name__ == "__main__":
    sys.exit(main())
