"""Alerts: raised by the rules, paged until somebody acknowledges, closed only by a clinician."""

from collections.abc import Sequence
from dataclasses import dataclass

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care import merging, planning
from care.actors import Actor, RefusedError
from care.forgotten import start_clock
from care.outbox import FORGOTTEN_KINDS, PAGING_KINDS, REMINDER_KINDS
from care.paging import first_page, note_event, page_anew, refresh_cards, set_clock
from care.triage import Level
from care.work import Tx, Work
from storage.tables import Alert, CheckIn, Clinic, Patient

OUTCOMES = ("confirmed", "not_confirmed", "unclear")


@dataclass(frozen=True)
class Finding:
    """What the rules found: the level now and the rules that fire, in table order."""

    level: Level
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What a tap on [I'm on it] led to: the alert as it is, and whether this tap was the one.

    `outdated`: the tapped card is older than the newest paging, nothing was taken.
    """

    alert: Alert
    won: bool
    by: str
    outdated: bool = False


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
            deadline_at=tx.now,
        )
        set_clock(tx, alert, clinic)
        tx.session.add(alert)
        await tx.session.flush()
        await note_event(tx, alert, "opened", rules=list(finding.rules), level=alert.level)
        tx.audit(
            alert.clinic_id, "system", "alert_opened", f"alert:{alert.id}",
            level=alert.level, rules=list(finding.rules), patient=patient.ref,
        )  # fmt: skip
        await first_page(tx, alert, clinic)
        return alert
    await _add_reasons(tx, alert, clinic, finding)
    return alert


async def raise_alerts(
    tx: Tx, patient: Patient, clinic: Clinic, found: Sequence[tuple[CheckIn, Finding]]
) -> Alert:
    """One alert for all that sessions asked together found (at least one); returns it.

    A session whose alert is open already keeps it, and those without one join the first of them.
    """
    alerts = [
        await storage.alerts.open_alert(tx.session, patient.id or 0, check.session_id)
        for check, _finding in found
    ]
    first = next((alert for alert in alerts if alert is not None), None)
    if first is None:
        first = await raise_alert(tx, patient, clinic, found[0][0], _all_of(found))
        _join(tx, first, found)
        return first
    about: dict[int, tuple[Alert, list[tuple[CheckIn, Finding]]]] = {}
    for alert, one in zip(alerts, found, strict=True):
        theirs = alert or first
        about.setdefault(theirs.id or 0, (theirs, []))[1].append(one)
    for alert, ones in about.values():
        _join(tx, alert, ones)
        await _add_reasons(tx, alert, clinic, _all_of(ones))
    return first


def _all_of(found: Sequence[tuple[CheckIn, Finding]]) -> Finding:
    rules = dict.fromkeys(rule for _check, finding in found for rule in finding.rules)
    return Finding(max(finding.level for _check, finding in found), tuple(rules))


def _join(tx: Tx, alert: Alert, found: Sequence[tuple[CheckIn, Finding]]) -> None:
    known = {alert.session_id, *alert.also_sessions}
    joining = sorted({check.session_id or 0 for check, _finding in found} - known - {0})
    if joining:
        alert.also_sessions = [*alert.also_sessions, *joining]
        tx.session.add(alert)


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
        await page_anew(tx, alert, clinic, "raised", rules=new)
    elif new:
        await note_event(tx, alert, "reason_added", rules=new)
    if changed and not anew:
        await refresh_cards(tx, alert)


async def acknowledge(
    work: Work, actor: Actor, alert_id: int, generation: int | None = None
) -> Taken:
    """[I'm on it]: one winner; every copy says so, the patient is told, escalation stops.

    `generation` is that of the card that was tapped: who has seen an older card than the newest
    paging does not take what has become worse since.

    Raises:
        RefusedError: no such alert in the actor's clinic.
    """
    person, clinic_id = actor.staff()
    async with work.writing() as tx:
        alert = await _alert(tx, clinic_id, alert_id)
        if generation is not None and alert.state == "open" and alert.generation > generation:
            return Taken(alert, won=False, by="", outdated=True)
        won = await storage.alerts.acknowledge(tx.session, alert_id, person.id or 0, tx.now)
        if won:
            await tx.session.refresh(alert)
            await _acknowledged(tx, alert, actor)
        holder = await storage.people.person(tx.session, clinic_id, alert.acknowledged_by or 0)
        return Taken(alert, won, tx.cipher.open(holder.name) if holder else "")


async def _acknowledged(tx: Tx, alert: Alert, actor: Actor) -> None:
    person, clinic_id = actor.staff()
    await storage.outbox.cancel(tx.session, at=tx.now, kinds=PAGING_KINDS, alert_id=alert.id)
    await _tell_seen(tx, alert)
    await refresh_cards(tx, alert)
    taken = await note_event(tx, alert, "acknowledged", person_id=person.id)
    await start_clock(tx, alert, taken)
    tx.audit(clinic_id, actor.name, "alert_acknowledged", f"alert:{alert.id}")


async def _tell_seen(tx: Tx, alert: Alert) -> None:
    """The patient learns, once for each time it was paged, that the clinic has seen it."""
    told = await tx.enqueue(
        "seen",
        f"seen:{alert.id}:{alert.generation}",
        clinic_id=alert.clinic_id,
        patient_id=alert.patient_id,
        alert_id=alert.id,
        detail={"at": tx.now.isoformat()},
    )
    if told is not None:
        await note_event(tx, alert, "told_seen")


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
        given = await note_event(
            tx, alert, "handed_over", person_id=actor.staff()[0].id, to=to_person_id
        )
        await start_clock(tx, alert, given)
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
        untaken = alert.state == "open"
        end: dict[str, object] = {"outcome": outcome, "closed_by": person.id, "closed_at": tx.now}
        closed = await storage.alerts.close(tx.session, alert_id, end)
        await tx.session.refresh(alert)
        if not closed:
            return alert
        await storage.outbox.cancel(
            tx.session,
            at=tx.now,
            kinds=(*PAGING_KINDS, *FORGOTTEN_KINDS, "emergency_repeat"),
            alert_id=alert_id,
        )
        if untaken:
            await _tell_seen(tx, alert)
        if not keep_checks:
            await _stop_checks(tx, alert)
        await refresh_cards(tx, alert)
        await note_event(tx, alert, "closed", person_id=person.id, outcome=outcome)
        tx.audit(
            clinic_id, actor.name, "alert_closed", f"alert:{alert_id}",
            outcome=outcome, keep_checks=keep_checks,
        )  # fmt: skip
        return alert


async def _stop_checks(tx: Tx, alert: Alert) -> None:
    """No more check-ins for its sessions; one that runs may be finished, and closes in the end."""
    about = () if alert.session_id is None else (alert.session_id, *alert.also_sessions)
    for session_id in about:
        for check in await storage.treatment.check_ins_of_session(tx.session, session_id):
            if check.state == "planned":
                await planning.remove(tx, check)
        await storage.outbox.cancel(
            tx.session, at=tx.now, kinds=REMINDER_KINDS, session_id=session_id
        )
    await merging.arrange(tx, alert.clinic_id, alert.patient_id)


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
        note = await note_event(tx, alert, "note", person_id=actor.staff()[0].id)
        await start_clock(tx, alert, note)
        await refresh_cards(tx, alert)
        tx.audit(clinic_id, actor.name, "action_recorded", f"alert:{alert_id}")
        return alert


async def _alert(tx: Tx, clinic_id: int, alert_id: int) -> Alert:
    alert = await storage.alerts.alert(tx.session, clinic_id, alert_id)
    if alert is None:
        raise RefusedError("no such alert")
    await storage.people.hold(tx.session, {alert.patient_id})
    await tx.session.refresh(alert)
    return alert
