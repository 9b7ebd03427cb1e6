"""What a patient is told because of danger: get help, call today, who has read it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import storage.alerts
from care import together
from care.opening_hours import OpeningHours
from handlers.buttons import pack
from handlers.delivery import Nothing, Rendered, Renderer, Rendering
from handlers.language import _
from handlers.outgoing import Outgoing
from handlers.patients.readers import facts_of, reader_of
from handlers.wording import advice
from handlers.wording.areas import areas_words
from handlers.wording.moments import moment


async def emergency_text(job: Rendering) -> Rendered:
    """Get help now. Its own message, never overwritten."""
    reader, facts = await reader_of(job), await facts_of(job)
    if facts is None:
        return Nothing("gone")
    sessions = [one.session for one in together.members(facts) if one.session is not None]
    days = [moment(one.at, reader.zone, job.now) for one in sessions]
    rules = tuple(str(rule) for rule in list(job.row.detail["rules"]))  # type: ignore[call-overload]
    signs = facts.judged.get("danger_signs", frozenset())
    text = advice.emergency_text(
        rules,
        day=_(" and ").join(days),
        area=areas_words([one.regions for one in sessions]) if sessions else "",
        emergency_number=reader.clinic.emergency_number,
        danger_signs=signs if isinstance(signs, frozenset) else frozenset(),
    )
    check_id = facts.check_in.id or 0
    return Outgoing(
        reader.chat_id,
        text,
        [
            [(_("I am getting help"), pack("h", check_id))],
            [(_("I made a mistake"), pack("m", check_id))],
        ],
    )


async def urgent_text(job: Rendering) -> Rendered:
    """This needs a call today."""
    reader = await reader_of(job)
    alert = await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)
    if alert is None:
        return Nothing("gone")
    clinic = reader.clinic
    text = advice.urgent_text(
        deadline=moment(alert.deadline_at, reader.zone, job.now),
        clinic_phone=clinic.phone,
        urgent_number=clinic.urgent_number,
        emergency_number=clinic.emergency_number,
        **await _opening(job),
    )
    return Outgoing(reader.chat_id, text)


async def clinic_not_reached(job: Rendering) -> Rendered:
    """No copy was delivered to anyone within two minutes."""
    return await _while_unread(job, advice.could_not_reach_clinic_text)


async def nobody_read(job: Rendering) -> Rendered:
    """The deadline went by and nobody acknowledged."""
    hours_of = await _opening(job)
    return await _while_unread(
        job, lambda phone, number: advice.nobody_read_text(phone, number, **hours_of)
    )


async def _opening(job: Rendering) -> dict[str, Any]:
    """Whether the clinic is open now, and when it opens on the patient's clock."""
    reader = await reader_of(job)
    clinic = reader.clinic
    hours = OpeningHours.from_json(clinic.opening_hours)
    open_now = hours.is_open(job.now, clinic.zone)
    opens = None if open_now else hours.next_opening(job.now, clinic.zone)
    return {
        "open_now": open_now,
        "opens_at": moment(opens, reader.zone, job.now) if opens else None,
    }


async def _while_unread(job: Rendering, words: Callable[[str, str], str]) -> Rendered:
    reader = await reader_of(job)
    alert = await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)
    if alert is None or alert.state != "open":
        return Nothing("acknowledged")
    return Outgoing(reader.chat_id, words(reader.clinic.phone, reader.clinic.emergency_number))


async def seen(job: Rendering) -> Rendered:
    """A clinician tapped: your clinic saw this."""
    reader = await reader_of(job)
    at = datetime.fromisoformat(str(job.row.detail["at"]))
    return Outgoing(reader.chat_id, advice.seen_text(moment(at, reader.zone, job.now)))


WRITERS: dict[str, Renderer] = {
    "emergency_text": emergency_text,
    "emergency_repeat": emergency_text,
    "urgent_text": urgent_text,
    "clinic_not_reached": clinic_not_reached,
    "nobody_read": nobody_read,
    "seen": seen,
}
