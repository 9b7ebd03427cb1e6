"""An import in words: why a file or a line cannot be used, and what became of the rest."""

from care.imports.importing import Difference, Outcome
from care.imports.rows import Fault
from care.imports.sheet import SheetError
from care.sessions import REGIONS, RISKS
from handlers.language import N_, _, ngettext

SHEETS = {
    "empty": N_("There are no lines in this file."),
    "too_large": N_("This file is too large. 20 MB is the most."),
    "workbook": N_("This is an Excel file. Save it as CSV, then send that."),
    "not_text": N_("This is not a table of text. Save it as CSV, then send that."),
    "no_column": N_('There is no column called "{value}" in this file.'),
    "twice": N_('Two columns could be "{value}". Rename one of them.'),
    "unknown_field": N_('"{value}" is no field of a session.'),
    "unreadable": N_("Line {value} has a quote that is not closed or not doubled."),
    "no_visit_id": N_("There is no column with the visit id. Call it visit_id."),
    "no_time": N_("There is no column with the session's time. Call it at."),
}
FAULTS = {
    "too_many_cells": N_("more cells than the heading has"),
    "no_visit_id": N_("no visit id"),
    "long_visit_id": N_("the visit id is longer than 100 signs"),
    "same_visit": N_("this visit id is in line {value} already"),
    "no_patient": N_("no patient: a code, an id, a name or a phone is needed"),
    "no_at": N_("no time of the session"),
    "at_no_moment": N_('"{value}" is no date and time; write 2026-03-31 14:30'),
    "at_no_time": N_('"{value}" has no time of day; write 2026-03-31 14:30'),
    "at_day_or_month": N_('"{value}": day or month first? Write 2026-03-31 14:30'),
    "at_twice": N_(
        '"{value}" comes twice that night, as the clocks go back; add the offset, like +01:00'
    ),
    "at_never": N_('"{value}" never comes, as the clocks go forward that night'),
    "future": N_('"{value}" is in the future'),
    "too_old": N_('"{value}" is more than 30 days ago'),
    "unknown_region": N_('the region "{value}" is not one of: {regions}'),
    "unknown_risk": N_('the risk "{value}" is not one of: {risks}'),
    "pain": N_('the pain "{value}" is no whole number from 0 to 10'),
    "high_risk": N_('high risk is yes or no, not "{value}"'),
    "unknown_code": N_('no patient has the code "{value}"'),
    "other_patient": N_('the patient with this code has another id than "{value}"'),
    "several_patients": N_('more than one patient fits "{value}"; add the code'),
    "impossible": N_("this session cannot be: {value}"),
    "unknown_clinician": N_('"{value}" is no clinician here; recorded without one'),
    "no_regions": N_("no region given, so the strictest rules apply"),
}
FIELDS = {
    "cancelled": N_("cancelled here"),
    "patient": N_("another patient"),
    "at": N_("time"),
    "regions": N_("regions"),
    "risks": N_("risks"),
    "pain_before": N_("pain before"),
    "high_risk": N_("high risk"),
}


def sheet_words(error: SheetError) -> str:
    """Why nothing of the file can be read."""
    return _(SHEETS[error.code]).format(value=error.detail[:60])


def fault_words(fault: Fault) -> str:
    """A line and what is wrong with it, plain text."""
    reason = _(FAULTS[fault.code]).format(
        value=fault.value[:60], regions=", ".join(REGIONS), risks=", ".join(RISKS)
    )
    return _("Line {line}: {reason}").format(line=fault.line, reason=reason)


def difference_words(difference: Difference) -> str:
    """A visit that is recorded otherwise than the file says, plain text."""
    fields = ", ".join(_(FIELDS[name]) for name in difference.fields)
    return _("Line {line}: visit {visit} is recorded with something else: {fields}").format(
        line=difference.line, visit=difference.visit_id[:60], fields=fields
    )


def remark_lines(outcome: Outcome) -> list[str]:
    """Every line that deserves a look: left out ones first, then different ones, then the rest."""
    return [
        *map(fault_words, sorted(outcome.faults, key=lambda fault: fault.line)),
        *map(difference_words, outcome.differences),
        *map(fault_words, outcome.remarks),
    ]


def count_lines(outcome: Outcome, *, done: bool) -> list[str]:
    """What was recorded (or would be), a line for each number that is not zero."""
    recorded = outcome.recorded
    first = (
        ngettext("{n} session recorded.", "{n} sessions recorded.", recorded)
        if done
        else ngettext("{n} session to import.", "{n} sessions to import.", recorded)
    )
    lines = [first.format(n=recorded)]
    for count, words in (
        (outcome.patients, ngettext("{n} new patient.", "{n} new patients.", outcome.patients)),
        (
            outcome.late,
            ngettext(
                "{n} of them is too old for a check-in.",
                "{n} of them are too old for a check-in.",
                outcome.late,
            ),
        ),
        (
            outcome.there,
            ngettext("{n} was here already.", "{n} were here already.", outcome.there),
        ),
        (
            len(outcome.differences),
            ngettext(
                "{n} is recorded with something else and was left as it is.",
                "{n} are recorded with something else and were left as they are.",
                len(outcome.differences),
            ),
        ),
        (
            len(outcome.faults),
            ngettext("{n} line left out.", "{n} lines left out.", len(outcome.faults)),
        ),
    ):
        if count:
            lines.append(words.format(n=count))
    return lines
