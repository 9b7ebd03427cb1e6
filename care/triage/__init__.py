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
    WEEK,
    WEEK_CHECK,
    asked_questions,
    effective_answers,
    every_question,
    next_question,
    validate_answer,
)

__all__ = [
    "WEEK",
    "WEEK_CHECK",
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
    "every_question",
    "load_protocol",
    "next_question",
    "validate_answer",
]
