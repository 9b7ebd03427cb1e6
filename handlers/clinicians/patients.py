"""/patients and /patient CODE: who is followed, and how each of them is doing."""

import re
from html import escape

import storage.alerts
import storage.people
import storage.treatment
from care import naming
from care.actors import RefusedError
from care.evaluation import gather
from handlers.buttons import Rows, pack
from handlers.clinicians.drafts import Draft
from handlers.desk import Visit
from handlers.language import N_, _
from handlers.patients.screens import said
from handlers.wording import questions as wording
from handlers.wording.moments import moment
from storage.tables import Patient

PER_PAGE = 8
CODE = re.compile(r"\bP-[A-Z2-9]{4}\b", re.IGNORECASE)
STATES = {
    "planned": N_("planned"),
    "open": N_("waiting for an answer"),
    "complete": N_("answered"),
    "no_answer": N_("no answer"),
    "abandoned": N_("left half-way"),
    "missed": N_("not sent in time"),
    "cancelled": N_("cancelled"),
}


async def patients(visit: Visit) -> None:
    """/patients: newest first, a page at a time."""
    text, rows = await _page(visit, 0)
    await visit.reply(text, rows)


async def page(visit: Visit) -> None:
    """Another page of the list."""
    text, rows = await _page(visit, max(0, visit.tapped().number()))
    await visit.edit(text, rows)


async def _page(visit: Visit, number: int) -> tuple[str, Rows]:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        found = await storage.people.newest_patients(
            session, clinic_id, limit=PER_PAGE + 1, offset=number * PER_PAGE
        )
    rows = [
        [(_label(visit, patient), pack("pv", patient.id or 0))] for patient in found[:PER_PAGE]
    ]
    turn = []
    if number:
        turn.append((_("Newer"), pack("pl", number - 1)))
    if len(found) > PER_PAGE:
        turn.append((_("Older"), pack("pl", number + 1)))
    if turn:
        rows.append(turn)
    return (
        _("Patients, newest first") if found else _("No patients yet. /session adds one.")
    ), rows


def _label(visit: Visit, patient: Patient) -> str:
    joined = "" if patient.joined_at else f" ({_('not joined')})"
    return f"{patient.code} {visit.work.cipher.open(patient.name)}{joined}"[:40]


async def patient(visit: Visit) -> None:
    """/patient CODE."""
    match = CODE.search(visit.text)
    _person, clinic_id = visit.actor.staff()
    if match is None:
        await visit.reply(_("Send /patient with a code, like /patient P-7K3M"))
        return
    async with visit.work.reading() as session:
        found = await storage.people.patient_by_code(session, clinic_id, match.group())
    if found is None:
        await visit.reply(_("There is no patient with this code."))
        return
    await _show(visit, found)


async def view(visit: Visit) -> None:
    """A patient chosen from a list or a card."""
    if not visit.in_private:
        await visit.toast(_("Patients are shown in the private chat with me only."), alert=True)
        return
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        found = await storage.people.patient(session, clinic_id, visit.tapped().number())
    if found is None:
        raise RefusedError("no such patient")
    await _show(visit, found)


async def _show(visit: Visit, found: Patient) -> None:
    text = await _course(visit, found)
    patient_id = found.id or 0
    rows = [
        [(_("New session"), pack("s", "where", Draft(patient_id).coded()))],
        [(_("New link"), pack("nl", patient_id)), (_("Not my patient"), pack("np", patient_id))],
    ]
    await visit.reply(text, rows)


async def _course(visit: Visit, found: Patient) -> str:
    open_ = visit.work.cipher.open
    now = visit.work.clock.now()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, found.clinic_id)
        zone = found.zone or (clinic.zone if clinic else "UTC")
        lines = [f"<b>{escape(found.code)}</b> {escape(open_(found.name))}"]
        if found.joined_at is None:
            lines.append(_("Has not joined yet."))
        if found.unreachable_at is not None:
            lines.append(_("Cannot be reached on Telegram."))
        for treated in (await storage.treatment.sessions_of(session, found.id or 0))[:3]:
            lines.append(f"\n<b>{_('Session')} {moment(treated.at, zone, now)}</b>")
            for check in await storage.treatment.check_ins_of_session(session, treated.id or 0):
                if check.state == "cancelled":
                    continue
                facts = await gather(session, check)
                given = "; ".join(
                    f"{wording.short_title(question)}: {said(question, value)}"
                    for question, value in facts.final.items()
                )
                lines.append(f"{check.step} ({_(STATES[check.state])}): {escape(given) or '–'}")
        lines += [
            f"#{alert.id} {alert.level}: {', '.join(alert.rules)} ({alert.state})"
            for alert in (await storage.alerts.alerts_of_patient(session, found.id or 0))[:5]
        ]
        notes = await storage.treatment.notes_of(session, found.id or 0)
        for note in notes[-5:]:
            when = moment(note.at, zone, now)
            lines.append(f"✎ {when}: {escape(open_(note.body))[:200] or _('a picture or a file')}")
    return "\n".join(lines)[:4000]


async def named(visit: Visit, code: str) -> None:
    """A reply to the link's picture: the name to show beside the code."""
    found = await naming.name_patient(visit.work, visit.actor, code, visit.text[:80])
    await visit.reply(_("{code} is shown with that name from now on.").format(code=found.code))
