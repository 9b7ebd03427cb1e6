"""/duty: who gets the cards in their private chat."""

from care import team
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _


async def duty(visit: Visit) -> None:
    """/duty on|off, or the buttons for it."""
    word = visit.text.split()[1].lower() if len(visit.text.split()) > 1 else ""
    if word in ("on", "off"):
        await _set(visit, on=word == "on")
        return
    person, _clinic = visit.actor.staff()
    now = _("You are on duty.") if person.on_duty else _("You are not on duty.")
    await visit.reply(now, [[(_("On duty"), pack("u", "on")), (_("Off duty"), pack("u", "off"))]])


async def tapped(visit: Visit) -> None:
    """A tap on [On duty] or [Off duty]."""
    await _set(visit, on=visit.tapped().word(0) == "on")


async def _set(visit: Visit, *, on: bool) -> None:
    await team.set_duty(visit.work, visit.actor, on=on)
    text = (
        _("You are on duty. Alerts come here at once.")
        if on
        else _("You are off duty. If nobody is on duty, everyone gets the alerts.")
    )
    if visit.button is not None:
        await visit.edit(text)
    else:
        await visit.reply(text)
