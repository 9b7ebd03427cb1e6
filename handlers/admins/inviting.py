"""/invite: one-time links that make a colleague a clinician or an admin."""

from html import escape

from care import joining
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _


async def invite(visit: Visit) -> None:
    """/invite: as what?"""
    await visit.reply(
        _("Invite a colleague as"),
        [[(_("Clinician"), pack("iv", "clinician")), (_("Admin"), pack("iv", "admin"))]],
    )


async def tapped(visit: Visit) -> None:
    """The link for that role."""
    link = await joining.invite_staff(visit.work, visit.actor, visit.tapped().word(0))
    await visit.edit(
        _("Send this link to your colleague. It works once, for 14 days.")
        + f"\n{escape(visit.desk.link(link.token))}"
    )
