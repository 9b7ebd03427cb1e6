"""/status: how the bot is doing, in one message."""

from datetime import timedelta

import storage.alerts
import storage.outbox
from care.triage import load_protocol
from handlers.desk import Visit
from handlers.language import _


async def status(visit: Visit) -> None:
    """/status: due, sent, missed and failed in 24 hours, open alerts, the protocol's signature."""
    _person, clinic_id = visit.actor.staff()
    now = visit.work.clock.now()
    day = now - timedelta(hours=24)
    async with visit.work.reading() as session:
        depth = await storage.outbox.depth(session, now)
        ended = {
            state: len(await storage.outbox.ended_between(session, clinic_id, day, now, (state,)))
            for state in ("sent", "missed", "failed")
        }
        alerts = await storage.alerts.open_alerts(session, clinic_id)
    protocol = load_protocol(1)
    unread = sum(1 for alert in alerts if alert.state == "open")
    signed = protocol.signed_by or _("unsigned")
    await visit.reply(
        "\n".join(
            [
                f"<b>{_('Status')}</b>",
                f"{_('Due now')}: {sum(depth.values())}",
                f"{_('Sent in 24 h')}: {ended['sent']}",
                f"{_('Missed in 24 h')}: {ended['missed']}",
                f"{_('Could not be sent')}: {ended['failed']}",
                f"{_('Open alerts')}: {len(alerts)} ({_('unread')}: {unread})",
                f"{_('Clinical protocol')}: {protocol.version} ({signed})",
            ]
        )
    )
