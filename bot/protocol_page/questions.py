"""The questions in full, as patients see them, with the stored values."""

from bot.protocol_page.clauses import plain
from care.triage import WEEK_CHECK, every_question
from care.triage.model import Protocol, Question
from handlers.wording.questions import (
    danger_notice,
    option_label,
    option_sentence,
    question_text,
    short_title,
)

_KINDS = {
    "one": "One answer",
    "many": "Any of these, then Done",
    "score": "A whole number from 0 to 10",
}


def questions_section(protocol: Protocol) -> str:
    """Every question in the order asked, and the one of day 7, as Markdown."""
    return "\n\n".join(
        _section(question, protocol) for question in every_question(protocol).values()
    )


def _section(question: Question, protocol: Protocol) -> str:
    lines = plain(question_text(question.id)).split("\n")
    if question.id == "danger_signs":
        lines.insert(0, plain(danger_notice("{EMERGENCY_NUMBER}")))
    blocks = [
        f"### {_position(question, protocol)}: {short_title(question.id)} (`{question.id}`)",
        _asked(question),
        "\n>\n".join(f"> {line}" for line in lines),
    ]
    if question.kind != "score":
        blocks.append(
            "| stored value | button | the clinic reads |\n|---|---|---|\n" + _rows(question)
        )
    return "\n\n".join(blocks)


def _position(question: Question, protocol: Protocol) -> str:
    if question.id == WEEK_CHECK.id:
        return "Day 7, where the clinic has switched it on"
    counted = [name for name, found in protocol.questions.items() if found.counted]
    if question.counted:
        return f"Check {counted.index(question.id) + 1} of {len(counted)}"
    return "Follow-up"


def _asked(question: Question) -> str:
    parts = [f"{_KINDS[question.kind]}."]
    if question.after:
        labels = (option_label(question.after, value) for value in sorted(question.when))
        words = " or ".join(f"“{label}”" for label in labels)
        parts.append(f"Asked when “{short_title(question.after)}” is answered {words}.")
    if question.id == WEEK_CHECK.id:
        parts.append("No rule reads it: yes opens the whole check.")
    if question.timeout_minutes and question.id == "danger":
        parts.append(
            f"In a report, or after yes on day 7, it is overdue {question.timeout_minutes} minutes"
            " after it was delivered."
        )
    elif question.timeout_minutes:
        parts.append(f"Overdue {question.timeout_minutes} minutes after it was delivered.")
    return " ".join(parts)


def _rows(question: Question) -> str:
    return "\n".join(
        f"| `{value}` | {option_label(question.id, value)} "
        f"| {option_sentence(question.id, value)} |"
        for value in question.values
    )
