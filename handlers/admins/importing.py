"""/import: sessions from a CSV file, looked at first and recorded on a tap."""

import asyncio
import csv
import io
from html import escape

from telegram import Document, InputFile, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import TelegramError

import storage.people
from care.actors import RefusedError
from care.exports.columns import guarded
from care.imports.importing import Importer, NewLink, Outcome, record_all, rehearse
from care.imports.rows import Fault, VisitRow, read_rows
from care.imports.sheet import LARGEST_BYTES, SheetError, read_sheet
from handlers.buttons import Rows, keyboard, pack
from handlers.desk import Visit
from handlers.language import N_, _, ngettext
from handlers.wording.imports import count_lines, remark_lines, sheet_words
from handlers.wording.moments import moment
from storage.tables import Clinic

# More would keep this chat waiting for minutes; the command line takes any number.
MOST_ROWS = 1_000
_SHOWN_REMARKS, _SHOWN_ROWS = 12, 3
_LINK_COLUMNS = ("line", "visit_id", "patient_code", "patient_id", "name", "link", "works_until")
_NOT_HERE = N_("I could not get the file from Telegram. Please send it once more.")


async def start(visit: Visit) -> None:
    """/import: what to send."""
    if not visit.in_private:
        raise RefusedError("imports are private")
    await visit.ask(
        "\n".join(
            [
                _("Send me a CSV file, with a line for each session. The columns:"),
                _("visit_id: your own id of the visit, so that none is recorded twice"),
                _("at: when it was, like 2026-03-31 14:30"),
                _("patient_id, patient_code, or name and phone: whose it was"),
                _("regions, risks, pain_before, high_risk, clinician: if you have them"),
                _("I read it and show you what I found. Nothing is recorded before you tap."),
            ]
        )
    )


async def received(visit: Visit) -> None:
    """A file from an admin: what is in it, and a button that records it."""
    message = visit.update.effective_message
    document = message.document if message else None
    if message is None or document is None:
        return
    read = await _read(visit, document)
    if isinstance(read, str):
        await visit.reply(read)
        return
    clinic, rows, faults = read
    outcome = await rehearse(visit.work, clinic.id or 0, rows)
    outcome.faults[:0] = faults
    lines = [f"<b>{_('What I found')}</b>", *map(escape, count_lines(outcome, done=False))]
    lines += _first_rows(rows, clinic, visit) + _remarks(outcome)
    buttons: Rows = ()
    if outcome.recorded > MOST_ROWS:
        lines.append(
            _("That is too many for this chat. Use symptom-diary import-sessions, or send parts.")
        )
    elif outcome.recorded:
        label = ngettext("Import {n} session", "Import {n} sessions", outcome.recorded)
        buttons = [
            [(label.format(n=outcome.recorded), pack("im", "go"))],
            [(_("Cancel"), pack("im", "no"))],
        ]
    await _reply_to(visit, message, "\n".join(lines), buttons)


async def tapped(visit: Visit) -> None:
    """[Import n sessions] or [Cancel]: the file is the one that the message answers to."""
    message = visit.update.effective_message
    if not visit.in_private:
        raise RefusedError("imports are private")
    if visit.tapped().word(0) != "go":
        await visit.edit(_("Cancelled. Nothing was recorded."))
        return
    asked = message.reply_to_message if isinstance(message, Message) else None
    read = await _read(visit, asked.document) if asked and asked.document else _(_NOT_HERE)
    if isinstance(read, str):
        await visit.edit(read)
        return
    _clinic, rows, faults = read
    # Without its buttons nobody taps it twice; the result is a new message, because edits are
    # silent.
    await visit.edit(_("I am recording them. This can take a minute."))
    person, clinic_id = visit.actor.staff()
    importer = Importer(
        visit.actor.telegram_id, clinic_id, person, visit.actor.roles, by=visit.actor.name
    )
    outcome = await record_all(visit.work, importer, rows)
    outcome.faults[:0] = faults
    lines = [*map(escape, count_lines(outcome, done=True)), *_remarks(outcome)]
    await visit.reply("\n".join(lines))
    if outcome.links:
        await _send_links(visit, outcome.links)


Read = tuple[Clinic, list[VisitRow], list[Fault]]


async def _read(visit: Visit, document: Document) -> Read | str:
    """The file's sessions and faults, or in words why there are none."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    if (document.file_size or 0) > LARGEST_BYTES:
        return sheet_words(SheetError("too_large"))
    try:
        file = await visit.patiently(document.get_file)
        data = bytes(await file.download_as_bytearray())
    except TelegramError:
        return _(_NOT_HERE)
    now = visit.work.clock.now()
    try:
        # In a thread: twenty megabytes take seconds, and other chats do not wait for them.
        rows, faults = await asyncio.to_thread(
            lambda: read_rows(read_sheet(data), clinic.zone, now)
        )
    except SheetError as error:
        return sheet_words(error)
    return clinic, rows, faults


def _first_rows(rows: list[VisitRow], clinic: Clinic, visit: Visit) -> list[str]:
    """The first sessions as they were read, so that a wrong column is seen."""
    if not rows:
        return []
    now = visit.work.clock.now()
    lines = [f"<i>{_('The first ones, as I read them:')}</i>"]
    for row in rows[:_SHOWN_ROWS]:
        facts, whose = row.facts, row.whose
        who = whose.code or whose.external_id or whose.name or whose.phone
        pain = "?" if facts.pain_before is None else str(facts.pain_before)
        parts = [
            row.visit_id[:40],
            who[:40],
            moment(facts.at, clinic.zone, now),
            ", ".join(facts.regions) or "?",
            _("pain {pain}").format(pain=pain),
        ]
        lines.append(escape(" · ".join(parts)))
    return lines


def _remarks(outcome: Outcome) -> list[str]:
    found = remark_lines(outcome)
    lines = [escape(line) for line in found[:_SHOWN_REMARKS]]
    rest = len(found) - len(lines)
    if rest > 0:
        words = ngettext("and {n} more line.", "and {n} more lines.", rest)
        lines.append(words.format(n=rest))
    return lines


async def _reply_to(visit: Visit, message: Message, text: str, buttons: Rows) -> None:
    """Answer the message with the file, so that the tapped button knows its file."""
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_message(
                visit.chat_id,
                text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(buttons),
                reply_parameters=ReplyParameters(message.message_id),
            )
        )
    except TelegramError:
        # The file was deleted meanwhile.
        await visit.reply(_(_NOT_HERE))


async def _send_links(visit: Visit, links: list[NewLink]) -> None:
    """The new patients' links as a file; whoever misses it makes new ones at /patients."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_LINK_COLUMNS)
    for link in links:
        whose = link.row.whose
        known = [link.row.visit_id, link.code, whose.external_id, whose.name]
        until = link.expires_at.strftime("%Y-%m-%d %H:%M")
        url = visit.desk.link(link.token)
        writer.writerow([link.row.line, *map(guarded, known), url, until])
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_document(
                visit.chat_id,
                InputFile(written.getvalue().encode(), "links.csv"),
                caption=_(
                    "A link for each new patient. Each works once, for 14 days. "
                    "Pass them on, then delete this message."
                ),
            )
        )
    except TelegramError:
        await visit.reply(
            _("I could not send the file with the links. Open /patients and tap New link.")
        )
