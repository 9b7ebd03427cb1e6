"""/session: a treatment session in five taps; each screen's buttons carry the whole draft."""

from dataclasses import replace
from html import escape
from typing import Any

import storage.people
import storage.treatment
from care import joining, sessions
from care.actors import RefusedError
from care.sessions import REGIONS, RISKS, InvalidSessionError
from handlers.buttons import Rows, pack
from handlers.clinicians.drafts import Draft
from handlers.clinicians.links import send_link
from handlers.clinicians.session_screens import (
    REGION_LABELS,
    RISK_LABELS,
    RISK_MEANINGS,
    recorded_screen,
    summary,
)
from handlers.desk import Visit
from handlers.language import N_, _
from handlers.wording.moments import moment

PER_PAGE = 8


async def start(visit: Visit) -> None:
    """/session: whose?"""
    text, rows = await _whose(visit)
    await visit.reply(text, rows)


async def tapped(visit: Visit) -> None:
    """A button of the recording screens."""
    screen, word = visit.tapped().word(0), visit.tapped().word(1)
    if screen == "new":
        await _new_patient(visit)
    elif screen == "off":
        await visit.edit(_("Nothing was recorded."))
    elif screen == "save":
        await _save(visit, Draft.read(word))
    else:
        draft = Draft.read(word)
        async with visit.work.reading() as session:
            _person, clinic_id = visit.actor.staff()
            patient = await storage.people.patient(session, clinic_id, draft.patient)
            clinic = await storage.people.clinic(session, clinic_id)
        if patient is None or clinic is None:
            raise RefusedError("no such patient")
        text, rows = _SCREENS[screen](draft, patient.code, clinic.zone, visit)
        await visit.edit(text, rows)


async def _whose(visit: Visit) -> tuple[str, Rows]:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        patients = await storage.people.newest_patients(session, clinic_id, limit=PER_PAGE)
    rows = [
        [
            (
                _label(visit, patient.code, patient.name),
                pack("s", "where", Draft(patient.id or 0).coded()),
            )
        ]
        for patient in patients
    ]
    rows.append([(_("New patient"), pack("s", "new", "p"))])
    return _("<b>New session</b>\nWho was treated? (Another one: /patient CODE)"), rows


def _label(visit: Visit, code: str, name: str) -> str:
    known = visit.work.cipher.open(name)
    return f"{code} {known}"[:30].strip()


async def _new_patient(visit: Visit) -> None:
    link = await joining.new_patient(visit.work, visit.actor)
    patient = link.patient
    if patient is None:
        raise RefusedError("no patient")
    await send_link(visit, link)
    draft = Draft(patient.id or 0)
    text, rows = _where(draft, patient.code, "UTC", visit)
    await visit.reply(text, rows)


def _head(code: str, title: str) -> str:
    return f"<b>{_('Session')} · {escape(code)}</b>\n{title}"


def _where(draft: Draft, code: str, _zone: str, _visit: Visit) -> tuple[str, Rows]:
    rows = [
        [(_(REGION_LABELS[name]), pack("s", "pain", replace(draft, regions=1 << i).coded()))]
        for i, name in enumerate(REGIONS)
    ]
    rows.append([(_("Several areas"), pack("s", "areas", draft.coded()))])
    return _head(code, _("Where did the needles go?")), rows


def _areas(draft: Draft, code: str, _zone: str, _visit: Visit) -> tuple[str, Rows]:
    rows = [
        [
            (
                _tick(_(REGION_LABELS[name]), draft.regions >> i & 1),
                pack("s", "areas", draft.with_region(i).coded()),
            )
        ]
        for i, name in enumerate(REGIONS)
    ]
    if draft.regions:
        rows.append([(_("Done"), pack("s", "pain", draft.coded()))])
    return _head(code, _("Tap every area, then Done.")), rows


def _pain(draft: Draft, code: str, _zone: str, _visit: Visit) -> tuple[str, Rows]:
    digits = [(str(n), pack("s", "risk", replace(draft, pain=n).coded())) for n in range(11)]
    rows = [
        digits[:6],
        digits[6:],
        [(_("Not known"), pack("s", "risk", replace(draft, pain=None).coded()))],
    ]
    question = _("Pain before the session, in that area? 0 = none, 10 = worst imaginable")
    return _head(code, question), rows


def _risk(draft: Draft, code: str, _zone: str, _visit: Visit) -> tuple[str, Rows]:
    rows = []
    if not draft.risks:
        rows.append([(_("No risks"), pack("s", "last", draft.coded()))])
    rows += [
        [
            (
                _tick(_(RISK_LABELS[name]), draft.risks >> i & 1),
                pack("s", "risk", draft.with_risk(i).coded()),
            )
        ]
        for i, name in enumerate(RISKS)
    ]
    if draft.risks:
        rows.append([(_("Done"), pack("s", "last", draft.coded()))])
    meanings = "\n".join(
        f"<b>{_(RISK_LABELS[name])}</b>: {_(RISK_MEANINGS[name])}" for name in RISKS
    )
    return _head(code, f"{_('Any of these?')}\n{meanings}"), rows


def _last(draft: Draft, code: str, zone: str, visit: Visit) -> tuple[str, Rows]:
    now = visit.work.clock.now()
    at = draft.at(now)

    empty = Draft(draft.patient, session=draft.session).coded()

    def last(**changes: Any) -> str:
        return pack("s", "last", replace(draft, **changes).coded())

    def shifted(minutes: int) -> str:
        return last(minute=int(at.timestamp() // 60) + minutes)

    rows = [
        [(_("Save"), pack("s", "save", draft.coded()))],
        [("−1 d", shifted(-1440)), ("−1 h", shifted(-60)), ("−15 min", shifted(-15))],
        [("+15 min", shifted(15)), ("+1 h", shifted(60)), (_("Now"), last(minute=None))],
        [(_tick(_("High risk"), draft.high_risk), last(high_risk=not draft.high_risk))],
        [(_("Start again"), pack("s", "where", empty)), (_("Cancel"), pack("s", "off", "p"))],
    ]
    return _head(code, summary(draft.facts(now), moment(at, zone, now))), rows


_SCREENS = {"where": _where, "areas": _areas, "pain": _pain, "risk": _risk, "last": _last}


async def _save(visit: Visit, draft: Draft) -> None:
    facts = draft.facts(visit.work.clock.now())
    try:
        if draft.session is not None:
            recorded = await sessions.edit(visit.work, visit.actor, draft.session, facts)
        else:
            # The screen's own message is the visit: a double tap on Save records one session.
            recorded = await sessions.record(
                visit.work, visit.actor, draft.patient, facts,
                visit_key=f"screen:{visit.chat_id}:{visit.message_id}",
            )  # fmt: skip
    except InvalidSessionError as error:
        await visit.toast(_(WHY_INVALID.get(str(error), N_("This cannot be saved."))), alert=True)
        return
    text, rows = recorded_screen(visit, recorded)
    await visit.edit(text, rows)


WHY_INVALID = {
    "the session lies in the future": N_("This time lies in the future. Please change it."),
    "the session is more than 30 days ago": N_("This is more than 30 days ago. Please change it."),
}


async def change(visit: Visit) -> None:
    """[Edit] or [Cancel session] under a recorded session."""
    session_id, what = visit.tapped().number(0), visit.tapped().word(1)
    if what == "cancel":
        await visit.edit(
            _("Cancel this session? Its check-ins will not be sent, and the patient is told."),
            [
                [
                    (_("Yes, cancel it"), pack("se", session_id, "really")),
                    (_("No, keep it"), pack("se", session_id, "keep")),
                ]
            ],
        )
        return
    if what == "really":
        await sessions.cancel(visit.work, visit.actor, session_id)
        await visit.edit(_("The session is cancelled. The patient is told."))
        return
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as reading:
        session = await storage.treatment.treatment_session(reading, clinic_id, session_id)
        if session is None or session.cancelled_at is not None:
            raise RefusedError("no such session")
        patient = await storage.people.patient(reading, clinic_id, session.patient_id)
        clinic = await storage.people.clinic(reading, clinic_id)
        checks = await storage.treatment.check_ins_of_session(reading, session_id)
    if patient is None or clinic is None:
        raise RefusedError("no such patient")
    if what == "keep":
        live = tuple(check for check in checks if check.state in ("planned", "open"))
        text, rows = recorded_screen(
            visit, sessions.Recorded(session, patient, clinic, live, None)
        )
    else:
        draft = Draft(
            session.patient_id,
            sum(1 << i for i, name in enumerate(REGIONS) if name in session.regions),
            session.pain_before,
            sum(1 << i for i, name in enumerate(RISKS) if name in session.risks),
            session.high_risk,
            int(session.at.timestamp() // 60),
            session_id,
        )
        text, rows = _last(draft, patient.code, clinic.zone, visit)
    await visit.edit(text, rows)


def _tick(label: str, on: object) -> str:
    return f"{'☑' if on else '☐'} {label}"
