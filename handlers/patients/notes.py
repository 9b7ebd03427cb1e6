"""What patients type and send: never ignored, never ends the conversation."""

import re

from care import letters, notes
from care.notes import Incoming
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _
from handlers.patients import menu
from storage.tables import StaffMessage

# Whole messages that thank and say nothing else, in the languages patients use.
_THANKS = re.compile(
    r"\W*(thanks?( you)?( so much| very much| a lot)?|thank u|thx|ty|ok(ay)?|great|cheers|"
    r"gracias|muchas gracias|vale|👍|🙏|❤️|😊)\W*",
    re.IGNORECASE,
)
_STOP = re.compile(r"\W*(stop|stopp|unsubscribe|parar|basta)\W*", re.IGNORECASE)


async def received(visit: Visit) -> None:
    """A typed message, photo, voice or file from a patient, new or edited."""
    message = visit.update.effective_message
    if message is None:
        return
    if message.text and _STOP.fullmatch(message.text):
        await menu.stop(visit)
        return
    answered = await _answered(visit)
    if answered is not None:
        await _take_answer(visit, answered)
        return
    thanks = bool(message.text and _THANKS.fullmatch(message.text))
    if len(visit.actor.patients) > 1 and not thanks:
        await _several(visit)
    patient_id = visit.actor.patients[0].id or 0
    kind, media = _media(visit)
    await notes.receive(
        visit.work,
        visit.actor,
        patient_id,
        Incoming(
            kind=kind,
            body=visit.text,
            media=media,
            update_id=visit.update.update_id,
            edited=visit.update.edited_message is not None,
            opens_question=not thanks,
        ),
    )
    await visit.deliver_urgent()
    if thanks:
        await visit.reply(_("You are welcome. If anything changes, tap Report a problem: /report"))


async def _answered(visit: Visit) -> StaffMessage | None:
    message = visit.update.effective_message
    asked = message.reply_to_message if message else None
    if visit.update.edited_message is not None:
        return None
    replied = (visit.chat_id, asked.message_id) if asked else None
    return await letters.answered_by(visit.work, visit.actor, replied)


async def _take_answer(visit: Visit, answered: StaffMessage) -> None:
    """What answers a clinician's message goes back to that clinician."""
    kind, media = _media(visit)
    await notes.receive(
        visit.work,
        visit.actor,
        answered.patient_id,
        Incoming(
            kind=kind,
            body=visit.text,
            media=media,
            update_id=visit.update.update_id,
            answers=answered.id,
        ),
    )
    await visit.deliver_urgent()
    await visit.reply(
        _("Passed on to your clinic. Nobody watches this chat all the time: if you feel worse, "
          "tap Report a problem, or call your clinic."),
        [[(_("Report a problem"), pack("r", answered.patient_id))]],
    )  # fmt: skip


def _media(visit: Visit) -> tuple[str, str]:
    message = visit.update.effective_message
    if message is None:
        return "other", ""
    if message.photo:
        return "photo", message.photo[-1].file_id
    if message.voice:
        return "voice", message.voice.file_id
    if message.document:
        return "document", message.document.file_id
    return ("text", "") if message.text else ("other", "")


async def _several(visit: Visit) -> None:
    """Several patients share this chat: the note is kept with the first; a report can be opened
    for each.
    """
    rows = [
        [(visit.work.cipher.open(patient.name) or patient.code, pack("r", patient.id or 0))]
        for patient in visit.actor.patients
    ]
    await visit.reply(_("For whom is this? Tap to answer the questions for them."), rows)
