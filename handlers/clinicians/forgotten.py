"""Taken and forgotten: "Still on it?", and what can be done about it."""

import storage.alerts
import storage.outbox
import storage.people
from care import forgotten
from care.actors import RefusedError
from care.forgotten import NotYoursError
from care.paging import note_event
from care.work import Tx
from handlers.buttons import pack
from handlers.delivery import Nothing, Rendered, Rendering
from handlers.desk import Visit
from handlers.language import _, speaking
from handlers.outgoing import Outgoing
from handlers.wording.cards import level_words
from handlers.wording.moments import moment
from storage.tables import Alert, OutboxRow


async def ask(job: Rendering) -> Rendered:
    """An hour (or three opening hours) without a note or an outcome: the holder is asked."""
    row = job.row
    alert = await storage.alerts.alert(job.session, row.clinic_id, row.alert_id or 0)
    person = await storage.people.person(job.session, row.clinic_id, row.person_id or 0)
    clinic = await storage.people.clinic(job.session, row.clinic_id)
    patient = await storage.people.patient(job.session, row.clinic_id, row.patient_id or 0)
    if alert is None or person is None or clinic is None or patient is None:
        return Nothing("gone")
    if alert.state != "acknowledged" or alert.acknowledged_by != person.id:
        return Nothing("no longer theirs")
    if not person.reachable:
        return Nothing("never started the bot")
    with speaking(person.language):
        until = moment(row.useful_until or job.now, clinic.zone, job.now)
        text = _(
            "{level} · {code} · #{number}\n<b>Still on it?</b> There is no note and no outcome"
            " yet. Without one it goes to everybody on duty again at {when}."
        ).format(level=level_words(alert.level), code=patient.code, number=alert.id, when=until)
        sent = await storage.outbox.copies(job.session, alert.id or 0, ("card_private",))
        mine = [copy.message_id for copy in sent if copy.person_id == person.id]
        number = alert.id or 0
        rows = [
            [
                (_("Still on it"), pack("ks", number, alert.generation)),
                (_("Close"), pack("kc", number)),
            ],
            [(_("Hand over"), pack("ko", number)), (_("Add note"), pack("kn", number))],
        ]
        return Outgoing(
            person.telegram_id, text, rows, reply_to=mine[-1] if mine else None, after=_asked
        )


async def _asked(tx: Tx, row: OutboxRow) -> None:
    alert = await storage.alerts.alert(tx.session, row.clinic_id, row.alert_id or 0)
    if alert is not None:
        await note_event(tx, alert, "asked", person_id=row.person_id)


async def still_on_it(visit: Visit) -> None:
    """[Still on it]: the clock starts again; an old button says how the alert stands."""
    number, generation = visit.tapped().number(0), visit.tapped().number(1)
    try:
        await forgotten.still_on_it(visit.work, visit.actor, number, generation)
    except NotYoursError as found:
        await visit.toast(_how_it_stands(found.alert), alert=True)
        return
    await visit.edit(
        _("Alert #{number} stays with you. Reply to this message with what was done.").format(
            number=number
        )
    )


def _how_it_stands(alert: Alert) -> str:
    if alert.state == "closed":
        return _("This alert is closed already.")
    if alert.state == "open":
        return _("Nobody has this alert now. Tap I'm on it on its newest card.")
    return _("A colleague has this alert now.")


async def add_note(visit: Visit) -> None:
    """[Add note]: what was done so far? The reply is kept with the alert."""
    number = visit.tapped().number()
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        if await storage.alerts.alert(session, clinic_id, number) is None:
            raise RefusedError("no such alert")
    if not visit.in_private:
        await visit.toast(_("Notes are written in the private chat with me only."), alert=True)
        return
    await visit.ask(
        _("What was done about alert #{number}? Reply to this message.").format(number=number),
        _("For example: called, seen, sent to hospital"),
    )
