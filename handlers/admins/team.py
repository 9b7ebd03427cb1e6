"""/team: who is told after whom, who is away, when the clinic is closed, how long alerts wait."""

import re
from datetime import date, timedelta

from care import roster
from care.actors import RefusedError
from care.date_spans import parse_span
from care.local_days import local
from care.roster import BOUNDS, ChangedMeanwhileError, InvalidRotaError
from care.team import set_duty
from handlers.admins.team_words import (
    TIMES,
    Panel,
    changed_words,
    panel_rows,
    panel_text,
    read_panel,
    span_words,
)
from handlers.buttons import Rows, pack
from handlers.desk import Visit
from handlers.language import N_, _
from storage.tables import RotaChange

# How a question names what its answer is about; the last number is the version it was asked at.
ASKED = re.compile(r"\[(away|closed|[a-z_]+_minutes):(\d{1,12}):(\d{1,12})\]")
# Choices of days: what they are called, the first day from today, and how many days.
SPANS = {
    "today": (N_("Today"), 0, 1),
    "tomorrow": (N_("Tomorrow"), 1, 1),
    "week": (N_("1 week from today"), 0, 7),
    "fortnight": (N_("2 weeks from today"), 0, 14),
}
MINUTES = {
    "emergency_minutes": (5, 10, 15, 20),
    "emergency_repeat_minutes": (5, 10, 15, 20),
    "urgent_minutes": (30, 60, 90, 120),
    "urgent_repeat_minutes": (30, 60, 90, 120),
}


async def team(visit: Visit) -> None:
    """/team: the panel, as a new message."""
    panel = await _panel(visit)
    await visit.reply(panel_text(panel), panel_rows(panel))


async def tapped(visit: Visit) -> None:
    """A button of the panel: tm:what:version:number."""
    if not visit.in_private:
        await visit.toast(_("The team is managed in the private chat with me only."), alert=True)
        return
    button = visit.tapped()
    what, seen, number = button.word(0), button.number(1), button.number(2)
    screens = {"show": _show, "away": _ask_away, "closed": _ask_closed, "times": _ask_times}
    if what in screens:
        await screens[what](visit, number)
        return
    if what in ("on", "off"):
        await set_duty(visit.work, visit.actor, on=what == "on", person_id=number)
        await _show(visit, number)
        return
    try:
        await _confirm(visit, await _changed(visit, what, seen, number))
    except (ChangedMeanwhileError, InvalidRotaError) as error:
        await _refused(visit, error)


async def _changed(visit: Visit, what: str, seen: int, number: int) -> RotaChange:
    work, actor = visit.work, visit.actor
    if what in ("up", "down"):
        return await roster.move(work, actor, seen, number, up=what == "up")
    if what == "back":
        return await roster.remove_absence(work, actor, seen, number)
    if what == "open":
        day = date.fromordinal(number)
        return await roster.open_days(work, actor, seen, day, await _end_of(visit, day))
    if what == "undo":
        return await roster.undo(work, actor, number)
    raise RefusedError("no such button")


async def _end_of(visit: Visit, day: date) -> date:
    """The last day of the run of closed days that begins with this one."""
    panel = await _panel(visit)
    return next((last for first, last in panel.closed if first <= day <= last), day)


async def days_tapped(visit: Visit) -> None:
    """A choice of days: td:version:person:choice; person 0 is the clinic itself."""
    seen, person = visit.tapped().number(0), visit.tapped().number(1)
    choice = visit.tapped().word(2)
    kind = "away" if person else "closed"
    if choice == "typed":
        await visit.ask(
            _("Which days? [{mark}] Reply to this message, for example: 3-10 Dec").format(
                mark=f"{kind}:{person}:{seen}"
            )
        )
        return
    if choice not in SPANS:
        raise RefusedError("no such days")
    _label, start, count = SPANS[choice]
    first = await _today(visit) + timedelta(days=start)
    await _set_days(visit, seen, person, first, first + timedelta(days=count - 1))


async def minutes_tapped(visit: Visit) -> None:
    """A choice of minutes: tt:name:version:minutes; 0 asks for another number."""
    name, seen = visit.tapped().word(0), visit.tapped().number(1)
    minutes = visit.tapped().number(2)
    if name not in BOUNDS:
        raise RefusedError("no such time")
    if minutes == 0:
        least, most = BOUNDS[name]
        await visit.ask(
            _("{label}: how many minutes, {least} to {most}? [{mark}] Reply to this message")
            .format(label=_(TIMES[name]), least=least, most=most, mark=f"{name}:0:{seen}")
        )  # fmt: skip
        return
    await _set_minutes(visit, name, seen, minutes)


async def answered(visit: Visit, kind: str, number: int, seen: int) -> None:
    """The reply to a question about days or minutes."""
    words = visit.text.strip()
    if kind in BOUNDS:
        await _set_minutes(visit, kind, seen, int(words) if re.fullmatch(r"\d{1,4}", words) else 0)
        return
    try:
        first, last = parse_span(words, await _today(visit))
    except ValueError:
        await visit.ask(
            _("I cannot read these days. [{mark}] Reply to this message, for example: 3-10 Dec"
              " or 2026-12-03 to 2026-12-10").format(mark=f"{kind}:{number}:{seen}")
        )  # fmt: skip
        return
    await _set_days(visit, seen, number, first, last)


async def _set_days(visit: Visit, seen: int, person: int, first: date, last: date) -> None:
    work, actor = visit.work, visit.actor
    try:
        if person:
            change = await roster.add_absence(work, actor, seen, person, first, last)
        else:
            change = await roster.close_days(work, actor, seen, first, last)
    except (ChangedMeanwhileError, InvalidRotaError) as error:
        await _refused(visit, error)
    else:
        await _confirm(visit, change)


async def _set_minutes(visit: Visit, name: str, seen: int, minutes: int) -> None:
    try:
        change = await roster.set_time(visit.work, visit.actor, seen, name, minutes)
    except (ChangedMeanwhileError, InvalidRotaError) as error:
        await _refused(visit, error)
    else:
        await _confirm(visit, change)


async def _confirm(visit: Visit, change: RotaChange) -> None:
    """What changed, with [Undo]; a new message, so that the way back stays in sight."""
    panel = await _panel(visit)
    await visit.reply(
        _("Changed: {what}").format(what=changed_words(panel, change)),
        [
            [
                (_("Undo"), pack("tm", "undo", 0, change.version)),
                (_("Team"), pack("tm", "show", 0, 0)),
            ]
        ],
    )


async def _refused(visit: Visit, error: ChangedMeanwhileError | InvalidRotaError) -> None:
    panel = await _panel(visit)
    if isinstance(error, ChangedMeanwhileError) and error.change is not None:
        words = _("Not done: {name} changed the team meanwhile: {what}. Look again.").format(
            name=panel.name_of(error.change.changed_by), what=changed_words(panel, error.change)
        )
    elif isinstance(error, ChangedMeanwhileError):
        words = _("Not done: this has changed meanwhile. Look again.")
    elif str(error) in BOUNDS:
        least, most = BOUNDS[str(error)]
        words = _("Not done: it takes {least} to {most} minutes.").format(least=least, most=most)
    else:
        words = _("Nothing has changed: it is like that already, or these days cannot be.")
    await visit.reply(words, [[(_("Team"), pack("tm", "show", 0, 0))]])


async def _show(visit: Visit, _number: int) -> None:
    panel = await _panel(visit)
    await visit.edit(panel_text(panel), panel_rows(panel))


async def _ask_away(visit: Visit, person: int) -> None:
    panel = await _panel(visit)
    rows: list[list[tuple[str, str]]] = [
        [
            (
                _("Remove {days}").format(days=span_words(one.first, one.last)),
                pack("tm", "back", panel.version, one.id or 0),
            )
        ]
        for one in panel.absences
        if one.person_id == person
    ]
    title = _("When is {name} away?").format(name=panel.name_of(person))
    await visit.reply(title, [*rows, *_day_rows(panel.version, person)])


async def _ask_closed(visit: Visit, _number: int) -> None:
    panel = await _panel(visit)
    rows = [
        [
            (
                _("Open again {days}").format(days=span_words(first, last)),
                pack("tm", "open", panel.version, first.toordinal()),
            )
        ]
        for first, last in panel.closed
    ]
    title = _("On which days is the clinic closed?")
    await visit.reply(title, [*rows, *_day_rows(panel.version, 0)])


async def _ask_times(visit: Visit, _number: int) -> None:
    panel = await _panel(visit)
    lines, rows = [], list[list[tuple[str, str]]]()
    for name, label in TIMES.items():
        lines.append(f"{_(label)}: <b>{panel.times[name]} min</b>")
        choices = [(f"{count} min", count) for count in MINUTES[name]]
        rows.append(
            [
                (f"{label_of(name)} {text}", pack("tt", name, panel.version, count))
                for text, count in choices
            ]
        )
        rows.append([(f"{label_of(name)} …", pack("tt", name, panel.version, 0))])
    await visit.reply("\n".join(lines), rows)


def label_of(name: str) -> str:
    """A sign before a number of minutes: which time it sets."""
    return ("🆘" if name.startswith("emergency") else "❗") + ("↻" if "repeat" in name else "")


def _day_rows(version: int, person: int) -> Rows:
    choices = [(_(label), pack("td", version, person, one)) for one, (label, *_n) in SPANS.items()]
    other = (_("Other days"), pack("td", version, person, "typed"))
    return [choices[:2], choices[2:], [other, (_("Team"), pack("tm", "show", 0, 0))]]


async def _today(visit: Visit) -> date:
    panel = await _panel(visit)
    return local(visit.work.clock.now(), panel.zone).date()


async def _panel(visit: Visit) -> Panel:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        return await read_panel(session, clinic_id, visit.work.clock.now(), visit.work.cipher)
