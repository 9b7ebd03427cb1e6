"""Alerts, and everything that happened to each of them."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from storage.tables.columns import json_list, json_object, key, one_of, reference
from storage.tables.treatment import LEVELS

ALERT_STATES = ("open", "acknowledged", "closed")
OUTCOMES = ("confirmed", "not_confirmed", "unclear")
ALERT_EVENTS = (
    "opened", "reason_added", "raised", "delivered", "escalated", "acknowledged", "handed_over",
    "reopened", "closed", "mistake", "getting_help", "clinic_not_reached", "nobody_read",
    "told_seen", "note", "asked", "still_on_it", "no_one_on_duty", "absent_paged",
)  # fmt: skip


class Alert(SQLModel, table=True):
    """One open alert per treatment session, or per patient where there is no session.

    `generation` counts how often it was paged anew; copies of an older generation are history.
    `also_sessions` are others it is about, asked together with the first; none has another alert.
    `level` is the highest it ever had; it never drops by itself. `action` (what was done) is
    encrypted.
    """

    __tablename__ = "alert"
    __table_args__ = (
        one_of("level", LEVELS, name="ck_alert_level"),
        one_of("state", ALERT_STATES, name="ck_alert_state"),
        Index(
            "uq_alert_open_session", "session_id", unique=True,
            sqlite_where=text("state <> 'closed' AND session_id IS NOT NULL"),
            postgresql_where=text("state <> 'closed' AND session_id IS NOT NULL"),
        ),
        Index(
            "uq_alert_open_patient", "patient_id", unique=True,
            sqlite_where=text("state <> 'closed' AND session_id IS NULL"),
            postgresql_where=text("state <> 'closed' AND session_id IS NULL"),
        ),
        Index("ix_alert_clinic_state", "clinic_id", "state"),
    )  # fmt: skip

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    patient_id: int = reference("patient.id", index=True)
    session_id: int | None = reference("treatment_session.id", null=True)
    check_in_id: int | None = reference("check_in.id", null=True)
    level: str
    level_now: str = "none"
    rules: list[str] = json_list()
    state: str = "open"
    generation: int = 1
    opened_at: datetime
    paged_at: datetime
    deadline_at: datetime
    delivered_at: datetime | None = None
    acknowledged_by: int | None = reference("person.id", null=True)
    acknowledged_at: datetime | None = None
    closed_by: int | None = reference("person.id", null=True)
    closed_at: datetime | None = None
    outcome: str | None = None
    action: str = ""
    also_sessions: list[int] = json_list()


class AlertEvent(SQLModel, table=True):
    """One thing that happened to an alert: who (null: the bot), what, and codes in `detail`."""

    __tablename__ = "alert_event"
    __table_args__ = (one_of("kind", ALERT_EVENTS, name="ck_alert_event_kind"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    alert_id: int = reference("alert.id", index=True)
    kind: str
    person_id: int | None = reference("person.id", null=True)
    generation: int
    detail: dict[str, object] = json_object()
    at: datetime
