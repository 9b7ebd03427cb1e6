"""After a gap: what it meant for the patients, for the clinic, in one message."""

from datetime import datetime
from html import escape

import storage.people
from care import away
from care.away import Gap, Outage
from handlers.delivery import Nothing, Rendered, Rendering
from handlers.language import _, ngettext, speaking
from handlers.outgoing import Outgoing
from handlers.wording.moments import moment, step_words

MOST_LINES = 20


async def outage(job: Rendering) -> Rendered:
    """The summary, counted when it is sent: by then what was late has gone out."""
    person = await storage.people.person(job.session, job.row.clinic_id, job.row.person_id or 0)
    clinic = await storage.people.clinic(job.session, job.row.clinic_id)
    if person is None or clinic is None:
        return Nothing("gone")
    gap = Gap(*(datetime.fromisoformat(str(job.row.detail[key])) for key in ("from", "to")))
    found = await away.outage(job.session, job.row.clinic_id, gap)
    with speaking(person.language):
        start, end = (moment(at, clinic.zone, job.now) for at in (gap.start, gap.end))
        return Outgoing(person.telegram_id, outage_text(found, start, end))


def outage_text(found: Outage, start: str, end: str) -> str:
    """The summary in words; `start` and `end` are as the reader's clock showed them."""
    lines = [
        f"<b>{_('I was away {start}-{end}').format(start=start, end=end)}</b>",
        _("What was tapped or written then may be lost. Those who were being asked are asked "
          "again."),
        ngettext("{n} check-in came late.", "{n} check-ins came late.", found.late).format(
            n=found.late),
        ngettext("{n} patient was told.", "{n} patients were told.", found.asked_again).format(
            n=found.asked_again),
        ngettext("{n} alert is open.", "{n} alerts are open.", found.open_alerts).format(
            n=found.open_alerts),
    ]  # fmt: skip
    if found.missed:
        shown = [f"{code} · {step_words(step)}" for code, step in found.missed[:MOST_LINES]]
        left = len(found.missed) - len(shown)
        if left:
            shown.append(ngettext("and {n} more", "and {n} more", left).format(n=left))
        lines += [f"<b>{_('Not sent, because it was too late')}</b>", *map(escape, shown)]
    lines.append(_("/status and /alerts show the rest."))
    return "\n".join(lines)
