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
    fired: frozenset[str] = frozenset()
    for rule, holds in CONDITIONS.items():
        if holds(findings, fired):
            fired |= {rule}
    rules = tuple(rule for rule in protocol.rules if rule in fired)
    level = max((protocol.rules[rule].level for rule in rules), default=Level.none)
    return Verdict(level, rules or (NOTHING,))
