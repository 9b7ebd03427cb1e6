"""/schedule: a panel of buttons; every change is shown as a diff before it applies."""

import re
from collections.abc import Callable
from datetime import time

from care import schedule_changes, schedules
from care.schedule_changes import LookAgainError, Preview
from care.schedules import InvalidScheduleError
from care.timing import Schedule
from handlers.admins import schedule_screens as screens
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _
from handlers.wording import schedule as wording

# How the question for other hours names its draft, so that the reply can be understood.
ASKED = re.compile(r"\[schedule (\d{1,12})\]")
_HOURS = re.compile(r"\s*(\d{1,3})\s*(h|hours?|d|days?)?\s*", re.IGNORECASE)
PRESETS: dict[str, list[float]] = {"two": [24, 48], "three": [24, 48, 72], "week": [24, 48]}

Edit = Callable[[Schedule], Schedule]


async def schedule(visit: Visit) -> None:
    """/schedule: what is in force, with a button for everything."""
    number, found = await schedule_changes.in_force(visit.work, visit.actor)
    text, rows = screens.panel(number, found)
    await visit.reply(text, rows)


async def tapped(visit: Visit) -> None:
    """A button of the panel, of a list of choices, or of a diff."""
    button = visit.tapped()
    draft, what, value = button.number(0), button.word(1), button.word(2)
    if what in screens.CHOICES:
        _number, found = await schedule_changes.in_force(visit.work, visit.actor)
        if draft:
            found = (await schedule_changes.look(visit.work, visit.actor, draft)).new
        await visit.edit(*screens.choices(what, draft, found))
    elif what == "type":
        await _ask_hours(visit, draft)
    elif what in _EDITS:
        await _edit(visit, draft, _EDITS[what](value))
    else:
        await _decide(visit, draft, what, value)


async def answered(visit: Visit, draft: int) -> None:
    """The reply with other hours."""
    found = _HOURS.fullmatch(visit.text)
    if found is None:
        await visit.reply(_("I cannot read that."))
        await _ask_hours(visit, draft)
        return
    hours = float(found[1]) * (24 if (found[2] or "h").lower().startswith("d") else 1)
    await _edit(visit, draft, lambda now: schedules.with_step(now, hours))


async def _ask_hours(visit: Visit, draft: int) -> None:
    await visit.ask(
        _("[schedule {draft}] How long after the session? Reply to this message with hours or "
          "days, for example: 72, or 7 days").format(draft=draft)
    )  # fmt: skip


async def _edit(visit: Visit, draft: int, edit: Edit) -> None:
    try:
        preview = await schedule_changes.change(visit.work, visit.actor, draft, edit)
    except InvalidScheduleError as error:
        if visit.button is None:
            await visit.reply(wording.refusal(error.reason))
        else:
            await visit.toast(wording.refusal(error.reason), alert=True)
        return
    await _show(visit, preview)


async def _decide(visit: Visit, draft: int, what: str, value: str) -> None:
    if what == "page":
        preview = await schedule_changes.look(visit.work, visit.actor, draft)
        await _show(visit, preview, page=int(value))
    elif what == "anew":
        await _show(visit, await schedule_changes.look(visit.work, visit.actor, draft, anew=True))
    elif what == "undo":
        await _show(visit, await schedule_changes.undo(visit.work, visit.actor, draft))
    elif what == "apply":
        await _apply(visit, draft, running=value == "all")
    elif what == "more":
        preview = await schedule_changes.look(visit.work, visit.actor, draft)
        await visit.edit(*screens.panel(preview.number, preview.new, draft))
    elif what == "cancel" and draft:
        await schedule_changes.cancel(visit.work, visit.actor, draft)
        await visit.edit(_("Nothing was changed. /schedule shows the schedule."))
    else:
        number, found = await schedule_changes.in_force(visit.work, visit.actor)
        await visit.edit(*screens.panel(number, found))


async def _apply(visit: Visit, draft: int, *, running: bool) -> None:
    try:
        done = await schedule_changes.apply(visit.work, visit.actor, draft, running=running)
    except LookAgainError as again:
        await _show(visit, again.preview, changed=True)
        return
    lines = [
        _("The schedule was changed (version {number}).").format(number=done.number),
        *wording.lines(done.schedule),
    ]
    if running:
        lines.append(_("Moved with it: {what}.").format(what=wording.affected(done.moves)))
    else:
        lines.append(_("It holds for new sessions. What is planned already keeps its times."))
    await visit.edit("\n".join(lines), [[(_("Undo"), pack("sc", done.number, "undo", "0"))]])


async def _show(visit: Visit, preview: Preview, *, page: int = 0, changed: bool = False) -> None:
    text, rows = screens.diff(preview, visit.work.clock.now(), page=page, changed=changed)
    if visit.button is None:
        await visit.reply(text, rows)
    else:
        await visit.edit(text, rows)


def _preset(now: Schedule, value: str) -> Schedule:
    found = schedules.with_steps(now, PRESETS[value])
    return schedules.with_week(found, on=True) if value == "week" else found


def _window(value: str) -> Edit:
    start, end = (time(int(hour)) for hour in value.split("-"))
    return lambda now: schedules.with_window(now, start, end)


def _reminders(value: str) -> Edit:
    hours = tuple(float(part) for part in value.split("-") if part != "none")
    return lambda now: schedules.with_reminders(now, hours)


# What a choice's button does to a schedule, by the button's second word.
_EDITS: dict[str, Callable[[str], Edit]] = {
    "add": lambda value: lambda now: schedules.with_step(now, float(value)),
    "drop": lambda value: lambda now: schedules.without_step(now, value),
    "move": lambda value: lambda now: schedules.moved_step(now, *value.split("-")),
    "preset": lambda value: lambda now: _preset(now, value),
    "week": lambda value: lambda now: schedules.with_week(now, on=value == "on"),
    "hours": _window,
    "remind": _reminders,
    "close": lambda value: lambda now: schedules.with_closing(now, float(value)),
    "merge": lambda value: lambda now: schedules.with_merging(now, float(value)),
    "count": lambda value: lambda now: schedules.counted(now, same_clock_time=value == "clock"),
}
