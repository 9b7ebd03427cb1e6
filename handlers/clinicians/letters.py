"""Replying to a card: [Send to patient] or [Keep as note]; nothing is sent unasked."""

from html import escape

import storage.letters
import storage.outbox
import storage.people
from care import letters
from care.actors import RefusedError
from care.outbox import CARD_KINDS
from handlers.buttons import ForgedError, pack, parse
from handlers.delivery import Nothing, Rendered, Rendering
from handlers.desk import Visit
from handlers.language import _
from handlers.outgoing import Outgoing
from handlers.patients.readers import reader_of

MOST_WORDS = 1500
# The buttons by which a card is known that was shown on request and is no row of the outbox.
CARD_VERBS = frozenset({"k", "kd", "ko", "kc"})


async def replied_in_group(visit: Visit) -> None:
    """A reply in a group: to a card of ours it is a message; anything else is not for us."""
    if visit.actor.is_staff and visit.text and visit.update.edited_message is None:
        await offer(visit)


async def offer(visit: Visit) -> bool:
    """Ask what is to happen with a reply to a card; False when it replies to something else."""
    alert_id = await _alert_replied_to(visit)
    if alert_id is None:
        return False
    _person, clinic_id = visit.actor.staff()
    if len(visit.text) > MOST_WORDS:
        await visit.reply(_("That is too long. Please use at most {n} characters.").format(
            n=MOST_WORDS
        ))  # fmt: skip
        return True
    letter = await letters.draft(
        visit.work, visit.actor, alert_id, visit.text, visit.update.update_id
    )
    async with visit.work.reading() as session:
        patient = await storage.people.patient(session, clinic_id, letter.patient_id)
    # The words are not repeated: in the group they have been seen by enough people.
    text = _("What is to happen with your message about {code}? Nothing has been sent yet.")
    rows = [[(_("Keep as note"), pack("mk", letter.id or 0))]]
    if patient is not None and patient.chat_id is not None:
        rows.insert(0, [(_("Send to patient"), pack("ms", letter.id or 0))])
    else:
        text = _("{code} cannot be written to. Keep your message as a note?")
    await visit.reply(text.format(code=escape(patient.code if patient else "?")), rows)
    return True


async def _alert_replied_to(visit: Visit) -> int | None:
    message = visit.update.effective_message
    card = message.reply_to_message if message else None
    if card is None or card.from_user is None or card.from_user.id != visit.desk.bot.id:
        return None
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        row = await storage.outbox.sent_as(session, visit.chat_id, card.message_id)
    if row is not None and row.kind in CARD_KINDS and row.clinic_id == clinic_id:
        return row.alert_id
    for line in card.reply_markup.inline_keyboard if card.reply_markup else ():
        for button in line:
            try:
                found = parse(str(button.callback_data))
            except ForgedError:
                continue
            if found.verb in CARD_VERBS:
                return found.number()
    return None


async def send(visit: Visit) -> None:
    """[Send to patient]."""
    try:
        sent = await letters.send(visit.work, visit.actor, visit.tapped().number())
    except RefusedError:
        await visit.toast(_("Only its author can send it, and only to a patient who has joined."),
                          alert=True)  # fmt: skip
        return
    await visit.edit(
        _("Sent to the patient. The answer comes to your private chat with me.")
        if sent
        else _("That was decided already.")
    )


async def keep(visit: Visit) -> None:
    """[Keep as note]."""
    try:
        kept = await letters.keep(visit.work, visit.actor, visit.tapped().number())
    except RefusedError:
        await visit.toast(_("Only its author can keep it."), alert=True)
        return
    await visit.edit(
        _("Kept as a note. /patient shows it.") if kept else _("That was decided already.")
    )


async def clinic_message(job: Rendering) -> Rendered:
    """To the patient, in the clinician's words."""
    reader = await reader_of(job)
    letter = await storage.letters.letter(
        job.session, job.row.clinic_id, int(str(job.row.detail["letter"]))
    )
    if letter is None:
        return Nothing("gone")
    words = escape(job.cipher.open(letter.body), quote=False)
    lines = [
        f"<b>{_('Message from your clinic:')}</b>",
        f"<blockquote>{words}</blockquote>",
        _("Your answer to this goes back to your clinic. In an emergency call {number}.").format(
            number=escape(reader.clinic.emergency_number)
        ),
    ]
    if job.may_repeat:
        lines.insert(0, _("In case you missed it:"))
    rows = [[(_("Report a problem"), pack("r", reader.patient.id or 0))]]
    return Outgoing(reader.chat_id, "\n".join(lines), rows)
