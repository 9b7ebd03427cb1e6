"""Messages to clinicians that the outbox carries: cards, notes passed on, notices, the digest."""

from datetime import datetime
from html import escape

import storage.alerts
import storage.outbox
import storage.people
import storage.treatment
from care import digest as care_digest
from care.paging import note_event
from care.work import Tx
from handlers.buttons import pack
from handlers.clinicians import forgotten, outage
from handlers.clinicians.cards import buttons, card_facts
from handlers.clinicians.digest import digest_text
from handlers.delivery import Nothing, NotYet, Rendered, Renderer, Rendering
from handlers.language import N_, _, speaking
from handlers.outgoing import Outgoing
from handlers.wording import advice
from handlers.wording.cards import group_card, private_card
from handlers.wording.moments import moment
from storage.tables import Alert, Note, OutboxRow, Person


async def _alert(job: Rendering) -> Alert | None:
    return await storage.alerts.alert(job.session, job.row.clinic_id, job.row.alert_id or 0)


async def _person(job: Rendering) -> Person | None:
    return await storage.people.person(job.session, job.row.clinic_id, job.row.person_id or 0)


async def _delivered(tx: Tx, row: OutboxRow) -> None:
    """A copy has reached somebody: the patient need not be told that nobody could be reached."""
    alert = await storage.alerts.alert(tx.session, row.clinic_id, row.alert_id or 0)
    if alert is None:
        return
    if alert.delivered_at is None:
        alert.delivered_at = tx.now
        tx.session.add(alert)
    await note_event(tx, alert, "delivered", row=row.id)
    if alert.state != "open" and row.id is not None:
        # It was taken while this copy was on its way: have the copy say so.
        await tx.enqueue(
            "card_edit",
            f"edit:{row.id}:late",
            clinic_id=row.clinic_id,
            alert_id=row.alert_id,
            person_id=row.person_id,
            detail={"copy": row.id},
        )


async def _card_head(job: Rendering) -> str:
    """What stands above a card that repeats."""
    detail = job.row.detail
    if "from" in detail:
        clinic = await storage.people.clinic(job.session, job.row.clinic_id)
        zone = clinic.zone if clinic else "UTC"
        start, end = (
            moment(datetime.fromisoformat(str(detail[key])), zone, job.now)
            for key in ("from", "to")
        )
        return advice.away_text(start, end) + "\n\n"
    return ""


async def card_private(job: Rendering) -> Rendered:
    """The card in the private chat of whoever is on duty, with the patient's words."""
    alert, person = await _alert(job), await _person(job)
    if alert is None or person is None or alert.state == "closed":
        return Nothing("closed")
    with speaking(person.language):
        facts = await card_facts(
            job.session, alert, job.cipher, job.now, possible_repeat=job.may_repeat
        )
        text = await _card_head(job) + private_card(facts)
        earlier = await storage.outbox.copies(job.session, alert.id or 0, ("card_private",))
        mine = [row.message_id for row in earlier if row.person_id == person.id]
        return Outgoing(
            person.telegram_id,
            text,
            buttons(alert),
            reply_to=mine[-1] if mine else None,
            after=_delivered,
        )


async def card_group(job: Rendering) -> Rendered:
    """The card in the clinic's group: no name, no words, no photos."""
    alert = await _alert(job)
    clinic = await storage.people.clinic(job.session, job.row.clinic_id)
    if alert is None or alert.state == "closed":
        return Nothing("closed")
    if clinic is None or clinic.group_chat_id is None:
        return Nothing("no group")
    with speaking(clinic.language):
        facts = await card_facts(
            job.session, alert, job.cipher, job.now, possible_repeat=job.may_repeat
        )
        earlier = await storage.outbox.copies(job.session, alert.id or 0, ("card_group",))
        here = [row.message_id for row in earlier if row.chat_id == clinic.group_chat_id]
        return Outgoing(
            clinic.group_chat_id,
            await _card_head(job) + group_card(facts),
            buttons(alert),
            reply_to=here[-1] if here else None,
            thread_id=clinic.group_thread_id,
            after=_delivered,
        )


async def card_edit(job: Rendering) -> Rendered:
    """A copy that was sent shows how the alert stands now."""
    alert = await _alert(job)
    copy = await storage.outbox.row(job.session, int(str(job.row.detail["copy"])))
    if alert is None or copy is None or copy.chat_id is None or copy.message_id is None:
        return Nothing("no copy")
    facts = await card_facts(job.session, alert, job.cipher, job.now)
    person = await _person(job)
    with speaking(person.language if person else "en"):
        private = copy.kind == "card_private"
        return Outgoing(
            copy.chat_id,
            private_card(facts) if private else group_card(facts),
            buttons(alert),
            edit=copy.message_id,
            edit_only=True,
        )


SIGNS = {
    "emergency": N_("danger"),
    "infection": N_("infection"),
    "nerve": N_("nerve"),
    "none": N_("no sign found"),
}


def _head(note: Note) -> str:
    if note.read_as:
        return (
            _("Changed note from {code}, read by the machine: {signs}")
            if note.edited
            else _("Note from {code}, read by the machine: {signs}")
        )
    return (
        _("Changed note from {code}, not read by the machine")
        if note.edited
        else _("Note from {code}, not read by the machine")
    )


def _signs(note: Note) -> str:
    return ", ".join(_(SIGNS[sign]) for sign in note.read_as.split())


async def note_forward(job: Rendering) -> Rendered:
    """A patient's words or picture, at once, to whoever is on duty."""
    person = await _person(job)
    note = await storage.treatment.note(job.session, job.row.clinic_id, job.row.note_id or 0)
    patient = await storage.people.patient(job.session, job.row.clinic_id, job.row.patient_id or 0)
    if person is None or note is None or patient is None:
        return Nothing("gone")
    with speaking(person.language):
        head = _head(note).format(code=escape(patient.code), signs=_signs(note))
        if job.row.detail.get("answer") and not note.edited:
            head = _("Answer from {code} to your clinic").format(code=escape(patient.code))
        if job.row.detail.get("instead_of"):
            head += ". " + _("It is about {code}, not about {other}.").format(
                code=escape(patient.code), other=escape(str(job.row.detail["instead_of"]))
            )
        words = escape(job.cipher.open(note.body))[:900]
        text = f"<b>{head}</b>" + (f"\n<blockquote>{words}</blockquote>" if words else "")
        file_id = job.cipher.open(note.media)
        rows = [[(_("The patient"), pack("pv", patient.id or 0))]]
        media = (note.kind, file_id) if file_id else None
        return Outgoing(person.telegram_id, text, rows, media=media)


NOTICES = {
    "put_on_duty": N_("You are on duty: an admin put you on. Alerts come here. /duty changes it."),
    "taken_off_duty": N_("You are off duty: an admin took you off. /duty changes it."),
    "group_lost": N_("I can no longer write to the alert group. Alerts go to private chats only "
                     "until an admin adds me to a group and taps [Use this group for alerts]."),
    "patient_unreachable": N_("{code} cannot be reached: the patient blocked me or left Telegram. "
                              "Please call them."),
    "patient_reachable": N_("{code} can be reached again."),
    "topic_lost": N_("The topic I wrote to was closed or deleted. Alerts go to the group's "
                     "General topic now."),
    "patient_joined": N_("{code} has joined."),
    "imbalance": N_("My own books do not balance: something may have been lost. /status says "
                    "what. Please look at the open alerts and tell whoever runs me."),
    "patient_erased": N_("{code} had their data deleted. The record stays under the code; "
                         "the bot can no longer write to them."),
    "staff_joined": N_("Your invitation was used: a colleague has joined."),
}  # fmt: skip


async def notice(job: Rendering) -> Rendered:
    """A short line about something the clinic must know."""
    person = await _person(job)
    if person is None:
        return Nothing("gone")
    if not person.reachable:
        return NotYet("never started the bot")
    patient = None
    if job.row.patient_id is not None:
        patient = await storage.people.patient(job.session, job.row.clinic_id, job.row.patient_id)
    with speaking(person.language):
        words = _(NOTICES[str(job.row.detail["text"])])
        code = escape(patient.code) if patient else "?"
        rows = []
        if job.row.detail["text"] == "patient_joined" and patient is not None:
            rows = [
                [
                    (_("The patient"), pack("pv", patient.id or 0)),
                    (_("Not my patient"), pack("np", patient.id or 0)),
                ]
            ]
        return Outgoing(person.telegram_id, words.format(code=code), rows)


async def digest(job: Rendering) -> Rendered:
    """The clinic's day in one message."""
    person = await _person(job)
    clinic = await storage.people.clinic(job.session, job.row.clinic_id)
    if person is None or clinic is None:
        return Nothing("gone")
    at = datetime.fromisoformat(str(job.row.detail["at"]))
    found = await care_digest.gather(job.session, clinic, at)
    with speaking(person.language):
        return Outgoing(person.telegram_id, digest_text(found, clinic))


RENDERERS: dict[str, Renderer] = {
    "card_private": card_private,
    "card_group": card_group,
    "card_edit": card_edit,
    "forgotten_ask": forgotten.ask,
    "note_forward": note_forward,
    "notice": notice,
    "staff_joined": notice,
    "digest": digest,
    "outage": outage.outage,
}
