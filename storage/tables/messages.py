"""The way in and the way out: raw updates as received, and every message or timed step to come."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import BigId, json_object, key, one_of, reference, telegram_id

OUTBOX_STATES = ("due", "sent", "cancelled", "missed", "failed")
LANES = ("urgent", "bulk")


class InboxUpdate(SQLModel, table=True):
    """A raw update from Telegram, encrypted, stored before Telegram is told that we have it."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_open", "done_at", "update_id"),)

    update_id: int = Field(
        primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False}
    )
    chat_id: int = telegram_id(null=False)
    body: str
    received_at: datetime
    attempts: int = 0
    done_at: datetime | None = None
    error: str | None = None


class ChatTurn(SQLModel, table=True):
    """Which copy of the bot handles a chat's updates until `held_until` (lease clock, seconds)."""

    __tablename__ = "chat_turn"

    chat_id: int = Field(
        primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False}
    )
    holder: str
    held_until: float = 0.0


class OutboxRow(SQLModel, table=True):
    """Something that is to happen at `due_at`: a message to send, or a timed step to take.

    `key` makes writing it idempotent. `held_until` is a moment on the lease clock (seconds, see
    `storage.outbox.lease_now`): until then a worker holds the row, or a failed try waits. `claims`
    counts how often
    it was taken, so a row found with `claims` > 0 may have been sent already.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", OUTBOX_STATES, name="ck_outbox_state"),
        one_of("lane", LANES, name="ck_outbox_lane"),
        UniqueConstraint("key", name="uq_outbox_key"),
        Index("ix_outbox_due", "state", "lane", "due_at"),
        Index("ix_outbox_message", "chat_id", "message_id"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    kind: str
    key: str
    lane: str = "bulk"
    priority: int = 50
    due_at: datetime
    useful_until: datetime | None = None
    patient_id: int | None = reference("patient.id", null=True, index=True)
    person_id: int | None = reference("person.id", null=True)
    session_id: int | None = reference("treatment_session.id", null=True, index=True)
    check_in_id: int | None = reference("check_in.id", null=True, index=True)
    alert_id: int | None = reference("alert.id", null=True, index=True)
    note_id: int | None = reference("note.id", null=True)
    detail: dict[str, object] = json_object()
    state: str = "due"
    held_until: float = 0.0
    holder: str | None = None
    claims: int = 0
    tries: int = 0
    uncertain: bool = False
    error: str | None = None
    chat_id: int | None = telegram_id()
    message_id: int | None = telegram_id()
    created_at: datetime
    ended_at: datetime | None = None
