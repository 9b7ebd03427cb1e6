"""Messages to patients that the outbox carries: each rendered from what is true when it leaves."""

from dataclasses import replace
from datetime import datetime, timedelta

import storage.alerts
import storage.people
import storage.treatment
from care import checkins, course_end, together
from care.away import LONG_GAP
from care.evaluation import Facts
from care.triage import WEEK, Level
from care.typed import QUIET
from care.work import Tx
from handlers.buttons import pack
from handlers.delivery import Nothing, NotYet, Rendered, Renderer, Rendering
from handlers.language import N_, _, speaking
from handlers.outgoing import After, Outgoing
from handlers.patients import danger, diary, screens, shared
from handlers.patients.readers import Reader, facts_of, reader_of
from handlers.wording import advice
from handlers.wording.areas import area_words
from handlers.wording.moments import calendar_date, moment
from handlers.wording.watch import watch_text
from storage.tables import OutboxRow, TreatmentSession

# What still reaches somebody who said /stop or /pause: the truth about danger, and what a
# clinician chose to write to them.
ALWAYS = frozenset(
    {"emergency_text", "emergency_repeat", "urgent_text", "clinic_not_reached", "nobody_read",
     "seen", "question_one", "result", "clinic_message"}
)  # fmt: skip


# An edit notifies nobody: only while the person who tapped still looks is it enough.
AT_THE_TAP = timedelta(minutes=1)


def to_patient(write: Renderer) -> Renderer:
    """Wrap a renderer: who is it for, can it reach them, do they want it, in their language."""

    async def render(job: Rendering) -> Rendered:
        patient = await storage.people.patient(
            job.session, job.row.clinic_id, job.row.patient_id or 0
        )
        if patient is None:
            return Nothing("patient gone")
        if patient.chat_id is None:
            return NotYet("not joined")
        unwanted = patient.stopped_at is not None or (
            patient.paused_until is not None and patient.paused_until > job.now
        )
        if unwanted and job.row.kind not in ALWAYS:
            # A check-in that nobody was asked is on record as that.
            asking = job.row.kind == "check_in"
            return Nothing("stopped or paused by the patient", missed=asking)
        with speaking(patient.language):
            written = await write(job)
        if isinstance(written, Outgoing) and not written.edit_only:
            head = await shared.heading(job, patient)
            return replace(written, text=f"{head}{written.text}")
        return written

    return render


async def _treated(job: Rendering) -> TreatmentSession | None:
    if job.row.session_id is None:
        return None
    return await storage.treatment.treatment_session(
        job.session, job.row.clinic_id, job.row.session_id
    )


def _then_summary(after: After | None = None) -> After:
    """Once this has been told, the course may be over: its summary comes next."""

    async def both(tx: Tx, row: OutboxRow) -> None:
        if after is not None:
            await after(tx, row)
        await course_end.offer_summary(tx, row)

    return both


def _takes_over(*, opens: bool = False) -> After:
    """Once sent, this message is the check-in's screen; the one before points to it."""

    async def after(tx: Tx, row: OutboxRow) -> None:
        check = await storage.treatment.check_in(tx.session, row.clinic_id, row.check_in_id or 0)
        if check is None or row.message_id is None:
            return
        if check.message_id is not None and check.message_id != row.message_id:
            await tx.enqueue(
                "pointer",
                f"pointer:{row.id}",
                clinic_id=row.clinic_id,
                patient_id=row.patient_id,
                check_in_id=check.id,
                detail={"message": check.message_id},
            )
        check.chat_id, check.message_id = row.chat_id, row.message_id
        tx.session.add(check)
        if opens and check.state == "planned":
            await checkins.opened(tx, check)

    return after


async def safety(job: Rendering) -> Rendered:
    """About 2 h after the session: what needs help at once. No reply needed."""
    reader, session = await reader_of(job), await _treated(job)
    if session is None or session.cancelled_at is not None:
        return Nothing("session cancelled")
    text = advice.safety_text(area_words(session.regions), reader.clinic.emergency_number)
    return Outgoing(
        reader.chat_id, text, [[(_("Report a problem"), pack("r", reader.patient.id or 0))]]
    )


async def check_in(job: Rendering) -> Rendered:
    """The check-in, open on question 1."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None or facts.check_in.state != "planned":
        return Nothing("no longer planned")
    if facts.check_in.merged_into is not None:
        return NotYet("asked within another check-in")
    text, rows = screens.screen(facts)
    rows = [*rows, screens.later(facts)]
    if job.may_repeat:
        text = f"{_('In case you missed it:')}\n{text}"
    return Outgoing(reader.chat_id, text, rows, after=_takes_over(opens=True))


async def reminder(job: Rendering) -> Rendered:
    """The check-in again, as a new message that takes it over."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None or facts.check_in.state != "open" or facts.answers:
        return Nothing("answered or closed")
    text, rows = screens.screen(facts)
    rows = [*rows, screens.later(facts)]
    return Outgoing(reader.chat_id, f"{_('A reminder:')}\n{text}", rows, after=_takes_over())


async def away(job: Rendering) -> Rendered:
    """After a gap: the open question again, because Telegram forgets taps."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None or facts.check_in.state != "open":
        return Nothing("answered or closed")
    start = datetime.fromisoformat(str(job.row.detail["from"]))
    end = datetime.fromisoformat(str(job.row.detail["to"]))
    text, rows = screens.screen(facts)
    say = advice.away_long_text if end - start > LONG_GAP else advice.away_text
    words = say(moment(start, reader.zone, job.now), moment(end, reader.zone, job.now))
    return Outgoing(reader.chat_id, f"{words}\n\n{text}", rows, after=_takes_over())


async def long_away(job: Rendering) -> Rendered:
    """After more than a day: what was written may be lost, too."""
    reader = await reader_of(job)
    start, end = (
        moment(datetime.fromisoformat(str(job.row.detail[key])), reader.zone, job.now)
        for key in ("from", "to")
    )
    report = [[(_("Report a problem"), pack("r", job.row.patient_id or 0))]]
    return Outgoing(reader.chat_id, advice.away_long_text(start, end), report)


async def question_one(job: Rendering) -> Rendered:
    """After a note: it is kept, notes are not read at once, so please tap question 1."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None:
        return Nothing("gone")
    text, rows = screens.screen(facts, "danger")
    note = await storage.treatment.note(job.session, job.row.clinic_id, job.row.note_id or 0)
    number = reader.clinic.emergency_number
    head = advice.note_received_text(number)
    if note is not None and note.read_as not in ("", QUIET):
        head = advice.typed_sign_text(job.cipher.open(note.body)[:200], number)
    return Outgoing(
        reader.chat_id,
        f"{head}\n\n{text}",
        rows,
        after=_takes_over(),
    )


async def pointer(job: Rendering) -> Rendered:
    """The older message of a check-in says that it goes on below."""
    reader = await reader_of(job)
    return Outgoing(
        reader.chat_id,
        _("This check goes on below."),
        edit=int(str(job.row.detail["message"])),
        edit_only=True,
    )


async def result(job: Rendering) -> Rendered:
    """The end of a check-in: drawn into its message at the tap, a new message when that failed."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None:
        return Nothing("gone")
    ended = facts.check_in.ended_at
    at_the_tap = ended is not None and job.now - ended < AT_THE_TAP and not job.may_repeat
    return Outgoing(
        reader.chat_id,
        await closing_words(job, facts, reader),
        screens.after_buttons(facts),
        edit=together.lead(facts).message_id if at_the_tap else None,
        after=_then_summary(_takes_over()),
    )


async def closing_words(job: Rendering, facts: Facts, reader: Reader) -> str:
    """What the patient is told at the end, by the highest level the check-in ever had."""
    check = together.as_one(facts)
    if check.step == WEEK and check.state == "complete" and check.level <= Level.watch:
        return _week_words(facts, reader)
    if check.level == Level.none and check.state == "complete":
        upcoming = await _next_check(job, facts)
        return advice.none_text(moment(upcoming, reader.zone, job.now) if upcoming else None)
    silent = check.state == "abandoned" and set(check.rules) <= {"W8"}
    if check.state == "no_answer" or silent:
        return advice.no_answer_text()
    if check.level == Level.watch:
        return watch_text([rule for rule in check.rules if rule.startswith("W")])
    if check.level == Level.none:
        return advice.no_answer_text()
    return _("Thank you. Your answers are saved. Please follow the advice that we sent you.")


def _week_words(facts: Facts, reader: Reader) -> str:
    """The end of day 7: what the answers ask for, and that an infection can still come."""
    check, session = together.as_one(facts), facts.session
    lines = [_("Thank you. Your answer is saved.")]
    if check.level == Level.watch:
        rules = [rule for rule in check.rules if rule.startswith("W")]
        lines = [watch_text(rules)]
    if session is not None:
        lines.append(advice.week_end_text(calendar_date(session.at, reader.zone)))
    return "\n".join(lines)


async def _next_check(job: Rendering, facts: Facts) -> datetime | None:
    coming: list[datetime] = []
    for one in (facts, *facts.others):
        if one.check_in.session_id is not None:
            checks = await storage.treatment.check_ins_of_session(
                job.session, one.check_in.session_id
            )
            coming += [check.due_at for check in checks if check.state == "planned"]
    return min(coming, default=None)


async def closed_note(job: Rendering) -> Rendered:
    """A check-in closed by time: never shown as well."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None:
        return Nothing("gone")
    return Outgoing(
        reader.chat_id,
        await closing_words(job, facts, reader),
        [[(_("Report a problem"), pack("r", reader.patient.id or 0))]],
        after=_then_summary(),
    )


SESSION_NOTES = {
    "session_moved": N_("Your clinic corrected your session to {when}. Check-ins follow it."),
    "session_cancelled": N_("Your clinic cancelled the session of {when}. No more checks for it."),
}


async def session_note(job: Rendering) -> Rendered:
    """A session was moved or cancelled: one line."""
    reader, session = await reader_of(job), await _treated(job)
    if session is None:
        return Nothing("gone")
    words = _(SESSION_NOTES[str(job.row.detail["text"])])
    return Outgoing(reader.chat_id, words.format(when=moment(session.at, reader.zone, job.now)))


_WRITERS: dict[str, Renderer] = {
    "safety": safety,
    "check_in": check_in,
    "reminder": reminder,
    "away": away,
    "long_away": long_away,
    "question_one": question_one,
    "pointer": pointer,
    **danger.WRITERS,
    "result": result,
    "closed_note": closed_note,
    "course_summary": diary.course_summary,
    "session_note": session_note,
}

RENDERERS = {kind: to_patient(write) for kind, write in _WRITERS.items()}
