"""The screens of /schedule: the panel, its lists of choices, and the diff."""

from datetime import datetime

from care.schedule_changes import Preview
from care.timing import Schedule
from care.triage import WEEK
from handlers.buttons import Rows, pack
from handlers.language import N_, _
from handlers.wording import schedule as wording
from handlers.wording.moments import step_words

PAGE = 12
CHOICES = ("steps", "adding", "step", "window", "reminders", "closing", "presets", "merging")
_ADD = (12, 36, 72, 96, 120, 168, 336)
_WINDOWS = ("7-20", "7-22", "8-20", "8-21", "8-22", "9-18", "9-21")
_REMINDERS = {"none": N_("None"), "3": N_("After 3 h"), "3-6": N_("After 3 h and 6 h"),
              "2-4-8": N_("After 2 h, 4 h and 8 h")}  # fmt: skip
_MERGING = (0, 2, 4, 6)
_CLOSING = (6, 9, 12, 18, 24)
_PRESETS = {
    "two": N_("24 h, 48 h"),
    "three": N_("24 h, 48 h, 72 h"),
    "week": N_("24 h, 48 h, one tap on day 7"),
}

Screen = tuple[str, Rows]


def panel(number: int, schedule: Schedule, draft: int = 0) -> Screen:
    """What is in force, or a draft, with a button for everything that can be changed."""
    head = (
        _("Change of the schedule") if draft
        else _("Schedule (version {number})").format(number=number)
    )  # fmt: skip
    clock = ("elapsed", _("Count in real hours")) if schedule.same_clock_time else (
        "clock", _("Keep the session's clock time"))  # fmt: skip
    rows = [
        [(_("Add a check-in"), pack("sc", draft, "adding", "0")),
         (_("Move or remove"), pack("sc", draft, "steps", "0"))],
        [(_("Window of the day"), pack("sc", draft, "window", "0")),
         (_("Reminders"), pack("sc", draft, "reminders", "0"))],
        [(_("Closing"), pack("sc", draft, "closing", "0")),
         (_("Presets"), pack("sc", draft, "presets", "0"))],
        [(clock[1], pack("sc", draft, "count", clock[0])),
         (_("Merging"), pack("sc", draft, "merging", "0"))],
    ]  # fmt: skip
    if draft:
        rows.append([(_("Back to the change"), pack("sc", draft, "page", "0"))])
    elif number > 1:
        rows.append([(_("Undo the last change"), pack("sc", number, "undo", "0"))])
    return "\n".join([f"<b>{head}</b>", *wording.lines(schedule)]), rows


def choices(what: str, draft: int, schedule: Schedule) -> Screen:
    """A list to choose from; a choice leads to the diff, and changes nothing yet."""
    question, options = {
        "adding": _adding,
        "steps": _steps,
        "window": _window,
        "reminders": _reminders,
        "closing": _closing,
        "presets": _presets,
        "merging": _merging,
    }[what](draft, schedule)
    back = ("more", "0") if draft else ("panel", "0")
    return question, [*options, [(_("Back"), pack("sc", draft, *back))]]


def _adding(draft: int, schedule: Schedule) -> Screen:
    there = {step.hours for step in schedule.steps}
    options = [
        (step_words(f"{hours}h"), pack("sc", draft, "add", str(hours)))
        for hours in _ADD
        if hours not in there
    ]
    rows = [options[at : at + 3] for at in range(0, len(options), 3)]
    if all(step.id != WEEK for step in schedule.steps):
        rows.append([(_("One tap on day 7"), pack("sc", draft, "week", "on"))])
    return _("A check-in how long after the session?"), [
        *rows, [(_("Other hours"), pack("sc", draft, "type", "0"))],
    ]  # fmt: skip


def _steps(draft: int, schedule: Schedule) -> Screen:
    rows = []
    for step in schedule.steps:
        words, hours = step_words(step.id), int(step.hours)
        if step.id == WEEK:
            rows.append([(_("{step}: remove").format(step=words),
                          pack("sc", draft, "drop", step.id))])  # fmt: skip
            continue
        rows.append([
            (_("{step}: sooner").format(step=words),
             pack("sc", draft, "move", f"{step.id}-{hours - 2}")),
            (_("{step}: later").format(step=words),
             pack("sc", draft, "move", f"{step.id}-{hours + 2}")),
            (_("{step}: remove").format(step=words), pack("sc", draft, "drop", step.id)),
        ])  # fmt: skip
    return _("Which check-in is to move (by 2 hours) or to go?"), rows


def _window(draft: int, _schedule: Schedule) -> Screen:
    options = [
        ("{:0>2}:00-{:0>2}:00".format(*value.split("-")), pack("sc", draft, "hours", value))
        for value in _WINDOWS
    ]
    rows = [options[at : at + 2] for at in range(0, len(options), 2)]
    return _("Between which hours, on the patient's clock, may a check-in come?"), rows


def _reminders(draft: int, _schedule: Schedule) -> Screen:
    rows = [
        [(_(words), pack("sc", draft, "remind", value))] for value, words in _REMINDERS.items()
    ]
    return _("When is a patient reminded who has not answered?"), rows


def _closing(draft: int, _schedule: Schedule) -> Screen:
    row = [(_("{n} h").format(n=hours), pack("sc", draft, "close", str(hours)))
           for hours in _CLOSING]  # fmt: skip
    return _("After how long does a check-in close as not answered?"), [row]


def _merging(draft: int, _schedule: Schedule) -> Screen:
    row = [(_("{n} h").format(n=hours) if hours else _("Never"),
            pack("sc", draft, "merge", str(hours))) for hours in _MERGING]  # fmt: skip
    return _("Check-ins of two sessions of one patient are asked together when they come "
             "within how many hours?"), [row]  # fmt: skip


def _presets(draft: int, _schedule: Schedule) -> Screen:
    rows = [[(_(words), pack("sc", draft, "preset", value))] for value, words in _PRESETS.items()]
    return _("Which check-ins?"), rows


def diff(preview: Preview, now: datetime, *, page: int = 0, changed: bool = False) -> Screen:
    """What a draft changes, with the ways to go on."""
    draft, moves = preview.draft_id, preview.moves
    differs = preview.new != preview.old
    lines = [f"<b>{_('Change of the schedule')}</b>"]
    if preview.outdated:
        lines.append(
            _("Meanwhile somebody else changed the schedule. In force now (version {number}): "
              "{steps}. Your change was not applied.").format(
                number=preview.number, steps=wording.steps_words(preview.old))
        )  # fmt: skip
    elif changed:
        lines.append(_("This has changed since you looked. Nothing was applied; look again:"))
    lines += wording.changes(preview) or [_("This is how it is already: nothing would change.")]
    if differs:
        lines += _moves(preview, now, page)
    rows: list[list[tuple[str, str]]] = []
    last = max(0, (len(moves) - 1) // PAGE)
    if differs and last:
        turns = (("◀", page - 1), ("▶", page + 1))
        rows.append([
            (sign, pack("sc", draft, "page", str(to))) for sign, to in turns if 0 <= to <= last
        ])  # fmt: skip
    if preview.outdated:
        rows.append([(_("Make my change on top"), pack("sc", draft, "anew", "0"))])
    elif differs:
        rows.append([(_("Apply to new sessions"), pack("sc", draft, "apply", "new"))])
        if moves:
            rows.append([(_("Apply to these patients too"), pack("sc", draft, "apply", "all"))])
    rows.append([(_("Change more"), pack("sc", draft, "more", "0")),
                 (_("Cancel"), pack("sc", draft, "cancel", "0"))])  # fmt: skip
    return "\n".join(lines), rows


def _moves(preview: Preview, now: datetime, page: int) -> list[str]:
    if not preview.moves:
        return ["", _("Nobody who is followed now is affected. It would hold for new sessions.")]
    lines = ["", _("If it is also to hold for patients who are followed now: {what}").format(
        what=wording.affected(preview.moves))]  # fmt: skip
    start = page * PAGE
    lines += [wording.move_words(move, now) for move in preview.moves[start : start + PAGE]]
    left = len(preview.moves) - start - PAGE
    return [*lines, *([_("… and {n} more").format(n=left)] if left > 0 else [])]
