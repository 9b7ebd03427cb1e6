"""What patients may do with their data: /mydata, /deleteme, and /language for everyone."""

import json
from html import escape

import structlog
from telegram.error import TelegramError

from care import erasure, lifecycle, portability
from care.erasure import own_patient
from handlers import menus, sending
from handlers.buttons import Rows, pack
from handlers.delivery import Nothing, Rendered, Rendering
from handlers.desk import Visit
from handlers.language import _, language_name, languages, speaking
from handlers.outgoing import Outgoing
from handlers.patients import shared
from storage.tables import Patient

log = structlog.get_logger()


async def my_data(visit: Visit) -> None:
    """/mydata: a file for each patient of this chat."""
    for patient in visit.actor.patients:
        found = await portability.collect(visit.work, visit.actor, patient.id or 0)
        data = json.dumps(found, ensure_ascii=False, indent=1).encode()
        words = _(
            "This is everything that is stored about you ({code}). "
            "Photos, voice messages and files are in this chat; Telegram keeps them."
        )
        caption = words.format(code=escape(patient.code))
        caption = shared.headed(visit, patient, caption)
        if not await sending.document(visit, data, f"my-data-{patient.code}.json", caption):
            await visit.reply(_("The file could not be sent. Please try again in a minute."))


async def delete_me(visit: Visit) -> None:
    """/deleteme: what goes and what the clinic must keep; nothing is done yet."""
    if len(visit.actor.patients) == 1:
        text, rows = _warning(visit.actor.patients[0])
        await visit.reply(text, rows)
        return
    await visit.reply(
        _("For whom?"),
        [
            [(visit.work.cipher.open(one.name)[:30] or one.code, pack("dm", one.id or 0))]
            for one in visit.actor.patients
        ],
    )


async def chosen(visit: Visit) -> None:
    """Whose data, where several patients share the chat."""
    patient = own_patient(visit.actor, visit.tapped().number())
    text, rows = _warning(patient)
    await visit.edit(text, rows)


def _warning(patient: Patient) -> tuple[str, Rows]:
    text = _(
        "<b>Delete your data?</b>\n"
        "<b>The law makes your clinic keep</b> the record of your treatment: dates, your ratings "
        "and answers, and alerts with what was done. It stays under the code {code}, without "
        "your name.\n"
        "<b>This is deleted here:</b> your name, phone number, time zone, what you wrote, your "
        "photos and files, and the tie to this chat. No more questions come.\n"
        "If an alert is open, your clinic is still told by code until it closes the alert. "
        "Then the rest is deleted.\n"
        "This cannot be undone. /mydata gives you a copy first. "
        "What Telegram stores, only you can delete: delete this chat."
    ).format(code=escape(patient.code))
    patient_id = patient.id or 0
    return text, [
        [(_("Delete my data"), pack("dy", patient_id))],
        [(_("Keep my data"), pack("dn", patient_id))],
    ]


async def confirmed(visit: Visit) -> None:
    """[Delete my data]."""
    patient_id = visit.tapped().number()
    own_patient(visit.actor, patient_id)
    if await erasure.request(visit.work, visit.actor, patient_id):
        await visit.edit(_("Your data is being deleted. The receipt follows."))
        return
    await visit.edit(
        _("No more questions come. An alert about you is open: your clinic is still being told, "
          "by code. When it closes the alert, the rest is deleted and you get a receipt. "
          "If you are unwell, call your clinic or the emergency number.")
    )  # fmt: skip


async def kept(visit: Visit) -> None:
    """[Keep my data]."""
    own_patient(visit.actor, visit.tapped().number())
    await visit.edit(_("Nothing was deleted."))


async def erased(job: Rendering) -> Rendered:
    """The receipt: it goes to the chat named in the row, which we otherwise no longer know."""
    detail = job.row.detail
    if "chat" not in detail:
        return Nothing("forgotten")
    with speaking(str(detail["language"])):
        text = _(
            "Your data is deleted. Receipt {receipt}, {when} UTC.\n"
            "The record of your treatment stays with your clinic under your code. "
            "If you are unwell, call your clinic or the emergency number."
        )
        when = f"{job.now:%Y-%m-%d %H:%M}"
        return Outgoing(
            int(str(detail["chat"])), text.format(receipt=detail["receipt"], when=when)
        )


RENDERERS = {"erased": erased}


async def language(visit: Visit) -> None:
    """/language: which?"""
    rows = [[(language_name(code), pack("lg", code))] for code in languages()]
    await visit.reply(_("Which language do you want to read?"), rows)


async def set_language(visit: Visit) -> None:
    """A language was tapped: everything is said in it from now on."""
    wanted = visit.tapped().word(0)
    await lifecycle.set_language(visit.work, visit.actor, wanted, known=languages())
    with speaking(wanted):
        await _menu(visit)
        await visit.edit(
            _("I speak {language} from now on.").format(language=language_name(wanted))
        )


async def _menu(visit: Visit) -> None:
    bot, chat = visit.desk.bot, visit.actor.telegram_id
    try:
        if visit.actor.is_staff:
            await menus.publish_for_staff(bot, chat, admin=visit.actor.is_admin)
        else:
            await menus.publish_for_patient(bot, chat)
    except TelegramError as error:
        log.warning("menu_not_published", error=type(error).__name__)
