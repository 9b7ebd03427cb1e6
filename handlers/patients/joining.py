"""/start: the link, the consent, and the welcome; for staff and strangers too."""

from html import escape

import structlog
from telegram.error import TelegramError

from care import joining, team
from care.joining import LinkError, LinkRefusedError
from handlers import menus
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import N_, _
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
    clinic, invite = welcome.clinic, welcome.invite
    if invite.kind == "patient":
        text = consent_of(clinic)
    else:
        role = _("a clinician") if invite.kind == "clinician" else _("an admin")
        text = _("You are invited to {clinic} as {role}.").format(
            clinic=escape(clinic.name), role=role
        )
    await visit.reply(
        text,
        [
            [(_("I agree"), pack("j", invite.id or 0))],
            [(_("No, thank you"), pack("n", invite.id or 0))],
        ],
    )


async def agree(visit: Visit) -> None:
    """[I agree]."""
    try:
        welcome = await joining.agree(
            visit.work, visit.actor, visit.tapped().number(), name=visit.sender_name
        )
    except LinkRefusedError as error:
        await visit.toast(_(REFUSALS[error.reason]), alert=True)
        return
    await visit.deliver_urgent()
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
