"""The team's panel: what it shows, and what a change of it is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from babel.dates import format_skeleton
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
import storage.rota
from care import roster
from care.actors import RefusedError
from care.local_days import local
from care.opening_hours import OpeningHours
from care.roster import BOUNDS
from care.rota import rota_of
from handlers.buttons import Rows, pack
from handlers.language import N_, _
from handlers.wording.moments import reader_locale
from storage.cipher import Cipher
from storage.tables import Absence, RotaChange

TIMES = {
    "emergency_minutes": N_("Emergency, until the next is told"),
    "emergency_repeat_minutes": N_("Emergency, told again every"),
    "urgent_minutes": N_("Urgent, until the next is told"),
    "urgent_repeat_minutes": N_("Urgent, told again every"),
}
# Telegram takes 100 buttons on a message.
MOST_PEOPLE = 24
MOST_DAYS = 12


@dataclass(frozen=True)
class Member:
    """One line of the rota."""

    id: int
    name: str
    on_duty: bool
    away: bool
    reachable: bool


@dataclass(frozen=True)
class Panel:
    """Everything the panel shows; `version` goes into its buttons, days are the clinic's."""

    version: int
    zone: str
    members: tuple[Member, ...]
    absences: tuple[Absence, ...]
    closed: tuple[tuple[date, date], ...]
    times: dict[str, int]

    def name_of(self, person_id: int | None) -> str:
        """A member's name, escaped."""
        names = {member.id: member.name for member in self.members}
        return escape(names.get(person_id or 0, _("A colleague")))


async def read_panel(
    session: AsyncSession, clinic_id: int, now: datetime, cipher: Cipher
) -> Panel:
    """Gather the panel as it stands. What is over (absences, closed days) is left out.

    Raises:
        RefusedError: no such clinic.
    """
    clinic = await storage.people.clinic(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    rota = await rota_of(session, clinic_id, now)
    today = local(now, clinic.zone).date()
    hours = OpeningHours.from_json(clinic.opening_hours)
    return Panel(
        version=await roster.version(session, clinic_id),
        zone=clinic.zone,
        members=tuple(
            Member(
                member.id or 0,
                cipher.open(member.name) or _("Colleague"),
                member.on_duty,
                member.id in rota.away,
                member.reachable,
            )
            for member in rota.members
        ),
        absences=tuple(
            one for one in await storage.rota.absences(session, clinic_id) if one.last >= today
        ),
        closed=runs(day for day in hours.closed if day >= today),
        times={name: int(getattr(clinic, name)) for name in BOUNDS},
    )


def runs(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Days that follow each other, together: (first, last), in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)


def panel_text(panel: Panel) -> str:
    """The panel in words, HTML."""
    lines = [f"<b>{_('Team')}</b>", _("Alerts go to whoever is on duty (●), then down this list:")]
    for place, member in enumerate(panel.members, start=1):
        duty = " ● " + _("on duty") if member.on_duty else ""
        state = ""
        if not member.reachable:
            state = " · " + _("never started me, gets no cards")
        elif member.away:
            state = " · " + _("away now")
        lines.append(f"{place}. {escape(member.name)}{duty}{state}")
    lines += [
        _("{name} is away {days}").format(
            name=panel.name_of(one.person_id), days=span_words(one.first, one.last)
        )
        for one in panel.absences[:MOST_DAYS]
    ]
    closed = ", ".join(span_words(first, last) for first, last in panel.closed[:MOST_DAYS])
    lines.append(_("Clinic closed: {days}").format(days=closed or _("no days")))
    lines += [f"{_(label)}: {panel.times[name]} min" for name, label in TIMES.items()]
    return "\n".join(lines)


def panel_rows(panel: Panel) -> Rows:
    """A row for each person, then the rest."""
    rows: list[list[tuple[str, str]]] = []
    for member in panel.members[:MOST_PEOPLE]:
        name = member.name[:16]
        rows.append(
            [
                (f"▲ {name}", pack("tm", "up", panel.version, member.id)),
                (f"▼ {name}", pack("tm", "down", panel.version, member.id)),
                (_("{name}: away").format(name=name), pack("tm", "away", 0, member.id)),
            ]
        )
        rows.append([_duty_button(member)])
    rows.append(
        [
            (_("Closed days"), pack("tm", "closed", 0, 0)),
            (_("Waiting times"), pack("tm", "times", 0, 0)),
        ]
    )
    return rows


def _duty_button(member: Member) -> tuple[str, str]:
    words = _("Take {name} off duty") if member.on_duty else _("Put {name} on duty")
    what = "off" if member.on_duty else "on"
    return words.format(name=member.name[:24]), pack("tm", what, 0, member.id)


def span_words(first: date, last: date) -> str:
    """Days in the reader's language: "3 Dec 2026", or "24 Dec 2026 - 2 Jan 2027"."""
    begin, end = (str(format_skeleton("yMMMd", day, locale=reader_locale()))
                  for day in (first, last))  # fmt: skip
    return begin if first == last else f"{begin} - {end}"


def changed_words(panel: Panel, change: RotaChange) -> str:
    """What a change did, HTML."""
    before, after = change.before, change.after
    if change.part == "order":
        people = list(after["people"])  # type: ignore[call-overload]
        return _("order: {names}").format(names=", ".join(panel.name_of(one) for one in people))
    if change.part == "away":
        return "; ".join(
            words.format(
                name=panel.name_of(person),
                days=span_words(date.fromisoformat(first), date.fromisoformat(last)),
            )
            for words, (person, first, last) in [
                *((_("{name} is away {days}"), one) for one in _extra(after, before, "spans")),
                *((_("{name} is not away {days}"), one) for one in _extra(before, after, "spans")),
            ]
        )
    if change.part == "closed":
        return "; ".join(
            words.format(days=span_words(first, last))
            for words, days in (
                (_("closed {days}"), _extra(after, before, "days")),
                (_("open again {days}"), _extra(before, after, "days")),
            )
            for first, last in runs(date.fromisoformat(day) for day in days)
        )
    return "; ".join(
        f"{_(TIMES[name])}: {before[name]} → {after[name]} min"
        for name in TIMES
        if before[name] != after[name]
    )


def _extra(more: dict[str, object], less: dict[str, object], name: str) -> list[Any]:
    """What one list holds and the other does not."""
    have, without = list(more[name]), list(less[name])  # type: ignore[call-overload]
    return [one for one in have if one not in without]
