"""What keeps the house honest: the audit chain, protocol versions, and the bot's own heartbeat."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import (
    json_object,
    json_objects,
    json_or_null,
    key,
    one_of,
    reference,
)

PROTOCOL_DRAFT_STATES = ("open", "made", "dropped")
DRILL_STATES = ("running", "passed", "failed", "stopped")


class AuditEntry(SQLModel, table=True):
    """One line of a clinic's hash chain: ids and codes only, so that erasing a patient breaks no
    chain.
    """

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("clinic_id", "seq", name="uq_audit_seq"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, object] = json_object()
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class ProtocolVersion(SQLModel, table=True):
    """A clinical protocol version this clinic has used, with the hash of its text and who signed
    it.

    `thresholds` are the clinic's own numbers; null: those that are shipped.
    """

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("clinic_id", "version", name="uq_protocol_version"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    version: int
    body_hash: str = Field(max_length=64)
    signed_by: str | None = None
    signed_at: datetime | None = None
    first_used_at: datetime
    thresholds: dict[str, object] | None = json_or_null()
    made_by: int | None = reference("person.id", null=True)


class ProtocolDraft(SQLModel, table=True):
    """Numbers of the rules that an admin tries out, before they become a version.

    `revision` counts its changes; a button made for an older one changes nothing. `rehearsed` is
    the revision whose effect on the past was shown.
    """

    __tablename__ = "protocol_draft"
    __table_args__ = (
        one_of("state", PROTOCOL_DRAFT_STATES, name="ck_protocol_draft_state"),
        Index(
            "uq_protocol_draft_open", "clinic_id", unique=True,
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    state: str = "open"
    based_on: int
    revision: int = 1
    thresholds: dict[str, object] = json_object()
    changed_by: int | None = reference("person.id", null=True)
    changed_at: datetime
    rehearsed: int | None = None


class ConsentText(SQLModel, table=True):
    """What a clinic adds to the consent in one version of it; version 1 adds nothing."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("clinic_id", "version", name="uq_consent_text_version"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    version: int
    words: str
    written_by: str
    created_at: datetime


class Heartbeat(SQLModel, table=True):
    """When the bot last finished a round, so that after a gap it can say how long it was away."""

    __tablename__ = "heartbeat"

    name: str = Field(primary_key=True)
    at: datetime


class Copy(SQLModel, table=True):
    """A copy of the bot that serves this database. `holder` is what it signs leases with.

    On PostgreSQL it holds an advisory lock under `number` for as long as it lives.
    """

    __tablename__ = "copy"

    number: int | None = Field(default=None, primary_key=True)
    holder: str = Field(unique=True)
    started_at: datetime


class Drill(SQLModel, table=True):
    """A rehearsal of the whole way, with a synthetic patient who is removed afterwards.

    `stage` is what it waits for, since `stage_at`; `links` is what was found of each link so far
    (see `care.drill`). `person_id`: the admin in whose private chat the patient's side is played.
    """

    __tablename__ = "drill"
    __table_args__ = (one_of("state", DRILL_STATES, name="ck_drill_state"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id", index=True)
    person_id: int | None = reference("person.id", null=True)
    patient_id: int | None = reference("patient.id", null=True)
    weekly: bool = False
    state: str = "running"
    stage: str = "link"
    stage_at: datetime
    taps: int = 0
    links: list[dict[str, object]] = json_objects()
    started_at: datetime
    ended_at: datetime | None = None
