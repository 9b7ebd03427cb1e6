"""/start: the link, the consent, and the welcome; for staff and strangers too."""

from html import escape

import structlog
from telegram.error import TelegramError

from care import joining, team
from care.joining import LinkError, LinkRefusedError, Welcome
from handlers import menus
from handlers.buttons import Rows, pack
from handlers.desk import Visit
from handlers.language import (
    N_,
    _,
    language_name,
    languages,
    reader_language,
    speaking,
    spoken,
)
from handlers.patients.menu import main_menu
from handlers.wording.consent import consent_of

log = structlog.get_logger()

# The payload of the link that leads staff into a private chat; it carries no rights.
GREETING = "hello"

REFUSALS = {
    LinkError.unknown: N_("This link is not valid. Please ask your clinic for a new one."),
    LinkError.used: N_("This link was used already. Please ask your clinic for a new one."),
    LinkError.expired: N_("This link is too old. Please ask your clinic for a new one."),
}


async def start(visit: Visit) -> None:
    """/start, alone or with a link's token."""
    words = visit.text.split()
    token = words[1] if len(words) > 1 else ""
    if visit.actor.is_staff:
        await team.meet(visit.work, visit.actor, visit.sender_name)
        await _staff_menu(visit, admin=visit.actor.is_admin)
    if token and token != GREETING:
        await _follow(visit, token)
    elif visit.actor.patients:
        await main_menu(visit)
    elif visit.actor.is_staff:
        await visit.reply(
            _("Hello. I can write to you now. /session records a session, /help shows the rest.")
        )
    else:
        await visit.reply(
            _("Hello. I am the symptom diary of a clinic. "
              "Please use the link or the QR code that your clinic gave you.")
        )  # fmt: skip


async def _follow(visit: Visit, token: str) -> None:
    try:
        welcome = await joining.follow_link(visit.work, visit.actor, token)
    except LinkRefusedError as error:
        await visit.reply(_(REFUSALS[error.reason]))
        return
    # Who is known here already reads what they chose; others what their Telegram speaks.
    text, rows = _invitation(welcome, reader_language())
    await visit.reply(text, rows)


def _invitation(welcome: Welcome, language: str) -> tuple[str, Rows]:
    """What the holder of a link is asked, in this language, with the others to choose from."""
    clinic, invite = welcome.clinic, welcome.invite
    with speaking(language):
        if invite.kind == "patient":
            text = consent_of(clinic)
        else:
            role = _("a clinician") if invite.kind == "clinician" else _("an admin")
            text = _("You are invited to {clinic} as {role}.").format(
                clinic=escape(clinic.name), role=role
            )
        rows = [
            [(_("I agree"), pack("ja", invite.id or 0, language))],
            [(_("No, thank you"), pack("n", invite.id or 0))],
        ]
    others = [code for code in languages() if code != language]
    rows += [[(language_name(code), pack("jl", invite.id or 0, code))] for code in others]
    return text, rows


async def in_language(visit: Visit) -> None:
    """[Español] under the consent: the same in that language, nothing is agreed yet."""
    button = visit.tapped()
    try:
        welcome = await joining.still_open(visit.work, visit.actor, button.number(0))
    except LinkRefusedError as error:
        await visit.toast(_(REFUSALS[error.reason]), alert=True)
        return
    text, rows = _invitation(welcome, spoken(button.word(1)))
    await visit.edit(text, rows)


async def agree(visit: Visit) -> None:
    """[I agree], in the language it was read in."""
    button = visit.tapped()
    chosen = spoken(button.word(1)) if button.verb == "ja" else reader_language()
    try:
        welcome = await joining.agree(
            visit.work, visit.actor, button.number(0), name=visit.sender_name, language=chosen
        )
    except LinkRefusedError as error:
        await visit.toast(_(REFUSALS[error.reason]), alert=True)
        return
    await visit.deliver_urgent()
    with speaking(chosen):
        await _welcome(visit, welcome)


async def _welcome(visit: Visit, welcome: Welcome) -> None:
    if welcome.invite.kind == "patient":
        await visit.edit(
            _("Thank you, you have joined. {clinic} can see it. "
              "I will write about 2 hours, 24 hours and 48 hours after your session.").format(
                clinic=escape(welcome.clinic.name)
            ),
            [[(_("Report a problem"), pack("r", welcome.invite.patient_id or 0))]],
        )  # fmt: skip
    else:
        await _staff_menu(visit, admin=welcome.invite.kind == "admin")
        await visit.edit(_("Welcome. /duty on sends the alerts to you, /help shows the rest."))


async def _staff_menu(visit: Visit, *, admin: bool) -> None:
    try:
        await menus.publish_for_staff(visit.desk.bot, visit.actor.telegram_id, admin=admin)
    except TelegramError:
        log.warning("menu_not_published")


async def decline(visit: Visit) -> None:
    """[No, thank you]: nothing is stored, and care is the same."""
    await visit.edit(
        _("That is all right. Your care is the same without it. The link still works if you "
          "change your mind.")
    )  # fmt: skip
