"""The exported tables: one a noun, each column with its meaning."""

from dataclasses import dataclass
from typing import Any

from care.exports.columns import Column, field, local, patient_code, sealed
from care.outbox import KINDS
from care.sessions import REGIONS, RISKS
from storage.tables import (
    ALERT_EVENTS,
    ALERT_STATES,
    CHECK_IN_KINDS,
    CHECK_IN_STATES,
    LEVELS,
    NOTE_KINDS,
    OUTBOX_STATES,
    OUTCOMES,
    Alert,
    AlertEvent,
    Answer,
    Assessment,
    CheckIn,
    Note,
    OutboxRow,
    Patient,
    TreatmentSession,
)


@dataclass(frozen=True)
class Table:
    """One file: the stored rows it is made from, its columns, and those that need a wish.

    `names` are added with --with-names, `words` with --with-words; a table with `only_words`
    is left out without it.
    """

    name: str
    model: Any
    columns: tuple[Column, ...]
    names: tuple[Column, ...] = ()
    words: tuple[Column, ...] = ()
    only_words: bool = False

    def chosen(self, *, names: bool, words: bool) -> tuple[Column, ...]:
        """The columns of this export."""
        return self.columns + (self.names if names else ()) + (self.words if words else ())


def _key(name: str, noun: str) -> Column:
    return field(name, "key", f"names the {noun}", of="id")


_PATIENTS = (
    field("patient", "code", "the patient's code, as on the cards", of="code"),
    field("language", "code", "the language they read, ISO 639-1"),
    field("zone", "text", "their time zone (IANA); empty: the clinic's"),
    field("consent_version", "integer", "the consent they agreed to; empty: none yet"),
    field("joined_at", "time", "when they agreed and joined"),
    field("paused_until", "time", "no questions before this"),
    field("stopped_at", "time", "when they asked for no more questions"),
    field("unreachable_at", "time", "since when Telegram does not deliver to them"),
    field("created_at", "time", "when the clinic added them"),
)
_SESSIONS = (
    _key("session_id", "dry-needling session"),
    patient_code(),
    field("clinician_id", "key", "the member of staff who gave or recorded it"),
    field("at", "time", "when it was given"),
    local("at_local", "at", "when it was given, on the patient's clock"),
    field("regions", "codes", "where was needled; empty: not known", values=REGIONS),
    field("risks", "codes", "the patient's risks", values=RISKS),
    field("pain_before", "integer", "pain before it; empty: not known", unit="0 to 10"),
    field("high_risk", "boolean", "the clinician marked it as high risk"),
    field("recorded_at", "time", "when it was recorded"),
    field("cancelled_at", "time", "when it was called off"),
)
_CHECK_INS = (
    _key("check_in_id", "check-in or report"),
    patient_code(),
    field("session_id", "key", "the session asked about; empty: a report without one"),
    field("kind", "code", "planned by the schedule, or begun by the patient",
          values=CHECK_IN_KINDS),
    field("step", "code", "the step of the schedule, such as 24h"),
    field("protocol_version", "integer", "the version of the questions and rules"),
    field("due_at", "time", "when it is to be sent"),
    local("due_local", "due_at", "when it is to be sent, on the patient's clock"),
    field("closes_at", "time", "when it counts as not answered"),
    field("state", "code", "how far it is; no_answer and missed never mean well",
          values=CHECK_IN_STATES),
    field("opened_at", "time", "when it was sent"),
    field("answered_at", "time", "when the latest answer came"),
    field("ended_at", "time", "when it was complete or closed"),
    field("level", "code", "the highest level it ever had", values=LEVELS),
    field("rules", "codes", "every rule that ever fired"),
    field("level_now", "code", "the level of the answers in force", values=LEVELS),
    field("rules_now", "codes", "the rules that fire for the answers in force"),
    field("timed_out", "codes", "questions whose time ran out"),
    field("merged_into", "key", "the check-in in whose message it is asked; empty: in its own"),
    field("worried", "boolean", "the patient tapped: I'm worried, call me"),
)  # fmt: skip
_ANSWERS = (
    _key("answer_id", "answer"),
    field("check_in_id", "key", "the check-in it belongs to"),
    field("question", "code", "the question's id in the protocol"),
    field("value", "codes", "the answer's ids; a score is its number"),
    field("final", "boolean", "false while boxes were still being ticked"),
    field("at", "time", "when it was given"),
    local("at_local", "at", "when it was given, on the patient's clock"),
    field("superseded_at", "time", "when a correction took its place; empty: in force"),
)
_ASSESSMENTS = (
    _key("assessment_id", "assessment"),
    field("check_in_id", "key", "the check-in that was judged"),
    field("protocol_version", "integer", "the version of the rules"),
    field("hours", "number", "from the session to the latest answer", unit="hours"),
    field("level", "code", "what the rules said", values=LEVELS),
    field("rules", "codes", "the rules that fired, in the protocol's order"),
    field("at", "time", "when it was judged"),
)
_ALERTS = (
    _key("alert_id", "alert"),
    patient_code(),
    field("session_id", "key", "the session it is about; empty: none on file"),
    field("also_sessions", "object", "others it is about, asked together with the first"),
    field("check_in_id", "key", "the check-in that opened it"),
    field("level", "code", "the highest level it ever had", values=LEVELS),
    field("level_now", "code", "the level of the answers in force", values=LEVELS),
    field("rules", "codes", "the reasons"),
    field("state", "code", "open, taken by somebody, or closed", values=ALERT_STATES),
    field("generation", "integer", "how often it was sent anew", unit="times"),
    field("opened_at", "time", "when it was raised"),
    local("opened_local", "opened_at", "when it was raised, on the patient's clock"),
    field("paged_at", "time", "when it was last sent anew"),
    field("deadline_at", "time", "when it was to be taken"),
    field("delivered_at", "time", "when the first copy reached somebody"),
    field("acknowledged_at", "time", "when somebody took it"),
    field("acknowledged_by", "key", "the member of staff who took it"),
    field("closed_at", "time", "when it was closed"),
    field("closed_by", "key", "the member of staff who closed it"),
    field("outcome", "code", "what it turned out to be", values=OUTCOMES),
)
_ALERT_EVENTS = (
    _key("alert_event_id", "event"),
    field("alert_id", "key", "the alert it happened to"),
    field("kind", "code", "what happened", values=ALERT_EVENTS),
    field("person_id", "key", "the member of staff who did it; empty: the bot or the patient"),
    field("generation", "integer", "which sending of the alert", unit="times"),
    field("detail", "object", "codes and keys that belong to it"),
    field("at", "time", "when it happened"),
)
_NOTES = (
    _key("note_id", "note"),
    patient_code(),
    field("session_id", "key", "the session it is about"),
    field("check_in_id", "key", "the check-in it came during"),
    field("alert_id", "key", "the alert it belongs to"),
    field("kind", "code", "what was sent", values=NOTE_KINDS),
    field("read_as", "text", "signs that the machine read; none: no sign; empty: not read"),
    field("edited", "boolean", "the patient edited an earlier message"),
    field("at", "time", "when it came"),
    sealed("body", "the patient's words or the caption"),
)
_MESSAGES = (
    _key("message_id", "message"),
    field("kind", "code", "what it says",
          values=tuple(kind.name for kind in KINDS.values() if kind.sends)),
    patient_code(),
    field("person_id", "key", "the member of staff it is for"),
    field("session_id", "key", "the session it is about"),
    field("check_in_id", "key", "the check-in it is about"),
    field("alert_id", "key", "the alert it is about"),
    field("state", "code", "what became of it", values=OUTBOX_STATES),
    field("due_at", "time", "when it was to leave"),
    field("useful_until", "time", "after this it was not worth sending"),
    field("ended_at", "time", "when it was sent, given up or called off"),
    field("tries", "integer", "how often sending failed", unit="times"),
    field("uncertain", "boolean", "it may have arrived twice"),
    field("error", "text", "why it was not sent"),
)  # fmt: skip

TABLES = (
    Table("patients", Patient, _PATIENTS,
          names=(sealed("name", "the patient's name"), sealed("phone", "their phone"),
                 sealed("external_id", "their id in the clinic's own system"))),
    Table("sessions", TreatmentSession, _SESSIONS,
          names=(field("visit_key", "text", "visit: and the clinic's own id of the visit"),)),
    Table("check_ins", CheckIn, _CHECK_INS),
    Table("answers", Answer, _ANSWERS),
    Table("assessments", Assessment, _ASSESSMENTS),
    Table("alerts", Alert, _ALERTS, words=(sealed("action", "what was done, in words"),)),
    Table("alert_events", AlertEvent, _ALERT_EVENTS),
    Table("notes", Note, _NOTES, only_words=True),
    Table("messages", OutboxRow, _MESSAGES),
)  # fmt: skip
