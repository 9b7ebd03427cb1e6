"""/audit: who did what to what, newest first; the chain checked, and as a file."""

from collections.abc import Sequence
from html import escape

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from telegram import InputFile
from telegram.error import TelegramError

import storage.audit
import storage.people
from care.actors import RefusedError
from care.audit import exported, verify
from handlers.buttons import Rows, pack
from handlers.desk import Visit
from handlers.language import _
from handlers.wording.moments import moment
from storage.tables import AuditEntry, Patient

log = structlog.get_logger()

PER_PAGE = 10
NEWEST = 0
EVERYBODY = 0
LARGEST_BYTES = 49 * 2**20
_MOST_DETAIL = 80

Screen = tuple[str, Rows]


async def audit(visit: Visit) -> None:
    """/audit, alone or with a patient's code."""
    _person, clinic_id = visit.actor.staff()
    words = visit.text.split()
    patient = None
    if len(words) > 1:
        async with visit.work.reading() as session:
            patient = await storage.people.patient_by_code(session, clinic_id, words[1])
        if patient is None:
            await visit.reply(_("There is no patient with this code."))
            return
    await visit.reply(*await _page(visit, NEWEST, patient))


async def tapped(visit: Visit) -> None:
    """[Older], [Newest], [Check the chain], [Send as file]."""
    _person, clinic_id = visit.actor.staff()
    button = visit.tapped()
    what, before, patient_id = button.word(0), button.number(1), button.number(2)
    if not visit.in_private:
        await visit.toast(_("Please send me that in our private chat."), alert=True)
    elif what == "check":
        await _check(visit, clinic_id)
    elif what == "file":
        await _send(visit, clinic_id)
    elif what == "page":
        async with visit.work.reading() as session:
            patient = await storage.people.patient(session, clinic_id, patient_id)
        if patient is None and patient_id != EVERYBODY:
            raise RefusedError("no such patient")
        await visit.edit(*await _page(visit, before, patient))
    else:
        raise RefusedError("no such button")


async def _page(visit: Visit, before: int, patient: Patient | None) -> Screen:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        found = await storage.audit.page(
            session,
            clinic_id,
            before=before or None,
            limit=PER_PAGE + 1,
            about=patient.ref if patient else "",
        )
        clinic = await storage.people.clinic(session, clinic_id)
        names = await _names(visit, session, clinic_id, found)
    zone = clinic.zone if clinic else "UTC"
    now = visit.work.clock.now()
    title = _("Audit of {code}").format(code=patient.code) if patient else _("Audit")
    lines = [f"<b>{escape(title, quote=False)}</b>"]
    for entry in found[:PER_PAGE]:
        when = moment(entry.at, zone, now)
        lines.append(f"{entry.seq} · {escape(when)} · {_line(entry, names)}")
    if not found:
        lines.append(_("Nothing is written here yet."))
    about = (patient.id or 0) if patient else EVERYBODY
    turn = []
    if before:
        turn.append((_("Newest"), pack("au", "page", NEWEST, about)))
    if len(found) > PER_PAGE:
        turn.append((_("Older"), pack("au", "page", found[PER_PAGE - 1].seq, about)))
    rows = [turn] if turn else []
    rows.append([(_("Check the chain"), pack("au", "check", 0, 0))])
    rows.append([(_("Send as file"), pack("au", "file", 0, 0))])
    return "\n".join(lines), rows


async def _names(
    visit: Visit, session: AsyncSession, clinic_id: int, entries: Sequence[AuditEntry]
) -> dict[str, str]:
    """Staff by name and patients by code, for those that these entries name."""
    staff = await storage.people.staff(session, clinic_id)
    named = {part for entry in entries for part in (entry.actor, entry.subject)}
    refs = {part.partition(":")[2] for part in named if part.startswith("patient:")}
    patients = await storage.people.patients_by_ref(session, clinic_id, refs)
    cipher = visit.work.cipher
    names = {f"person:{one.id}": cipher.open(one.name) or f"person:{one.id}" for one, _r in staff}
    return names | {f"patient:{one.ref}": one.code for one in patients}


def _line(entry: AuditEntry, names: dict[str, str]) -> str:
    actor = names.get(entry.actor, entry.actor)
    subject = names.get(entry.subject, entry.subject)
    detail = ", ".join(
        f"{key}={_short(value)}" for key, value in entry.detail.items() if key != "patient"
    )
    words = f"{escape(actor, quote=False)}: <code>{escape(entry.action)}</code>"
    words += f" {escape(subject, quote=False)}"
    return words + (f" ({escape(detail[:_MOST_DETAIL], quote=False)})" if detail else "")


def _short(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


async def _check(visit: Visit, clinic_id: int) -> None:
    async with visit.work.reading() as session:
        found = await verify(session, clinic_id)
    if found.broken_at is None:
        await visit.toast(
            _("The chain is whole: {n} entries.").format(n=found.entries), alert=True
        )
    else:
        await visit.toast(
            _("The chain breaks at entry {n}: somebody changed the records.").format(
                n=found.broken_at
            ),
            alert=True,
        )


async def _send(visit: Visit, clinic_id: int) -> None:
    await visit.toast(_("I am making the file."))
    async with visit.work.reading() as session:
        lines = [line async for line in exported(session, clinic_id)]
    packed = "".join(lines).encode()
    if len(packed) > LARGEST_BYTES:
        await visit.reply(
            _("That is more than Telegram carries. Use symptom-diary audit export on the server.")
        )
        return
    async with visit.work.writing() as tx:
        tx.audit(clinic_id, visit.actor.name, "audit_exported", f"clinic:{clinic_id}")
    today = visit.work.clock.now().strftime("%Y-%m-%d")
    caption = _("symptom-diary audit verify FILE checks it, on any machine.")
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_document(
                visit.chat_id, InputFile(packed, f"audit-{today}.jsonl"), caption=caption
            )
        )
    except TelegramError as error:
        log.warning("audit_not_sent", error=type(error).__name__)
        await visit.reply(_("The file could not be sent. Please try again."))
