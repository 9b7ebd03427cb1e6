"""How a schedule, and a change of it, reads."""

from collections.abc import Sequence
from datetime import datetime

from care.schedule_changes import Preview
from care.schedule_diff import Move
from care.timing import Schedule
from handlers.language import N_, _, ngettext
from handlers.wording.moments import moment, step_words

_WHY = {
    "window": N_("moved into the window of the day"),
    "clocks": N_("the clocks change in between"),
}
_REASONS = {
    "hours": N_("A check-in comes 6 to 720 hours (30 days) after the session."),
    "apart": N_("Two check-ins must be at least 12 hours apart."),
    "steps": N_("There must be 1 to 8 check-ins."),
    "window": N_("The window of the day must be at least 6 hours long."),
    "closing": N_("A check-in closes after 1 to 72 hours."),
    "reminders": N_("A reminder must come before the check-in closes."),
    "merge": N_("Check-ins are merged when they are less than 12 hours apart, or never."),
    "unknown": N_("This check-in is not in the schedule any more."),
}


def refusal(reason: str) -> str:
    """Why a schedule cannot be like that."""
    return _(_REASONS[reason])


def steps_words(schedule: Schedule) -> str:
    """All check-ins of a schedule."""
    return ", ".join(step_words(step.id) for step in schedule.steps)


def lines(schedule: Schedule) -> list[str]:
    """A schedule, a line for each thing that can be set."""
    return [line for _name, line in _lines(schedule)]


def _lines(schedule: Schedule) -> list[tuple[str, str]]:
    reminders = [_hours(hours) for hours in schedule.reminder_hours]
    told = _("Reminders after {hours}").format(hours=_(" and ").join(reminders))
    return [
        ("steps", _("Check-ins: {steps} after the session").format(steps=steps_words(schedule))),
        ("window", _("Between {start} and {end} on the patient's clock").format(
            start=f"{schedule.window_start:%H:%M}", end=f"{schedule.window_end:%H:%M}")),
        ("reminders", told if reminders else _("No reminders")),
        ("closing", _("Closes after {hours} without an answer").format(
            hours=_hours(schedule.close_after_hours))),
        ("merge", _("Check-ins of two sessions within {hours}: asked together").format(
            hours=_hours(schedule.merge_hours)) if schedule.merge_hours
         else _("Check-ins of two sessions are never asked together")),
        ("mode", _("Counted day by day at the session's clock time") if schedule.same_clock_time
         else _("Counted in real hours")),
    ]  # fmt: skip


def _hours(hours: float) -> str:
    return _("{n} h").format(n=f"{hours:g}")


def changes(preview: Preview) -> list[str]:
    """What differs between the schedule in force and the new one."""
    return [
        f"{old} → <b>{new}</b>"
        for (_name, old), (_same, new) in zip(
            _lines(preview.old), _lines(preview.new), strict=True
        )
        if old != new
    ]


def move_words(move: Move, now: datetime) -> str:
    """One check-in that changes: whose, which, from when to when, and why."""
    old = moment(move.old_due, move.zone, now) if move.old_due else ""
    new = moment(move.times.due, move.zone, now) if move.times else ""
    closes = moment(move.times.closes, move.zone, now) if move.times else ""
    words = {
        "added": _("new, {new}"),
        "removed": _("{old} → not asked"),
        "moved": _("{old} → {new}"),
        "closing": _("{old} stays; closes {closes}"),
        "merged": _("asked together with another session's, {old}"),
        "parted": _("asked by itself, {old}"),
    }[move.change].format(old=old, new=new, closes=closes)
    steps = step_words(move.step)
    if move.times is not None and move.times.step_id != move.step:
        steps += f" → {step_words(move.times.step_id)}"
    why = "".join(f" ({_(_WHY[reason])})" for reason in move.why)
    return f"{move.code} · {steps}: {words}{why}"


def affected(moves: Sequence[Move]) -> str:
    """How many patients and check-ins a change meets."""
    patients, checks = len({move.code for move in moves}), len(moves)
    return _("{checks} of {patients}").format(
        checks=ngettext("{n} check-in", "{n} check-ins", checks).format(n=checks),
        patients=ngettext("{n} patient", "{n} patients", patients).format(n=patients),
    )
