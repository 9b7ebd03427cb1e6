"""What staff type in their private chat: an answer to a question of ours, or something unknown."""

import re

from handlers.admins import importing, schedule, settings, team
from handlers.clinicians import alerts, letters, patients
from handlers.desk import Visit
from handlers.language import _

_ALERT = re.compile(r"#(\d{1,12})\b")


async def received(visit: Visit) -> None:
    """A typed message: what it replies to says what it is about."""
    message = visit.update.effective_message
    asked = message.reply_to_message if message else None
    quoted = (asked.text or asked.caption or "") if asked else ""
    alert, code = _ALERT.search(quoted), patients.CODE.search(quoted)
    setting, planned = settings.ASKED.search(quoted), schedule.ASKED.search(quoted)
    rota = team.ASKED.search(quoted)
    if message is not None and message.document and visit.actor.is_admin and visit.in_private:
        await importing.received(visit)
    elif not visit.text:
        await visit.reply(_("I can only use words here. /help shows what I can do."))
    elif asked is not None and await letters.offer(visit):
        return
    elif setting is not None and visit.actor.is_admin:
        await settings.answered(visit, setting.group(1))
    elif planned is not None and visit.actor.is_admin:
        await schedule.answered(visit, int(planned.group(1)))
    elif rota is not None and visit.actor.is_admin:
        await team.answered(visit, rota.group(1), int(rota.group(2)), int(rota.group(3)))
    elif alert is not None:
        await alerts.what_was_done(visit, int(alert.group(1)))
    elif code is not None and "t.me/" in quoted:
        await patients.named(visit, code.group())
    elif patients.CODE.fullmatch(visit.text.strip()):
        await patients.patient(visit)
    else:
        await visit.reply(
            _("I did not understand that. /session records a session, /help shows the rest.")
        )
