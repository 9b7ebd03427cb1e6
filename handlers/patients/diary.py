"""/diary and the summary at the end of a course: the patient's own ratings as a picture."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from html import escape

import storage.alerts
import storage.people
import storage.treatment
from care.actors import RefusedError
from care.course import Rating, SessionCourse, course_of, courses
from care.course_end import GIVE_UP, first_and_last_pain
from care.triage import WEEK_CHECK
from handlers import sending
from handlers.buttons import pack
from handlers.charts import WORDS, chart, day_of, shown_ratings
from handlers.delivery import Nothing, NotYet, Rendered, Rendering
from handlers.desk import Visit
from handlers.language import _, speaking
from handlers.outgoing import Outgoing
from handlers.patients.readers import Reader, reader_of
from handlers.sending import CAPTION_LENGTH
from handlers.wording.moments import calendar_date
from handlers.wording.questions import option_label
from storage.tables import Patient

MOST_SESSIONS = 3
RETRY = timedelta(minutes=30)


async def diary(visit: Visit) -> None:
    """/diary: one picture for each patient of this chat."""
    for patient in visit.actor.patients:
        await _show(visit, patient)


async def tapped(visit: Visit) -> None:
    """[My diary]."""
    wanted = visit.tapped().number()
    patient = next((known for known in visit.actor.patients if known.id == wanted), None)
    if patient is None:
        raise RefusedError("not their patient")
    await _show(visit, patient)


async def _show(visit: Visit, patient: Patient) -> None:
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, patient.clinic_id)
        found = await courses(session, patient.id or 0, most=MOST_SESSIONS)
    zone = patient.zone or (clinic.zone if clinic else "UTC")
    rows = [[(_("Report a problem"), pack("r", patient.id or 0))]]
    shown = [course for course in found if shown_ratings(course)]
    whose = visit.work.cipher.open(patient.name) if len(visit.actor.patients) > 1 else ""
    if not shown:
        words = _("Your diary is still empty. It fills with your first check-in, "
                  "about 24 hours after a session.")  # fmt: skip
        await visit.reply(f"<b>{escape(whose)}</b>\n{words}" if whose else words, rows)
        return
    title = _("How you have been") + (f" · {whose[:20]}" if whose else "")
    png = await chart(shown, title=title, zone=zone)
    if not await sending.picture(visit, png, answered(shown, title, zone), rows):
        await visit.reply(answered(shown, title, zone), rows)


def answered(
    shown: Sequence[SessionCourse], title: str, zone: str, room: int = CAPTION_LENGTH
) -> str:
    """The picture in plain words (HTML, at most `room` characters), newest session last."""
    lines = [f"<b>{escape(title)}</b>"]
    for course in shown:
        if len(shown) > 1:
            date = calendar_date(course.at, zone)
            lines.append(f"<b>{_('Session of {date}').format(date=date)}</b>")
        if course.pain_before is not None:
            lines.append(_("Before the session: pain {score}").format(score=course.pain_before))
        lines += [f"{day_of(rating)}: {_rated(rating)}" for rating in shown_ratings(course)]
        lines.append("")
    while len("\n".join(lines)) > room:
        del lines[1]
    return "\n".join(lines).strip()


def _rated(rating: Rating) -> str:
    parts = []
    if rating.pain is not None:
        parts.append(_("pain {score}").format(score=rating.pain))
    for question, words in (("soreness", _("soreness")), ("bruising", _("bruising"))):
        value = rating.word(question)
        if value is not None:
            parts.append(f"{words} {_(WORDS.get(value, value))}")
    week = rating.word(WEEK_CHECK.id)
    if parts or week:
        return ", ".join(parts) or option_label(WEEK_CHECK.id, str(week))
    return _("answered") if rating.answers else _("no answer")


async def course_summary(job: Rendering) -> Rendered:
    """After the last check, when nothing is open: the whole course in one picture."""
    reader = await reader_of(job)
    treated = await storage.treatment.treatment_session(
        job.session, job.row.clinic_id, job.row.session_id or 0
    )
    if treated is None or treated.cancelled_at is not None:
        return Nothing("session cancelled")
    course = await course_of(job.session, treated)
    alerts = await storage.alerts.alerts_of_patient(job.session, reader.patient.id or 0)
    if not course.ended or any(alert.state != "closed" for alert in alerts):
        if job.now - job.row.created_at > GIVE_UP:
            return Nothing("something stayed open")
        return NotYet("something is open", RETRY)
    if not course.has_answers:
        return Nothing("no answers")
    title = _("Your days after the session")
    text = f"{answered([course], title, reader.zone, CAPTION_LENGTH // 2)}\n\n{_summed_up(course)}"
    if job.may_repeat:
        text = f"{_('In case you missed it:')}\n{text}"
    return Outgoing(
        reader.chat_id,
        text,
        [[(_("Report a problem"), pack("r", reader.patient.id or 0))]],
        photo=partial(_drawn, course, title, reader),
    )


async def _drawn(course: SessionCourse, title: str, reader: Reader) -> bytes:
    with speaking(reader.patient.language):
        return await chart([course], title=title, zone=reader.zone)


def _summed_up(course: SessionCourse) -> str:
    before, after = first_and_last_pain(course)
    change = ""
    if before is not None and after is not None:
        change = _("Your pain went from {before} to {after}.").format(before=before, after=after)
    thanks = _("Thank you for answering. If something changes later, send /report.")
    return f"{change} {thanks}".strip()
