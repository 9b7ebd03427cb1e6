"""A patient's course as clinicians read it: brief, table, alerts, notes, photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.letters
import storage.people
import storage.treatment
from care import timing
from care.course import NERVE_SIGNS, SessionCourse, courses
from care.course_end import first_and_last_pain
from handlers.buttons import Rows, pack
from handlers.charts import WORDS, day_of, shown_ratings
from handlers.clinicians.drafts import Draft
from handlers.language import N_, _
from handlers.photos import Photo
from handlers.wording import questions as wording
from handlers.wording.moments import moment
from storage.cipher import Cipher
from storage.tables import Alert, Note, Patient

MOST_SESSIONS, MOST_ALERTS, MOST_NOTES, MOST_PHOTOS = 3, 5, 5, 3
IN_TABLE = ("pain", "soreness", "bruising")
NORMAL = frozenset({"none", "no"})
STATES = {
    "planned": N_("planned"),
    "open": N_("waiting for an answer"),
    "complete": N_("answered"),
    "no_answer": N_("no answer"),
    "abandoned": N_("left half-way"),
    "missed": N_("not sent in time"),
}
HAPPENED = {
    "opened": N_("opened"),
    "raised": N_("raised"),
    "escalated": N_("escalated"),
    "acknowledged": N_("taken"),
    "handed_over": N_("handed over"),
    "reopened": N_("reopened"),
    "closed": N_("closed"),
}


@dataclass(frozen=True)
class View:
    """Everything /patient shows of one patient.

    Attributes:
        zone: the clinic's, whose times clinicians read.
        photos: the latest of each day, oldest first.
    """

    patient: Patient
    zone: str
    courses: tuple[SessionCourse, ...]
    text: str
    photos: tuple[Photo, ...]
    rows: Rows

    @property
    def charted(self) -> list[SessionCourse]:
        """The sessions that have something to draw."""
        return [course for course in self.courses if shown_ratings(course)]


async def view_of(session: AsyncSession, found: Patient, cipher: Cipher, now: datetime) -> View:
    """Gather a patient's course."""
    clinic = await storage.people.clinic(session, found.clinic_id)
    zone = clinic.zone if clinic else "UTC"
    patient_id = found.id or 0
    shown = await courses(session, patient_id, most=MOST_SESSIONS)
    notes = await storage.treatment.notes_of(session, patient_id)
    alerts = (await storage.alerts.alerts_of_patient(session, patient_id))[:MOST_ALERTS]
    lines = [f"<b>{escape(found.code)}</b> {escape(cipher.open(found.name))}"]
    if found.joined_at is None:
        lines.append(_("Has not joined yet."))
    if found.unreachable_at is not None:
        lines.append(_("Cannot be reached on Telegram."))
    if shown and shown[-1].has_answers:
        lines.append(brief(shown[-1]))
    for course in reversed(shown):
        lines += _course(course, zone, now)
    for alert in alerts:
        lines += await _alert(session, alert, zone, now)
    for note in notes[-MOST_NOTES:]:
        words = escape(cipher.open(note.body)[:200]) or _("a picture or a file")
        lines.append(f"✎ {moment(note.at, zone, now)}: {words}")
    for letter in (await storage.letters.of_patient(session, patient_id))[-MOST_NOTES:]:
        kind = _("note of the clinic") if letter.state == "kept" else _("sent to the patient")
        words = escape(cipher.open(letter.body)[:200])
        lines.append(f"✉ {moment(letter.created_at, zone, now)} ({kind}): {words}")
    return View(
        found, zone, shown, _cut(lines), _photos(shown, notes, cipher, zone, now),
        _buttons(patient_id, alerts),
    )  # fmt: skip


def _cut(lines: Sequence[str], room: int = 4000) -> str:
    """As many lines as fit: cut between lines, never inside a tag."""
    kept: list[str] = []
    for line in lines:
        if sum(len(one) + 1 for one in kept) + len(line) > room:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def brief(course: SessionCourse) -> str:
    """One line before the next visit: "After the last session: pain 6 → 2, bruise small, …"."""
    before, after = first_and_last_pain(course)
    parts = [_("pain {before} → {after}").format(before=_score(before), after=_score(after))]
    bruises = [rating.word("bruising") for rating in course.ratings]
    worst = next((one for one in ("large", "small", "none") if one in bruises), None)
    if worst is not None:
        parts.append(_("bruise {size}").format(size=_(WORDS[worst])))
    signs = [rating.answers["new"] for rating in course.ratings if "new" in rating.answers]
    nerves = [one for one in signs if isinstance(one, frozenset) and one & NERVE_SIGNS]
    if signs:
        parts.append(_("tingling or numbness reported") if nerves else _("no tingling"))
    if course.alerts:
        parts.append(_("alerts: {numbers}").format(
            numbers=", ".join(f"#{mark.number}" for mark in course.alerts)
        ))  # fmt: skip
    return _("After the last session: {brief}").format(brief=", ".join(parts))


def _score(pain: int | None) -> str:
    return "?" if pain is None else str(pain)


def _course(course: SessionCourse, zone: str, now: datetime) -> list[str]:
    lines = [
        f"\n<b>{_('Session')} {moment(course.at, zone, now)}</b>",
        f"<pre>{escape(table(course), quote=False)}</pre>",
    ]
    for rating in course.ratings:
        signs = [
            wording.option_sentence(question, one)
            for question, value in rating.answers.items()
            if question not in IN_TABLE
            for one in (sorted(value) if isinstance(value, frozenset) else [str(value)])
            if one not in NORMAL and (question, one) != ("danger", "yes")
        ]
        if signs:
            lines.append(f"{day_of(rating)}: {escape('; '.join(signs), quote=False)}")
    return lines


def table(course: SessionCourse) -> str:
    """Ratings as plain text in columns: when, pain, soreness, bruise, and how the check stands."""
    rows = [("", _("pain"), _("sore"), _("bruise"))]
    rows.append((_("before"), _score(course.pain_before), "", ""))
    for rating in course.ratings:
        words = [rating.word(question) for question in IN_TABLE[1:]]
        if rating.pain is None and not any(words):
            rows.append((rating.step, _(STATES[rating.state]), "", ""))
            continue
        sore, bruise = ("–" if one is None else _(WORDS.get(one, one)) for one in words)
        rows.append((rating.step, _score(rating.pain), sore, bruise))
    full = [row for row in rows if any(row[2:])]
    widths = [max(len(row[0]) for row in rows)]
    widths += [max(len(row[column]) for row in full) for column in (1, 2, 3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


async def _alert(session: AsyncSession, alert: Alert, zone: str, now: datetime) -> list[str]:
    events = [
        f"{_(HAPPENED[event.kind])} {moment(event.at, zone, now)}"
        for event in await storage.alerts.events(session, alert.id or 0)
        if event.kind in HAPPENED
    ]
    rules = ", ".join(alert.rules)
    return [f"\n⚠ <b>#{alert.id}</b> {alert.level}: {rules}", " · ".join(events)]


def _photos(
    shown: Sequence[SessionCourse], notes: Sequence[Note], cipher: Cipher, zone: str, now: datetime
) -> tuple[Photo, ...]:
    """The latest photo of each of the first days after the last session."""
    if not shown:
        return ()
    latest: dict[int, Note] = {}
    for note in notes:
        if note.kind == "photo" and note.media and note.at >= shown[-1].at:
            day = round(timing.elapsed_hours(shown[-1].at, note.at) / 24)
            latest[day] = note
    return tuple(
        Photo(
            f"{_('Day {n}').format(n=day)} · {moment(note.at, zone, now)}", cipher.open(note.media)
        )
        for day, note in sorted(latest.items())[-MOST_PHOTOS:]
    )


def _buttons(patient_id: int, alerts: Sequence[Alert]) -> Rows:
    rows = [[(_("New session"), pack("s", "where", Draft(patient_id).coded()))]]
    rows += [
        [(_("Alert #{number}").format(number=alert.id), pack("al", alert.id or 0))]
        for alert in alerts
        if alert.state != "closed"
    ]
    rows.append([(_("Details"), pack("pd", patient_id))])
    rows.append(
        [(_("New link"), pack("nl", patient_id)), (_("Not my patient"), pack("np", patient_id))]
    )
    return rows
