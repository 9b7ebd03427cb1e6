"""/patients and /patient CODE: who is followed, and how each of them is doing."""

import re
from html import escape

import structlog

import storage.people
from care import naming
from care.actors import RefusedError
from handlers import photos, sending
from handlers.buttons import Rows, pack
from handlers.charts import chart
from handlers.clinicians.course import View, brief, view_of
from handlers.desk import Visit
from handlers.language import _
from storage.tables import Patient

log = structlog.get_logger()

PER_PAGE, MOST_FOUND = 8, 12
CODE = re.compile(r"\bP-[A-Z2-9]{4}\b", re.IGNORECASE)


async def patients(visit: Visit) -> None:
    """/patients: newest first, a page at a time; with words: those whose code or name fits."""
    wanted = visit.text.partition(" ")[2].strip()
    if wanted:
        await _search(visit, wanted)
        return
    text, rows = await _page(visit, 0)
    await visit.reply(text, rows)


async def _search(visit: Visit, wanted: str) -> None:
    found = await naming.search(visit.work, visit.actor, wanted, most=MOST_FOUND + 1)
    rows = [[(_label(visit, one), pack("pv", one.id or 0))] for one in found[:MOST_FOUND]]
    if not found:
        await visit.reply(_("Nobody with this code or name. /patients shows everyone."))
    elif len(found) > MOST_FOUND:
        await visit.reply(_("Many fit. Here are some; add letters to find fewer."), rows)
    else:
        await visit.reply(_("Found"), rows)


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
    text = _("Patients, newest first. /patients and a code or name finds somebody.")
    return text if found else _("No patients yet. /session adds one."), rows


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


async def details(visit: Visit) -> None:
    """[Details]: name and phone, in the private chat only."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        found = await storage.people.patient(session, clinic_id, visit.tapped().number())
    if found is None:
        raise RefusedError("no such patient")
    if not visit.in_private:
        await visit.toast(_("Patients are shown in the private chat with me only."), alert=True)
        return
    name = visit.work.cipher.open(found.name) or _("no name on file")
    phone = visit.work.cipher.open(found.phone) or _("no phone on file")
    await visit.reply(f"<b>{escape(found.code)}</b>\n{escape(name)}\n{escape(phone)}")


async def _show(visit: Visit, found: Patient) -> None:
    """The pictures first, the words with the buttons last, next to the thumb."""
    async with visit.work.reading() as session:
        shown = await view_of(session, found, visit.work.cipher, visit.work.clock.now())
    try:
        await _pictures(visit, shown)
    except Exception:
        # A picture that cannot be drawn must not keep the words from the clinician.
        log.exception("pictures_failed")
    await visit.reply(shown.text, shown.rows)


async def _pictures(visit: Visit, shown: View) -> None:
    code = escape(shown.patient.code)
    if shown.charted:
        png = await chart(shown.charted, title=shown.patient.code, zone=shown.zone, alerts=True)
        await sending.picture(visit, png, f"<b>{code}</b>\n{brief(shown.charted[-1])}")
    if shown.photos:
        jpeg = await photos.compose(visit.desk.bot, shown.photos)
        days = "\n".join(escape(photo.label) for photo in shown.photos)
        await sending.picture(visit, jpeg, f"<b>{code}</b>\n{days}")


async def named(visit: Visit, code: str) -> None:
    """A reply to the link's picture: the name to show beside the code."""
    found = await naming.name_patient(visit.work, visit.actor, code, visit.text[:80])
    await visit.reply(_("{code} is shown with that name from now on.").format(code=found.code))
