"""Alerts as FHIR R4B resources: a flag while it is open, a task, and what was sent about it."""

from collections.abc import Iterator

from care.exports.fhir_codes import SAFETY, Codes, Json, instant, known
from care.triage import Protocol
from storage.tables import Alert, OutboxRow, Patient

_TASK = {"open": "requested", "acknowledged": "in-progress", "closed": "completed"}
_SENT = {"due": "preparation", "sent": "completed"}
_PRIORITY = {"emergency": "stat", "urgent": "urgent"}


def alert_resources(
    codes: Codes, alert: Alert, patient: Patient, protocol: Protocol
) -> Iterator[Json]:
    """The flag on the patient and the task to acknowledge it and call back."""
    yield _flag(codes, alert, patient, protocol)
    yield _task(codes, alert, patient)


def communication(
    codes: Codes, row: OutboxRow, alert: Alert, patient: Patient, protocol: Protocol
) -> Json:
    """One copy of the alert, to a member of staff or to the clinic's group."""
    to = codes.staff(row.person_id) if row.person_id else {"display": "The clinic's alert group"}
    status = _SENT.get(row.state, "not-done")
    sent = status == "completed" and row.ended_at
    return {
        **codes.resource("Communication", row.id),
        "identifier": [codes.identifier("message", row.id)],
        "status": status,
        "category": [{"coding": [codes.local("activity", "alert", "Alert to the clinic")]}],
        "priority": _PRIORITY.get(alert.level, "routine"),
        "subject": codes.reference("Patient", patient.ref),
        "about": [codes.reference("Flag", alert.id)],
        "recipient": [to],
        "payload": [{"contentString": _headlines(alert, protocol)}],
        **known(sent=instant(row.ended_at) if sent and row.ended_at else None),
    }


def _flag(codes: Codes, alert: Alert, patient: Patient, protocol: Protocol) -> Json:
    level = codes.local("level", alert.level, alert.level.capitalize())
    return {
        **codes.resource("Flag", alert.id),
        "identifier": [codes.identifier("alert", alert.id)],
        "status": "inactive" if alert.state == "closed" else "active",
        "category": [{"coding": [SAFETY]}],
        "code": {"coding": [level], "text": _headlines(alert, protocol)},
        "subject": codes.reference("Patient", patient.ref),
        "period": _period(alert, "opened_at"),
    }


def _task(codes: Codes, alert: Alert, patient: Patient) -> Json:
    moments = (alert.opened_at, alert.paged_at, alert.acknowledged_at, alert.closed_at)
    what = codes.local(
        "activity", "acknowledge-and-call-back", "Acknowledge the alert and call the patient back"
    )
    outcome = codes.local("outcome", alert.outcome) if alert.outcome else None
    output = {
        "type": {"coding": [codes.local("activity", "outcome", "Outcome of an alert")]},
        "valueCodeableConcept": {"coding": [outcome]},
    }
    return {
        **codes.resource("Task", alert.id),
        "status": _TASK[alert.state],
        "intent": "order",
        "priority": _PRIORITY.get(alert.level, "routine"),
        "code": {"coding": [what]},
        "focus": codes.reference("Flag", alert.id),
        "for": codes.reference("Patient", patient.ref),
        "authoredOn": instant(alert.opened_at),
        "lastModified": instant(max(moment for moment in moments if moment)),
        "restriction": {"period": {"end": instant(max(alert.deadline_at, alert.opened_at))}},
        **known(
            owner=codes.staff(alert.acknowledged_by) if alert.acknowledged_by else None,
            executionPeriod=_period(alert, "acknowledged_at") if alert.acknowledged_at else None,
            reasonReference=codes.reference("QuestionnaireResponse", alert.check_in_id)
            if alert.check_in_id
            else None,
            output=[output] if outcome else None,
        ),
    }


def _period(alert: Alert, start: str) -> Json:
    end = instant(alert.closed_at) if alert.closed_at else None
    return {"start": instant(getattr(alert, start)), **known(end=end)}


def _headlines(alert: Alert, protocol: Protocol) -> str:
    rules = [protocol.rules[rule].headline for rule in alert.rules if rule in protocol.rules]
    return f"{alert.level.capitalize()}: {'; '.join(rules) or 'no rule named'}"
