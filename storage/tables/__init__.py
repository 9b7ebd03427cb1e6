"""Every table of the product, by noun."""

from storage.tables.alerts import ALERT_EVENTS, ALERT_STATES, OUTCOMES, Alert, AlertEvent
from storage.tables.governance import AuditEntry, Heartbeat, ProtocolVersion
from storage.tables.messages import LANES, OUTBOX_STATES, InboxUpdate, OutboxRow
from storage.tables.people import INVITE_KINDS, ROLES, Clinic, Invite, Patient, Person, Role
from storage.tables.treatment import (
    CHECK_IN_KINDS,
    CHECK_IN_STATES,
    LEVELS,
    NOTE_KINDS,
    STAFF_MESSAGE_STATES,
    Answer,
    Assessment,
    CheckIn,
    Note,
    ScheduleStep,
    StaffMessage,
    TreatmentSession,
)

__all__ = [
    "ALERT_EVENTS",
    "ALERT_STATES",
    "CHECK_IN_KINDS",
    "CHECK_IN_STATES",
    "INVITE_KINDS",
    "LANES",
    "LEVELS",
    "NOTE_KINDS",
    "OUTBOX_STATES",
    "OUTCOMES",
    "ROLES",
    "STAFF_MESSAGE_STATES",
    "Alert",
    "AlertEvent",
    "Answer",
    "Assessment",
    "AuditEntry",
    "CheckIn",
    "Clinic",
    "Heartbeat",
    "InboxUpdate",
    "Invite",
    "Note",
    "OutboxRow",
    "Patient",
    "Person",
    "ProtocolVersion",
    "Role",
    "ScheduleStep",
    "StaffMessage",
    "TreatmentSession",
]
