"""What patients type and send: never ignored, never ends the conversation."""

import re

from care import letters, notes, shared_chat
from care.notes import Incoming
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _
from handlers.patients import menu, shared
from storage.tables import StaffMessage

# Whole messages that thank and say nothing else, in the languages patients use.
_THANKS = re.compile(
    r"\W*(thanks?( you)?( so much| very much| a lot)?|thank u|thx|ty|ok(ay)?|great|cheers|"
    r"(muchas |muchísimas |mil )?gracias|vale|de acuerdo|perfecto|genial|👍|🙏|❤️|😊)\W*",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\W*(stop|stopp|unsubscribe|parar?|basta|alto|baja|no más( preguntas)?)\W*", re.IGNORECASE
)


async def received(visit: Visit) -> None:
    """A typed message, photo, voice or file from a patient, new or edited."""
    message = visit.update.effective_message
    if message is None:
        return
    if message.text and _STOP.fullmatch(message.text):
        await menu.stop(visit)
        return
    answered, is_reply = await _answered(visit)
    thanks = bool(message.text and _THANKS.fullmatch(message.text))
    unclear = len(visit.actor.patients) > 1 and answered is None
    whose = (
        answered.patient_id if answered else await shared_chat.likeliest(visit.work, visit.actor)
    )
    kind, media = _media(visit)
    await notes.receive(
        visit.work,
        visit.actor,
        whose,
        Incoming(
            kind=kind,
            body=visit.text,
            media=media,
            update_id=visit.update.update_id,
            edited=visit.update.edited_message is not None,
            opens_question=not (thanks or is_reply),
            answers=answered.id if answered else None,
        ),
    )
    await visit.deliver_urgent()
    if unclear and not thanks:
        await shared.ask_about_note(visit, whose)
    if is_reply and answered is not None:
        await visit.reply(
            _("Passed on to your clinic. Nobody watches this chat all the time: if you feel "
              "worse, tap Report a problem, or call your clinic."),
            [[(_("Report a problem"), pack("r", answered.patient_id))]],
        )  # fmt: skip
    elif thanks:
        await visit.reply(_("You are welcome. If anything changes, tap Report a problem: /report"))


async def _answered(visit: Visit) -> tuple[StaffMessage | None, bool]:
    """The clinician's message that this answers, and whether it was replied to.

    Words that reply to nothing may be about something new: they go back to the clinician too, and
    open question 1 as any note does.
    """
    message = visit.update.effective_message
    if message is None or visit.update.edited_message is not None:
        return None, False
    asked = message.reply_to_message
    if asked is not None:
        replied = await letters.replied_to(
            visit.work, visit.actor, visit.chat_id, asked.message_id
        )
        if replied is not None:
            return replied, True
    return await letters.awaiting_answer(visit.work, visit.actor), False


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
