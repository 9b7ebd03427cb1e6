"""Whatever no other handler took: a clear answer, and the conversation goes on."""

from care.actors import refuse
from handlers.clinicians import typing
from handlers.desk import Visit
from handlers.language import _
from handlers.patients import notes


async def anything(visit: Visit) -> None:
    """A typed message, a picture, a voice message, a sticker: by who sent it.

    Somebody who is both patient and staff is answered as staff only when replying to one of our
    questions.
    """
    message = visit.update.effective_message
    replying = message is not None and message.reply_to_message is not None
    if visit.actor.patients and not (visit.actor.is_staff and replying):
        await notes.received(visit)
    elif visit.actor.is_staff:
        await typing.received(visit)
    else:
        await refuse(visit.work, visit.actor, "anything")
        await visit.reply(
            _("I do not know you yet. Please use the link or the QR code from your clinic. "
              "If you are unwell, call your clinic or the emergency number.")
        )  # fmt: skip


async def unknown_command(visit: Visit) -> None:
    """A command that does not exist."""
    await visit.reply(_("I do not know this command. /help shows what you can do here."))


async def unknown_button(visit: Visit) -> None:
    """A button that is not ours, or no longer."""
    await refuse(visit.work, visit.actor, "unknown_button")
    await visit.toast(_("This button is no longer in use. Send /help."), alert=True)
