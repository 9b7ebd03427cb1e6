"""`make protocol-page`: measures, collects the tests of each rule, and writes docs/protocol.md."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from bot.protocol_page import page
from care.evidence import described
from care.evidence.simulation import EXPECTED, Counts, simulate
from care.triage import load_protocol
from tests.triage.covering import covering
from tests.triage.test_table import CLAUSES

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "protocol.md"
DATA = ROOT / "care" / "evidence"
SEED, SESSIONS, SAMPLE = 1, 50_000, 1_000
WHOLE_TABLE = "tests/triage/test_table.py"


def examples() -> Counter[str]:
    """How many clauses of a rule have an example of their own."""
    return Counter(rule for rule, _, _ in CLAUSES)


def covered_text() -> str:
    found, lines = covering(), ["# Made by `make protocol-page` from the tests' own text."]
    for rule in load_protocol(1).rules:
        tests = [name for name in found[rule] if not name.startswith(WHOLE_TABLE)]
        lines += ["", f"[{rule}]", f"examples = {examples()[rule]}", "tests = ["]
        lines += [f"  {json.dumps(name)}," for name in tests] + ["]"]
    return "\n".join(lines) + "\n"


def measured_text() -> str:
    protocol = load_protocol(1)
    lines = [
        "# Made by `make protocol-page`: symptom-diary protocol simulate, kept.",
        f"fingerprint = {json.dumps(protocol.fingerprint)}",
        f"seed = {SEED}",
        f"sessions = {SESSIONS}",
        f"sample = {SAMPLE}",
    ]
    for rate in EXPECTED:
        for name, sessions in ((rate, SESSIONS), (f"sample_{rate}", SAMPLE)):
            found = simulate(protocol, sessions=sessions, seed=SEED, rate=rate)
            lines += [
                "",
                f"[{name}]",
                *(f"{key} = {_inline(v)}" for key, v in kept(found).items()),
            ]
    return "\n".join(lines) + "\n"


def kept(found: Counts) -> dict[str, Any]:
    levels = {check: dict(sorted(counted.items())) for check, counted in found.levels.items()}
    return {"sessions": found.sessions, **levels, "deciding": dict(sorted(found.deciding.items()))}


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {count}" for key, count in value.items()) + " }"
    return str(value)


def main() -> None:
    (DATA / "covered.toml").write_text(covered_text(), "utf-8")
    (DATA / "measured.toml").write_text(measured_text(), "utf-8")
    described._read.cache_clear()
    PAGE.write_text(page(load_protocol(1)), "utf-8")


if __name__ == "__main__":
    main()
