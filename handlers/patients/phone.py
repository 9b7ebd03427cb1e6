"""A phone number to call back: Telegram's own share-contact button."""

from telegram import ReplyKeyboardRemove

from care import joining
from handlers.desk import Visit
from handlers.language import _


async def offer_phone(visit: Visit) -> None:
    """Ask for a number, with one button that shares it."""
    await visit.ask_phone(
        _("Your clinic wants to call you and has no phone number. Tap the button to share yours."),
        _("Share my phone number"),
    )


async def shared(visit: Visit) -> None:
    """A contact arrived: kept when it is the sender's own."""
    message = visit.update.effective_message
    contact = message.contact if message else None
    if contact is None:
        return
    if contact.user_id != visit.actor.telegram_id:
        await visit.reply(_("Please share your own number with the button."))
        return
    await joining.share_phone(visit.work, visit.actor, contact.phone_number)
    await visit.reply(_("Thank you. Your clinic can call you now."), markup=ReplyKeyboardRemove())
