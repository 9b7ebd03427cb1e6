"""An alert's card, gathered from what is true now, for the group and for private chats."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.people
import storage.treatment
from care import timing
from care.actors import Actor, RefusedError
from care.evaluation import Facts, gather
from care.typed import QUIET
from care.work import Work
from handlers.buttons import Rows, pack
from handlers.language import _
from handlers.patients.screens import said
from handlers.wording import questions as wording
from handlers.wording.areas import area_words
from handlers.wording.cards import CardFacts, private_card
from handlers.wording.moments import moment
from storage.cipher import Cipher
from storage.tables import Alert, CheckIn, TreatmentSession

# Ratings stand in a line of their own; the rest of what was answered are the signs.
RATINGS = ("pain", "soreness", "bruising")
NO_SIGN = ("none", "no", "soft", "small_spot")


async def card_for(work: Work, actor: Actor, alert_id: int) -> tuple[str, Rows]:
    """The private card of an alert of the actor's clinic.

    Raises:
        RefusedError: there is none.
    """
    _person, clinic_id = actor.staff()
    async with work.reading() as session:
        alert = await storage.alerts.alert(session, clinic_id, alert_id)
        if alert is None:
            raise RefusedError("no such alert")
        facts = await card_facts(session, alert, work.cipher, work.clock.now())
    return private_card(facts), buttons(alert)


def buttons(alert: Alert) -> Rows:
    """What can be done with the alert now."""
    alert_id = alert.id or 0
    more = [(_("Details"), pack("kd", alert_id)), (_("Close"), pack("kc", alert_id))]
    if alert.state == "closed":
        return []
    if alert.state == "acknowledged":
        return [[(_("Hand over"), pack("ko", alert_id))], more]
    return [[(_("I'm on it"), pack("kg", alert_id, alert.generation))], more]


async def card_facts(
    session: AsyncSession,
    alert: Alert,
    cipher: Cipher,
    now: datetime,
    *,
    possible_repeat: bool = False,
) -> CardFacts:
    """Gather everything a card says.

    Raises:
        LookupError: the alert's patient or clinic is gone.
    """
    patient = await storage.people.patient(session, alert.clinic_id, alert.patient_id)
    clinic = await storage.people.clinic(session, alert.clinic_id)
    if patient is None or clinic is None:
        raise LookupError("the alert's patient or clinic is gone")
    treated = None
    if alert.session_id is not None:
        treated = await storage.treatment.treatment_session(
            session, alert.clinic_id, alert.session_id
        )
    others = await _others(session, alert)
    checks = await _checks(session, alert, others)
    own = [facts for facts in checks if facts.check_in.session_id == alert.session_id]
    latest = next((facts for facts in reversed(own) if facts.answers), None)
    holder = await storage.people.person(session, alert.clinic_id, alert.acknowledged_by or 0)
    notes = await storage.treatment.notes_of(
        session, alert.patient_id, since=treated.at if treated else alert.opened_at
    )
    events = await storage.alerts.events(session, alert.id or 0)
    return CardFacts(
        number=alert.id or 0,
        level=alert.level,
        level_now=alert.level_now,
        code=patient.code,
        rules=tuple(alert.rules),
        hours=_hours(treated, latest.check_in if latest else None, alert),
        ratings=_ratings(treated, own),
        merged=tuple(_other(one, checks, moment(one.at, clinic.zone, now)) for one in others),
        signs=_signs(checks),
        overdue=tuple(
            wording.short_title(question)
            for question in (latest.check_in.timed_out if latest else [])
        ),
        words=tuple(cipher.open(note.body) for note in notes if note.body),
        from_typed_message=any(
            note.alert_id == alert.id and note.read_as not in ("", QUIET) for note in notes
        ),
        media=sum(1 for note in notes if note.media),
        taken_by=cipher.open(holder.name) or _("a colleague") if holder else None,
        taken_at=_when(alert.acknowledged_at, clinic.zone, now),
        outcome=alert.outcome,
        closed_at=_when(alert.closed_at, clinic.zone, now),
        action=cipher.open(alert.action),
        patient_says=tuple(
            event.kind for event in events if event.kind in ("getting_help", "mistake")
        ),
        remarks=tuple(
            dict.fromkeys(event.kind for event in events if event.generation == alert.generation)
        ),
        opened_at=moment(alert.opened_at, clinic.zone, now),
        possible_repeat=possible_repeat,
    )


async def _others(session: AsyncSession, alert: Alert) -> list[TreatmentSession]:
    """The other sessions it is about, or that were asked together with its own, oldest first."""
    ids = set(alert.also_sessions)
    check = await storage.treatment.check_in(session, alert.clinic_id, alert.check_in_id or 0)
    for other in await storage.treatment.merged_with(session, check) if check else ():
        ids.add(other.session_id or 0)
    found = [
        await storage.treatment.treatment_session(session, alert.clinic_id, session_id)
        for session_id in sorted(ids - {alert.session_id or 0})
    ]
    return sorted((one for one in found if one is not None), key=lambda one: one.at)


async def _checks(
    session: AsyncSession, alert: Alert, others: Sequence[TreatmentSession]
) -> list[Facts]:
    if alert.session_id is not None:
        found = await storage.treatment.check_ins_of_session(session, alert.session_id)
        for other in others:
            found += await storage.treatment.check_ins_of_session(session, other.id or 0)
    else:
        found = await storage.treatment.check_ins_of_patient(session, alert.patient_id)
        found = [check for check in reversed(found) if check.session_id is None]
    gathered = [await gather(session, check) for check in found if check.state != "cancelled"]
    return sorted(gathered, key=lambda facts: (facts.check_in.due_at, facts.check_in.id or 0))


def _hours(treated: TreatmentSession | None, check: CheckIn | None, alert: Alert) -> float | None:
    if treated is None:
        return None
    at = check.answered_at if check and check.answered_at else alert.opened_at
    return timing.elapsed_hours(treated.at, at)


def _other(treated: TreatmentSession, checks: list[Facts], when: str) -> str:
    """Another session that was asked about in the same check-in: when, where, and its pain."""
    own = [facts for facts in checks if facts.check_in.session_id == treated.id]
    pains = [line[1] for line in _ratings(treated, own) if line[1] != "–"]
    return f"{when} ({area_words(treated.regions)}), {_('pain')} {' → '.join(pains)}"


def _ratings(
    treated: TreatmentSession | None, checks: list[Facts]
) -> tuple[tuple[str, str, str, str], ...]:
    """One line a check: (when, pain, soreness, bruising) in words, the session's own first."""
    before = "?" if treated is None or treated.pain_before is None else str(treated.pain_before)
    lines = [(_("before"), before, "–", "–")]
    for facts in checks:
        values = [
            said(question, facts.final[question]) if question in facts.final else "–"
            for question in RATINGS
        ]
        if any(value != "–" for value in values):
            lines.append((facts.check_in.step, values[0], values[1], values[2]))
    return tuple(lines)


def _signs(checks: list[Facts]) -> tuple[str, ...]:
    """What was reported, in full sentences, newest check last; what is normal is left out."""
    found: list[str] = []
    for facts in checks:
        for question, value in facts.judged.items():
            values = sorted(value) if isinstance(value, frozenset) else [str(value)]
            if question in RATINGS and question != "bruising":
                continue
            found += [
                wording.option_sentence(question, one)
                for one in values
                if one not in NO_SIGN and (question, one) != ("danger", "yes")
            ]
    return tuple(dict.fromkeys(found))


def _when(at: datetime | None, zone: str, now: datetime) -> str | None:
    return moment(at, zone, now) if at else None
