"""One-time links for patients: the link, its QR picture, a new phone, the wrong person."""

import io
from html import escape

import segno
from telegram import InputFile
from telegram.constants import ParseMode
from telegram.error import TelegramError

import storage.people
from care import joining
from care.actors import RefusedError
from care.joining import Link
from handlers.buttons import keyboard, pack
from handlers.desk import Visit
from handlers.language import _
from handlers.wording.moments import moment


def qr_png(link: str) -> bytes:
    """The link as a QR picture (PNG), large enough to be read from a screen across a desk."""
    picture = io.BytesIO()
    segno.make(link, error="m").save(picture, kind="png", scale=12, border=4)
    return picture.getvalue()


async def send_link(visit: Visit, link: Link) -> None:
    """Show a patient's link as a QR picture with the link below it."""
    patient = link.patient
    if patient is None:
        raise RefusedError("a patient's link is asked for")
    url = visit.desk.link(link.token)
    zone = await _zone(visit)
    until = moment(link.expires_at, zone, visit.work.clock.now())
    caption = (
        f"<b>{escape(patient.code)}</b>\n"
        + _(
            "Let the patient scan this, or send them the link. It works once, until {until}."
        ).format(until=until)
        + f"\n{escape(url)}\n\n"
        + _("Reply to this picture with a name if you want to see one beside the code.")
    )
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_photo(
                visit.chat_id,
                InputFile(qr_png(url), "link.png"),
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard([[(_("Not my patient"), pack("np", patient.id or 0))]]),
            )
        )
    except TelegramError:
        await visit.reply(caption)


async def _zone(visit: Visit) -> str:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
    return clinic.zone if clinic else "UTC"


async def new_link(visit: Visit) -> None:
    """[New link]: for a new phone; older unused links stop working."""
    if not visit.in_private:
        await visit.toast(_("Links are shown in the private chat with me only."), alert=True)
        return
    link = await joining.new_link(visit.work, visit.actor, visit.tapped().number())
    await send_link(visit, link)


async def not_my_patient(visit: Visit) -> None:
    """[Not my patient]: the wrong person used the link; the chat is parted from the patient."""
    patient = await joining.part(visit.work, visit.actor, visit.tapped().number())
    await visit.reply(
        _("{code} has no chat any more. Nothing will be sent until a new link is used.").format(
            code=escape(patient.code)
        ),
        [[(_("New link"), pack("nl", patient.id or 0))]],
    )
