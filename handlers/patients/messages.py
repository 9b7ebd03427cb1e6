"""Messages to patients that the outbox carries: each rendered from what is true when it leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import storage.alerts
import storage.people
import storage.treatment
from care.evaluation import Facts, gather
from care.opening_hours import OpeningHours
from care.triage import Level
from care.work import Tx
from handlers.buttons import pack
from handlers.delivery import After, Nothing, NotYet, Outgoing, Rendered, Renderer, Rendering
from handlers.language import N_, _, speaking
from handlers.patients import screens
from handlers.wording import advice
from handlers.wording.areas import area_words
from handlers.wording.moments import moment
from handlers.wording.watch import watch_text
from storage.tables import Clinic, OutboxRow, Patient, TreatmentSession

# What still reaches somebody who said /stop or /pause: the truth about danger.
ALWAYS = frozenset(
    {"emergency_text", "emergency_repeat", "urgent_text", "clinic_not_reached", "nobody_read",
     "seen", "question_one", "result"}
)  # fmt: skip


# An edit notifies nobody: only while the person who tapped still looks is it enough.
AT_THE_TAP = timedelta(minutes=1)


@dataclass(frozen=True)
class Reader:
    """The patient a message goes to, with their clinic."""

    patient: Patient
    clinic: Clinic
    chat_id: int

    @property
    def zone(self) -> str:
        """The zone whose times they read."""
        return self.patient.zone or self.clinic.zone


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
            return Nothing("stopped or paused by the patient")
        with speaking(patient.language):
            return await write(job)

    return render


async def reader_of(job: Rendering) -> Reader:
    """The patient and clinic of a row (`to_patient` has made sure that they are there).

    Raises:
        LookupError: they are gone all the same.
    """
    patient = await storage.people.patient(job.session, job.row.clinic_id, job.row.patient_id or 0)
    clinic = await storage.people.clinic(job.session, job.row.clinic_id)
    if patient is None or clinic is None or patient.chat_id is None:
        raise LookupError("patient or clinic gone")
    return Reader(patient, clinic, patient.chat_id)


async def _facts(job: Rendering) -> Facts | None:
    check = await storage.treatment.check_in(
        job.session, job.row.clinic_id, job.row.check_in_id or 0
    )
    return await gather(job.session, check) if check else None


async def _treated(job: Rendering) -> TreatmentSession | None:
    if job.row.session_id is None:
        return None
    return await storage.treatment.treatment_session(
        job.session, job.row.clinic_id, job.row.session_id
    )


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
        if opens and check.state == "planned":
            check.state, check.opened_at = "open", tx.now
        tx.session.add(check)

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
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None or facts.check_in.state != "planned":
        return Nothing("no longer planned")
    text, rows = screens.screen(facts)
    rows = [*rows, screens.later(facts)]
    if job.may_repeat:
        text = f"{_('In case you missed it:')}\n{text}"
    return Outgoing(reader.chat_id, text, rows, after=_takes_over(opens=True))


async def reminder(job: Rendering) -> Rendered:
    """The check-in again, as a new message that takes it over."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None or facts.check_in.state != "open" or facts.answers:
        return Nothing("answered or closed")
    text, rows = screens.screen(facts)
    rows = [*rows, screens.later(facts)]
    return Outgoing(reader.chat_id, f"{_('A reminder:')}\n{text}", rows, after=_takes_over())


async def away(job: Rendering) -> Rendered:
    """After a gap: the open question again, because Telegram forgets taps."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None or facts.check_in.state != "open":
        return Nothing("answered or closed")
    start = datetime.fromisoformat(str(job.row.detail["from"]))
    end = datetime.fromisoformat(str(job.row.detail["to"]))
    text, rows = screens.screen(facts)
    words = advice.away_text(
        moment(start, reader.zone, job.now), moment(end, reader.zone, job.now)
    )
    return Outgoing(reader.chat_id, f"{words}\n\n{text}", rows, after=_takes_over())


async def question_one(job: Rendering) -> Rendered:
    """After a note: it is kept, notes are not read at once, so please tap question 1."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None:
        return Nothing("gone")
    text, rows = screens.screen(facts, "danger")
    return Outgoing(
        reader.chat_id,
        f"{advice.note_received_text(reader.clinic.emergency_number)}\n\n{text}",
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


async def emergency_text(job: Rendering) -> Rendered:
    """Get help now. Its own message, never overwritten."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None:
        return Nothing("gone")
    session = facts.session
    rules = tuple(str(rule) for rule in list(job.row.detail["rules"]))  # type: ignore[call-overload]
    signs = facts.judged.get("danger_signs", frozenset())
    text = advice.emergency_text(
        rules,
        day=moment(session.at, reader.zone, job.now) if session else "",
        area=area_words(session.regions) if session else "",
        emergency_number=reader.clinic.emergency_number,
        danger_signs=signs if isinstance(signs, frozenset) else frozenset(),
    )
    check_id = facts.check_in.id or 0
    return Outgoing(
        reader.chat_id,
        text,
        [
            [(_("I am getting help"), pack("h", check_id))],
            [(_("I made a mistake"), pack("m", check_id))],
        ],
    )


async def urgent_text(job: Rendering) -> Rendered:
    """This needs a call today."""
    reader = await reader_of(job)
    alert = await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)
    if alert is None:
        return Nothing("gone")
    clinic = reader.clinic
    hours = OpeningHours.from_json(clinic.opening_hours)
    open_now = hours.is_open(job.now, clinic.zone)
    opens = None if open_now else hours.next_opening(job.now, clinic.zone)
    text = advice.urgent_text(
        deadline=moment(alert.deadline_at, reader.zone, job.now),
        clinic_phone=clinic.phone,
        urgent_number=clinic.urgent_number,
        emergency_number=clinic.emergency_number,
        open_now=open_now,
        opens_at=moment(opens, reader.zone, job.now) if opens else None,
    )
    return Outgoing(reader.chat_id, text)


async def clinic_not_reached(job: Rendering) -> Rendered:
    """No copy was delivered to anyone within two minutes."""
    reader = await reader_of(job)
    alert = await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)
    if alert is None or alert.state != "open":
        return Nothing("acknowledged")
    return Outgoing(
        reader.chat_id,
        advice.could_not_reach_clinic_text(reader.clinic.phone, reader.clinic.emergency_number),
    )


async def nobody_read(job: Rendering) -> Rendered:
    """The deadline went by and nobody acknowledged."""
    reader = await reader_of(job)
    alert = await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)
    if alert is None or alert.state != "open":
        return Nothing("acknowledged")
    return Outgoing(
        reader.chat_id,
        advice.nobody_read_text(reader.clinic.phone, reader.clinic.emergency_number),
    )


async def seen(job: Rendering) -> Rendered:
    """A clinician tapped: your clinic saw this."""
    reader = await reader_of(job)
    at = datetime.fromisoformat(str(job.row.detail["at"]))
    return Outgoing(reader.chat_id, advice.seen_text(moment(at, reader.zone, job.now)))


async def result(job: Rendering) -> Rendered:
    """The end of a check-in: drawn into its message at the tap, a new message when that failed."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None:
        return Nothing("gone")
    ended = facts.check_in.ended_at
    at_the_tap = ended is not None and job.now - ended < AT_THE_TAP and not job.may_repeat
    return Outgoing(
        reader.chat_id,
        await closing_words(job, facts, reader),
        screens.after_buttons(facts),
        edit=facts.check_in.message_id if at_the_tap else None,
        after=_takes_over(),
    )


async def closing_words(job: Rendering, facts: Facts, reader: Reader) -> str:
    """What the patient is told at the end, by the highest level the check-in ever had."""
    check = facts.check_in
    if check.level == Level.none and check.state == "complete":
        upcoming = await _next_check(job, facts)
        return advice.none_text(moment(upcoming, reader.zone, job.now) if upcoming else None)
    if check.level == Level.watch:
        return watch_text([rule for rule in check.rules if rule.startswith("W")])
    if check.level == Level.none:
        return advice.no_answer_text()
    return _("Thank you. Your answers are saved. Please follow the advice that we sent you.")


async def _next_check(job: Rendering, facts: Facts) -> datetime | None:
    if facts.check_in.session_id is None:
        return None
    checks = await storage.treatment.check_ins_of_session(job.session, facts.check_in.session_id)
    coming = [check.due_at for check in checks if check.state == "planned"]
    return min(coming, default=None)


async def closed_note(job: Rendering) -> Rendered:
    """A check-in closed by time: never shown as well."""
    reader, facts = await reader_of(job), await _facts(job)
    if facts is None:
        return Nothing("gone")
    return Outgoing(
        reader.chat_id,
        await closing_words(job, facts, reader),
        [[(_("Report a problem"), pack("r", reader.patient.id or 0))]],
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
    "question_one": question_one,
    "pointer": pointer,
    "emergency_text": emergency_text,
    "emergency_repeat": emergency_text,
    "urgent_text": urgent_text,
    "clinic_not_reached": clinic_not_reached,
    "nobody_read": nobody_read,
    "seen": seen,
    "result": result,
    "closed_note": closed_note,
    "session_note": session_note,
}

RENDERERS = {kind: to_patient(write) for kind, write in _WRITERS.items()}
