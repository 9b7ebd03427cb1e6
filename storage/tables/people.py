"""Who takes part: the clinic, its staff with their roles, its patients, and the invitations that
bring them in.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import json_object, key, one_of, reference, telegram_id

ROLES = ("clinician", "admin")
INVITE_KINDS = ("patient", "clinician", "admin")


class Clinic(SQLModel, table=True):
    """One clinic: its name, numbers, clock and the group that gets its alerts.

    `retention_months`: how long after the last session a patient's identity is kept; 0: until
    somebody erases it. `consent_words`: what the clinic adds to the consent, as of
    `consent_version`. `weekly_drill`: day and time in the clinic's zone ("tue 14:30"), or empty.
    """

    __tablename__ = "clinic"

    id: int | None = key()
    name: str = "The clinic"
    phone: str = ""
    zone: str = "UTC"
    language: str = "en"
    emergency_number: str = "112"
    urgent_number: str = ""
    opening_hours: dict[str, object] = json_object()
    digest_hour: int = 8
    emergency_minutes: int = 15
    urgent_minutes: int = 60
    emergency_repeat_minutes: int = 10
    urgent_repeat_minutes: int = 60
    consent_version: int = 1
    consent_words: str = Field(default="", sa_column_kwargs={"server_default": ""})
    retention_months: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    weekly_drill: str = Field(default="", sa_column_kwargs={"server_default": ""})
    protocol_version: int = 1
    group_chat_id: int | None = telegram_id()
    group_thread_id: int | None = telegram_id()
    created_at: datetime


class Person(SQLModel, table=True):
    """A member of staff. `name` is encrypted; `reachable` turns true when they start the bot.

    `rota_order` is their place when alerts escalate; those without one come last.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("clinic_id", "telegram_id", name="uq_person_telegram"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    telegram_id: int = telegram_id(null=False, index=True)
    name: str
    language: str = "en"
    reachable: bool = False
    on_duty: bool = False
    rota_order: int | None = None
    created_at: datetime


class Absence(SQLModel, table=True):
    """A member of staff is away from `first` to `last`, both included, in the clinic's days."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("first <= last", name="ck_absence_order"),
        UniqueConstraint("person_id", "first", "last", name="uq_absence"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id", index=True)
    person_id: int = reference("person.id")
    first: date
    last: date


class RotaChange(SQLModel, table=True):
    """One change of the rota: a part of it before and after, so that it can be taken back.

    `version` counts the clinic's changes; a button made for an older version changes nothing.
    """

    __tablename__ = "rota_change"
    __table_args__ = (UniqueConstraint("clinic_id", "version", name="uq_rota_change_version"),)

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    version: int
    part: str
    before: dict[str, object] = json_object()
    after: dict[str, object] = json_object()
    changed_by: int | None = reference("person.id", null=True)
    at: datetime


class Role(SQLModel, table=True):
    """What a person may do in a clinic; revoked roles stay for the record."""

    __tablename__ = "role"
    __table_args__ = (
        one_of("role", ROLES, name="ck_role_role"),
        Index(
            "uq_role_active", "person_id", "role", unique=True,
            sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL"),
        ),
    )  # fmt: skip

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    person_id: int = reference("person.id", index=True)
    role: str
    granted_at: datetime
    revoked_at: datetime | None = None


class Patient(SQLModel, table=True):
    """A patient. `ref` is the random id that the audit log knows; `name`, `phone` and
    `external_id` (the patient's id in the clinic's own system) are encrypted. `synthetic`: nobody
    real, made for a drill; lists, digests and exports leave them out.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("clinic_id", "code", name="uq_patient_code"),
        UniqueConstraint("ref", name="uq_patient_ref"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id", index=True)
    ref: str
    code: str
    name: str = ""
    phone: str = ""
    external_id: str = ""
    language: str = "en"
    zone: str | None = None
    chat_id: int | None = telegram_id(index=True)
    consent_version: int | None = None
    joined_at: datetime | None = None
    paused_until: datetime | None = None
    stopped_at: datetime | None = None
    unreachable_at: datetime | None = None
    synthetic: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime


class Invite(SQLModel, table=True):
    """A one-time link. Only the SHA-256 of its token is kept, so the table opens no door."""

    __tablename__ = "invite"
    __table_args__ = (
        one_of("kind", INVITE_KINDS, name="ck_invite_kind"),
        UniqueConstraint("token_hash", name="uq_invite_token"),
    )

    id: int | None = key()
    clinic_id: int = reference("clinic.id")
    kind: str
    token_hash: str = Field(max_length=64)
    patient_id: int | None = reference("patient.id", null=True, index=True)
    created_by: int | None = reference("person.id", null=True)
    created_at: datetime
    expires_at: datetime
    opened_by: int | None = telegram_id()
    used_at: datetime | None = None
    revoked_at: datetime | None = None
