"""Alerts: raised by the rules, paged until somebody acknowledges, closed only by a clinician."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care import timing
from care.actors import Actor, RefusedError
from care.opening_hours import OpeningHours
from care.outbox import CARD_KINDS, PAGING_KINDS
from care.triage import Level
from care.work import Tx, Work
from storage.tables import Alert, AlertEvent, CheckIn, Clinic, Patient

DELIVERY_LIMIT = timedelta(minutes=2)
REPEAT_EVERY = {"emergency": timedelta(minutes=10), "urgent": timedelta(minutes=60)}
OUTCOMES = ("confirmed", "not_confirmed", "unclear")


@dataclass(frozen=True)
class Finding:
    """What the rules found: the level now and the rules that fire, in table order."""

    level: Level
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What a tap on [I'm on it] led to: the alert as it is, and whether this tap was the one."""

    alert: Alert
    won: bool
    by: str


async def raise_alert(
    tx: Tx, patient: Patient, clinic: Clinic, check_in: CheckIn, finding: Finding
) -> Alert:
    """Open an alert, or add to the one that is open for this session.

    1. One open alert per session (per patient where there is none).
    2. New reasons are added; a higher level or a new emergency rule pages anew, acknowledged or
       not.
    3. The level never drops; `level_now` says what the answers say at the moment.
    """
    alert = await storage.alerts.open_alert(tx.session, patient.id or 0, check_in.session_id)
    if alert is None:
        alert = Alert(
            clinic_id=clinic.id or 0,
            patient_id=patient.id or 0,
            session_id=check_in.session_id,
            check_in_id=check_in.id,
            level=finding.level.value,
            level_now=finding.level.value,
            rules=list(finding.rules),
            opened_at=tx.now,
            paged_at=tx.now,
            deadline_at=_deadline(clinic, finding.level.value, tx),
        )
        tx.session.add(alert)
        await tx.session.flush()
        await note_event(tx, alert, "opened", rules=list(finding.rules), level=alert.level)
        tx.audit(
            alert.clinic_id, "system", "alert_opened", f"alert:{alert.id}",
            level=alert.level, rules=list(finding.rules), patient=patient.ref,
        )  # fmt: skip
        await page(tx, alert, clinic)
        return alert
    await _add_reasons(tx, alert, clinic, finding)
    return alert


async def _add_reasons(tx: Tx, alert: Alert, clinic: Clinic, finding: Finding) -> None:
    new = [rule for rule in finding.rules if rule not in alert.rules]
    higher = finding.level > Level(alert.level)
    anew = higher or any(rule.startswith("E") for rule in new)
    changed = bool(new) or alert.level_now != finding.level.value
    alert.rules = [*alert.rules, *new]
    alert.level_now = finding.level.value
    alert.level = max(finding.level, Level(alert.level)).value
    tx.session.add(alert)
    if anew:
        await _page_anew(tx, alert, clinic, new)
    elif new:
        await note_event(tx, alert, "reason_added", rules=new)
    if changed and not anew:
        await refresh_cards(tx, alert)


async def _page_anew(tx: Tx, alert: Alert, clinic: Clinic, new: list[str]) -> None:
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=PAGING_KINDS, alert_id=alert.id)
    await refresh_cards(tx, alert)
    alert.generation += 1
    alert.state = "open"
    alert.acknowledged_by = alert.acknowledged_at = alert.delivered_at = None
    alert.paged_at, alert.deadline_at = tx.now, _deadline(clinic, alert.level, tx)
    tx.session.add(alert)
    await note_event(tx, alert, "raised", rules=new, level=alert.level)
    tx.audit(
        alert.clinic_id, "system", "alert_raised", f"alert:{alert.id}",
        level=alert.level, rules=new,
    )  # fmt: skip
    await page(tx, alert, clinic)


async def page(tx: Tx, alert: Alert, clinic: Clinic, *, everyone: bool = False) -> None:
    """Send cards, and write what comes if nobody reads them: the check that a copy was delivered,
    and the escalation at the deadline."""
    await send_cards(tx, alert, clinic, everyone=everyone)
    stamp = f"{alert.id}:{alert.generation}:{tx.now.isoformat()}"
    await tx.enqueue(
        "delivery_check", f"delivery:{stamp}", due_at=tx.now + DELIVERY_LIMIT, **_refs(alert)
    )
    if not everyone:
        await tx.enqueue("escalate", f"escalate:{stamp}", due_at=alert.deadline_at, **_refs(alert))


async def send_cards(
    tx: Tx,
    alert: Alert,
    clinic: Clinic,
    *,
    everyone: bool = False,
    detail: dict[str, object] | None = None,
) -> None:
    """A card for each of those on duty (everyone when nobody is, or when asked), and one for the
    group. Only those who have started the bot can be written to."""
    stamp = f"{alert.id}:{alert.generation}:{tx.now.isoformat()}"
    members = await storage.people.staff(tx.session, alert.clinic_id, on_duty=True)
    if everyone or not any(member.reachable for member, _ in members):
        members = await storage.people.staff(tx.session, alert.clinic_id)
    for member, _ in members:
        if member.reachable:
            await tx.enqueue(
                "card_private",
                f"card:{stamp}:{member.id}",
                person_id=member.id,
                detail=detail,
                **_refs(alert),
            )
    if clinic.group_chat_id is not None:
        await tx.enqueue("card_group", f"card:{stamp}:group", detail=detail, **_refs(alert))


def _refs(alert: Alert) -> dict[str, Any]:
    return {
        "clinic_id": alert.clinic_id,
        "alert_id": alert.id,
        "patient_id": alert.patient_id,
        "check_in_id": alert.check_in_id,
    }


async def refresh_cards(tx: Tx, alert: Alert) -> None:
    """Have every copy that was sent show how the alert stands now."""
    for copy in await storage.outbox.copies(tx.session, alert.id or 0, CARD_KINDS):
        await tx.enqueue(
            "card_edit",
            f"edit:{copy.id}:{tx.now.isoformat()}",
            clinic_id=alert.clinic_id,
            alert_id=alert.id,
            patient_id=alert.patient_id,
            person_id=copy.person_id,
            detail={"copy": copy.id},
        )


async def acknowledge(work: Work, actor: Actor, alert_id: int) -> Taken:
    """[I'm on it]: one winner; every copy says so, the patient is told, escalation stops.

    Raises:
        RefusedError: no such alert in the actor's clinic.
    """
    person, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await _alert(tx, clinic_id, alert_id)
        won = await storage.alerts.acknowledge(tx.session, alert_id, person.id or 0, tx.now)
        if won:
            await tx.session.refresh(alert)
            await _acknowledged(tx, alert, actor)
        holder = await storage.people.person(tx.session, clinic_id, alert.acknowledged_by or 0)
        return Taken(alert, won, tx.cipher.open(holder.name) if holder else "")


async def _acknowledged(tx: Tx, alert: Alert, actor: Actor) -> None:
    person, clinic_id = actor.staff()
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=PAGING_KINDS, alert_id=alert.id)
    await tx.enqueue(
        "seen",
        f"seen:{alert.id}:{alert.generation}",
        clinic_id=clinic_id,
        patient_id=alert.patient_id,
        alert_id=alert.id,
        detail={"at": tx.now.isoformat()},
    )
    await refresh_cards(tx, alert)
    await note_event(tx, alert, "acknowledged", person_id=person.id)
    await note_event(tx, alert, "told_seen")
    tx.audit(clinic_id, actor.name, "alert_acknowledged", f"alert:{alert.id}")


async def hand_over(work: Work, actor: Actor, alert_id: int, to_person_id: int) -> Alert:
    """Give an alert to a colleague, who gets a card of their own; the copies name the new holder.

    Raises:
        RefusedError: no such alert or colleague, or the alert is closed.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await _alert(tx, clinic_id, alert_id)
        colleague = await storage.people.person(tx.session, clinic_id, to_person_id)
        if colleague is None or alert.state == "closed":
            raise RefusedError("no such colleague or alert")
        first = alert.state == "open"
        alert.state, alert.acknowledged_by = "acknowledged", to_person_id
        alert.acknowledged_at = alert.acknowledged_at or tx.now
        tx.session.add(alert)
        if first:
            await _acknowledged(tx, alert, actor)
        else:
            await refresh_cards(tx, alert)
        await tx.enqueue(
            "card_private",
            f"hand_over:{alert.id}:{to_person_id}:{tx.now.isoformat()}",
            clinic_id=clinic_id,
            person_id=to_person_id,
            alert_id=alert.id,
            patient_id=alert.patient_id,
            check_in_id=alert.check_in_id,
        )
        await note_event(tx, alert, "handed_over", person_id=actor.staff()[0].id, to=to_person_id)
        tx.audit(clinic_id, actor.name, "alert_handed_over", f"alert:{alert.id}", to=to_person_id)
        return alert


async def close(
    work: Work, actor: Actor, alert_id: int, outcome: str, *, keep_checks: bool = True
) -> Alert:
    """A clinician closes an alert with an outcome; [Stop them] also calls off what is to come.

    Raises:
        RefusedError: no such alert in the actor's clinic, or an unknown outcome.
    """
    person, clinic_id = actor.staff()
    if outcome not in OUTCOMES:
        raise RefusedError("unknown outcome")
    async with work.writing() as tx:
        alert = await _alert(tx, clinic_id, alert_id)
        closed = await storage.alerts.close(
            tx.session,
            alert_id,
            {"outcome": outcome, "closed_by": person.id, "closed_at": tx.now},
        )
        await tx.session.refresh(alert)
        if not closed:
            return alert
        await storage.outbox.cancel(
            tx.session,
            at=tx.now,
            kinds=(*PAGING_KINDS, "emergency_repeat"),
            alert_id=alert_id,
        )
        if not keep_checks and alert.session_id is not None:
            await storage.outbox.cancel(
                tx.session,
                at=tx.now,
                kinds=("check_in", "reminder", "close_check_in"),
                session_id=alert.session_id,
            )
            await storage.treatment.cancel_planned(tx.session, alert.session_id, tx.now)
        await refresh_cards(tx, alert)
        await note_event(tx, alert, "closed", person_id=person.id, outcome=outcome)
        tx.audit(
            clinic_id, actor.name, "alert_closed", f"alert:{alert_id}",
            outcome=outcome, keep_checks=keep_checks,
        )  # fmt: skip
        return alert


async def record_action(work: Work, actor: Actor, alert_id: int, words: str) -> Alert:
    """What was done about an alert, in the clinician's words (kept encrypted).

    Raises:
        RefusedError: no such alert in the actor's clinic.
    """
    _, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await _alert(tx, clinic_id, alert_id)
        before = tx.cipher.open(alert.action)
        alert.action = tx.cipher.seal(f"{before}\n{words}" if before else words)
        tx.session.add(alert)
        await note_event(tx, alert, "note", person_id=actor.staff()[0].id)
        await refresh_cards(tx, alert)
        tx.audit(clinic_id, actor.name, "action_recorded", f"alert:{alert_id}")
        return alert


async def note_event(
    tx: Tx, alert: Alert, kind: str, *, person_id: int | None = None, **detail: object
) -> None:
    """Add a line to the alert's history."""
    tx.session.add(
        AlertEvent(
            clinic_id=alert.clinic_id,
            alert_id=alert.id or 0,
            kind=kind,
            person_id=person_id,
            generation=alert.generation,
            detail=detail,
            at=tx.now,
        )
    )
    await tx.session.flush()


async def _alert(tx: Tx, clinic_id: int, alert_id: int) -> Alert:
    alert = await storage.alerts.alert(tx.session, clinic_id, alert_id)
    if alert is None:
        raise RefusedError("no such alert")
    return alert


def _deadline(clinic: Clinic, level: str, tx: Tx) -> datetime:
    hours = OpeningHours.from_json(clinic.opening_hours)
    return timing.deadline_for(level, tx.now, hours, clinic.zone)
