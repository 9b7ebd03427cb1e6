"""From an answer set to a verdict."""

from care.triage.findings import Findings
from care.triage.model import Case, Level, Protocol, Verdict
from care.triage.rules import CONDITIONS

NOTHING = "N1"


def assess(case: Case, protocol: Protocol) -> Verdict:
    """Judge an answer set by the whole table; a half-finished one counts.

    The level is the highest of any rule that fires. Workflow rules (U11, W8) are never among them.
    """
    findings = Findings(case, protocol)
    fired: set[str] = set()
    for rule, holds in CONDITIONS.items():
        if holds(findings, fired):
            fired.add(rule)
    if not fired:
        return Verdict(Level.none, (NOTHING,))
    rules = tuple(rule for rule in protocol.rules if rule in fired)
    return Verdict(max(protocol.rules[rule].level for rule in rules), rules)
