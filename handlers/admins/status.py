"""/status: how the bot is doing, in one message."""

from datetime import datetime, timedelta

import storage.alerts
import storage.drills
import storage.figures
import storage.governance
import storage.people
from care import self_audit
from care.away import HEARTBEAT
from care.protocols import in_force
from care.triage import load_protocol
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import N_, _, ngettext
from handlers.wording.drills import one_line
from handlers.wording.moments import moment

_RULES = {
    "alert_without_escalation": N_("an open alert has no next step"),
    "taken_alert_without_clock": N_("a taken alert would not come back if forgotten"),
    "check_in_without_message": N_("a planned check-in would not be sent"),
    "check_in_without_end": N_("a check-in would never close"),
    "session_without_check_ins": N_("a session has no check-ins"),
    "merged_check_in_astray": N_("a merged check-in would not be asked"),
    "session_in_two_alerts": N_("a session has two open alerts"),
    "urgent_row_stands_still": N_("an urgent message does not leave"),
    "bulk_row_stands_still": N_("messages do not leave"),
}


async def status(visit: Visit) -> None:
    """/status: what is due, how messages ended, what is open, and whether the books balance."""
    await visit.reply(await _words(visit), _again())


async def refresh(visit: Visit) -> None:
    """[Refresh]."""
    await visit.edit(await _words(visit), _again())


def _again() -> list[list[tuple[str, str]]]:
    return [[(_("Refresh"), pack("sr", 0))]]


async def _words(visit: Visit) -> str:
    _person, clinic_id = visit.actor.staff()
    now = visit.work.clock.now()
    async with visit.work.reading() as session:
        due = await storage.figures.due(session, now)
        day = await storage.figures.ended(session, clinic_id, now - timedelta(days=1), now)
        week = await storage.figures.ended(session, clinic_id, now - timedelta(days=7), now)
        alerts = await storage.alerts.open_alerts(session, clinic_id)
        notes = await storage.figures.notes(session, clinic_id, now - timedelta(days=1))
        waiting = await storage.figures.inbox_waiting(session)
        clinic = await storage.people.clinic(session, clinic_id)
        protocol = await in_force(session, clinic) if clinic else load_protocol()
        heard = await storage.governance.last_beat(session, HEARTBEAT)
    unread = sum(1 for alert in alerts if alert.state == "open")
    oldest = min((found.oldest for found in due), default=now)
    lines = [
        f"<b>{_('Status')}</b>",
        f"{_('Due now')}: {sum(found.rows for found in due)}"
        + (f" ({_('oldest')}: {_ago(oldest, now)})" if due else ""),
        *(
            f"{_(label)}: {day[key]} · {week[key]}"
            for key, label in (
                ("sent", N_("Sent, in 24 h · 7 days")), ("late", N_("Late")),
                ("missed", N_("Missed")), ("failed", N_("Could not be sent")),
                ("uncertain", N_("Perhaps sent twice")),
            )
        ),
        f"{_('Open alerts')}: {len(alerts)} ({_('unread')}: {unread})",
        f"{_('Notes in 24 h')}: {notes} · {_('Not handled yet')}: {waiting}",
        f"{_('Last word from Telegram')}: {_ago(heard, now) if heard else _('never')}",
        f"{_('Clinical protocol')}: {protocol.version} ({protocol.signed_by or _('unsigned')})",
        *await _drill(visit, clinic_id),
        *await _books(visit),
    ]  # fmt: skip
    return "\n".join(lines)


async def _drill(visit: Visit, clinic_id: int) -> list[str]:
    async with visit.work.reading() as session:
        found = await storage.drills.latest(session, clinic_id)
        clinic = await storage.people.clinic(session, clinic_id)
    if found is None or clinic is None:
        return [f"{_('Last drill')}: {_('never')} (/drill)"]
    when = moment(found.started_at, clinic.zone, visit.work.clock.now())
    return [f"{_('Last drill')}: {one_line(found.state, found.links, when)}"]


async def _books(visit: Visit) -> list[str]:
    found = await self_audit.look(visit.work)
    if not found:
        return [_("The books balance: everything open has its next step.")]
    counts: dict[str, int] = {}
    for imbalance in found:
        counts[imbalance.rule] = counts.get(imbalance.rule, 0) + 1
    return [
        f"<b>{_('The books do not balance')}</b>",
        *(f"⚠ {_(_RULES[rule])}: {count}" for rule, count in sorted(counts.items())),
    ]


def _ago(then: datetime, now: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    return ngettext("{n} hour", "{n} hours", minutes // 60).format(n=minutes // 60)
