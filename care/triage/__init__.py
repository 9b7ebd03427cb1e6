"""Clinical triage: pure functions from what a patient answered to how bad it is.

No clock, no database, no I/O but reading the protocol's own data file.
"""

from care.triage.assessment import assess
from care.triage.model import (
    Case,
    InvalidAnswer,
    Level,
    Previous,
    Protocol,
    Question,
    Rule,
    Value,
    Verdict,
)
from care.triage.protocol import load_protocol
from care.triage.questions import (
    asked_questions,
    effective_answers,
    next_question,
    validate_answer,
)

__all__ = [
    "Case",
    "InvalidAnswer",
    "Level",
    "Previous",
    "Protocol",
    "Question",
    "Rule",
    "Value",
    "Verdict",
    "asked_questions",
    "assess",
    "effective_answers",
    "load_protocol",
    "next_question",
    "validate_answer",
]
