"""What was done and what was answered: sessions, check-ins, answers, assessments, notes and the
schedule.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import (
    json_list,
    json_object,
    json_objects,
    json_or_null,
    key,
    one_of,
    reference,
    sibling,
    telegram_id,
)

CHECK_IN_KINDS = ("check_in", "report")
CHECK_IN_STATES = ("planned", "open", "complete", "no_answer", "abandoned", "missed", "cancelled")
LEVELS = ("none", "watch", "urgent", "emergency")
SCHEDULE_STATES = ("draft", "applied", "cancelled")
STAFF_MESSAGE_STATES = ("draft", "kept", "sent", "answered")
NOTE_KINDS = ("text", "photo", "voice", "document", "other")


class ScheduleVersion(SQLModel, table=True):
    """One version of a clinic's schedule, or a draft of the next one.

    `body` is the schedule (see `care.schedules`); `moves` is what an admin was shown that applying
    it does to check-ins planned already. A draft is `based_on` the version it changes.
    """

    __tablename__ = "schedule_version"
    __table_args__ = (
        one_of("state", SCHEDULE_STATES, name="ck_schedule_state"),
        UniqueConstraint("clinic_id", "number", name="uq_schedule_number"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    number: int | None = None
    based_on: int = 0
    state: str = "draft"
    body: dict[str, object] = json_object()
    moves: list[dict[str, object]] = json_objects()
    moved_running: bool = False
    made_by: int | None = reference("person.id", null=True)
    made_at: datetime
    applied_at: datetime | None = None


class TreatmentSession(SQLModel, table=True):
    """One dry-needling session. `pain_before` is 0 to 10, or null when unknown."""

    __tablename__ = "treatment_session"
    __table_args__ = (
        CheckConstraint("pain_before BETWEEN 0 AND 10", name="ck_session_pain"),
        UniqueConstraint("clinic_id", "visit_key", name="uq_session_visit"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    patient_id: int = reference("patient.id", index=True)
    clinician_id: int | None = reference("person.id", null=True)
    at: datetime
    regions: list[str] = json_list()
    risks: list[str] = json_list()
    pain_before: int | None = None
    high_risk: bool = False
    visit_key: str | None = None
    recorded_at: datetime
    cancelled_at: datetime | None = None


class CheckIn(SQLModel, table=True):
    """One check-in or report: when it is due, how far it is, and the highest level it ever had.

    `chat_id` and `message_id` name the message that shows its current screen. `asked` is the
    follow-up
    whose clock runs, `paused` says that an emergency text stands before the next question.
    `merged_into` names the check-in of another session in whose message this one is asked.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        one_of("kind", CHECK_IN_KINDS, name="ck_check_in_kind"),
        one_of("state", CHECK_IN_STATES, name="ck_check_in_state"),
        one_of("level", LEVELS, name="ck_check_in_level"),
        one_of("level_now", LEVELS, name="ck_check_in_level_now"),
        Index(
            "uq_check_in_step", "session_id", "step", unique=True,
            sqlite_where=text("kind = 'check_in' AND state <> 'cancelled'"),
            postgresql_where=text("kind = 'check_in' AND state <> 'cancelled'"),
        ),
        Index("ix_check_in_patient_state", "patient_id", "state"),
    )  # fmt: skip

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    patient_id: int = reference("patient.id")
    session_id: int | None = reference("treatment_session.id", null=True, index=True)
    kind: str = "check_in"
    step: str
    protocol_version: int
    due_at: datetime
    closes_at: datetime
    state: str = "planned"
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    answered_at: datetime | None = None
    level: str = "none"
    rules: list[str] = json_list()
    level_now: str = "none"
    rules_now: list[str] = json_list()
    timed_out: list[str] = json_list()
    worried: bool = False
    paused: bool = False
    merged_into: int | None = sibling()
    chat_id: int | None = telegram_id()
    message_id: int | None = telegram_id()


class Answer(SQLModel, table=True):
    """One answer; a correction supersedes it and both stay. `final` is false while ticks are being
    made.
    """

    __tablename__ = "answer"
    __table_args__ = (
        Index(
            "uq_answer_current", "check_in_id", "question", unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )  # fmt: skip

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    check_in_id: int = reference("check_in.id", index=True)
    question: str
    value: list[str] = json_list()
    final: bool = True
    at: datetime
    superseded_at: datetime | None = None


class Assessment(SQLModel, table=True):
    """What the rules said after one answer or time-out, with the protocol version that said it.

    `inputs` is all that the rules were given (codes and numbers), so that they can be asked again;
    null where no answer set it off: silence, or a patient's own words.
    """

    __tablename__ = "assessment"
    __table_args__ = (one_of("level", LEVELS, name="ck_assessment_level"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    check_in_id: int = reference("check_in.id", index=True)
    protocol_version: int
    hours: float
    level: str
    rules: list[str] = json_list()
    inputs: dict[str, object] | None = json_or_null()
    at: datetime


class Note(SQLModel, table=True):
    """What a patient wrote or sent. `body` (words or caption) and `media` (Telegram's file id) are
    encrypted. `read_as` are the signs that the machine read in it: "none" when it found none,
    empty when it did not read it.
    """

    __tablename__ = "note"
    __table_args__ = (
        one_of("kind", NOTE_KINDS, name="ck_note_kind"),
        UniqueConstraint("update_id", name="uq_note_update"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    patient_id: int = reference("patient.id", index=True)
    session_id: int | None = reference("treatment_session.id", null=True)
    check_in_id: int | None = reference("check_in.id", null=True)
    alert_id: int | None = reference("alert.id", null=True)
    kind: str
    body: str = ""
    media: str = ""
    edited: bool = False
    read_as: str = Field(default="", sa_column_kwargs={"server_default": ""})
    update_id: int | None = telegram_id()
    at: datetime


class StaffMessage(SQLModel, table=True):
    """What a clinician wrote about an alert: kept as a note, or sent to the patient when asked.

    `body` is encrypted. A draft is what nobody has decided about yet; it is never sent by itself.
    """

    __tablename__ = "staff_message"
    __table_args__ = (
        one_of("state", STAFF_MESSAGE_STATES, name="ck_staff_message_state"),
        UniqueConstraint("update_id", name="uq_staff_message_update"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    patient_id: int = reference("patient.id", index=True)
    alert_id: int | None = reference("alert.id", null=True)
    person_id: int = reference("person.id")
    body: str
    state: str = "draft"
    update_id: int | None = telegram_id()
    created_at: datetime
    ended_at: datetime | None = None
