"""What clinicians do with an alert: take it, see details, hand it over, close it."""

from html import escape

import storage.alerts
import storage.people
from care import alerts
from care.actors import RefusedError
from handlers.buttons import Rows, pack
from handlers.clinicians.cards import card_for
from handlers.desk import Visit
from handlers.language import N_, _
from handlers.wording.moments import moment

OUTCOME_LABELS = {
    "confirmed": N_("It was a complication"),
    "not_confirmed": N_("It was nothing serious"),
    "unclear": N_("Unclear"),
}


async def acknowledge(visit: Visit) -> None:
    """[I'm on it]: the first tap takes the alert; others learn who has it."""
    tapped = visit.tapped()
    generation = tapped.number(1) if tapped.verb == "kg" else None
    taken = await alerts.acknowledge(visit.work, visit.actor, tapped.number(), generation)
    if taken.outdated:
        await visit.toast(
            _("It has got worse since this card. Please read the newest card and tap there."),
            alert=True,
        )
    elif taken.won:
        await visit.toast(_("It is yours. The patient is told that the clinic has seen it."))
    elif taken.alert.state == "closed":
        await visit.toast(_("This alert is closed already."), alert=True)
    else:
        await visit.toast(
            _("{name} has taken it already.").format(name=taken.by or _("A colleague")),
            alert=True,
        )
    await visit.deliver_urgent()
    person, _clinic = visit.actor.staff()
    if not person.reachable and not visit.in_private:
        await visit.reply(
            _("Please open a private chat with me, so that I can show you the details."),
            [[(_("Open the chat"), f"https://t.me/{visit.desk.username}?start=hello")]],
        )


async def details(visit: Visit) -> None:
    """[Details]: name and phone, for the tapper's eyes only."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        alert = await storage.alerts.alert(session, clinic_id, visit.tapped().number())
        if alert is None:
            raise RefusedError("no such alert")
        patient = await storage.people.patient(session, clinic_id, alert.patient_id)
    if patient is None:
        raise RefusedError("no such patient")
    name = visit.work.cipher.open(patient.name) or _("no name on file")
    phone = visit.work.cipher.open(patient.phone) or _("no phone on file")
    await visit.toast(f"{patient.code}\n{name}\n{phone}", alert=True)
    if visit.in_private:
        await visit.reply(f"<b>{escape(patient.code)}</b>\n{escape(name)}\n{escape(phone)}")


async def hand_over(visit: Visit) -> None:
    """[Hand over]: to whom?"""
    alert_id = visit.tapped().number()
    person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        if await storage.alerts.alert(session, clinic_id, alert_id) is None:
            raise RefusedError("no such alert")
        staff = await storage.people.staff(session, clinic_id)
    rows = [
        [(_colleague(visit, member.name, member.on_duty), pack("kt", alert_id, member.id or 0))]
        for member, _roles in staff
        if member.id != person.id and member.reachable
    ]
    if not rows:
        await visit.toast(_("There is no colleague who has started this bot."), alert=True)
        return
    await _ask(visit, _("Hand this alert to whom?"), rows)


def _colleague(visit: Visit, sealed: str, on_duty: bool) -> str:
    name = visit.work.cipher.open(sealed) or _("Colleague")
    return (f"{name} ({_('on duty')})" if on_duty else name)[:30]


async def hand_to(visit: Visit) -> None:
    """The colleague gets a card of their own; every copy names them."""
    button = visit.tapped()
    await alerts.hand_over(visit.work, visit.actor, button.number(0), button.number(1))
    await visit.edit(_("Handed over. Your colleague has the card now."))


async def close(visit: Visit) -> None:
    """[Close]: with which outcome?"""
    alert_id = visit.tapped().number()
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        alert = await storage.alerts.alert(session, clinic_id, alert_id)
    if alert is None:
        raise RefusedError("no such alert")
    if alert.state == "closed":
        await visit.toast(_("This alert is closed already."), alert=True)
        return
    rows = [
        [(_(label), pack("kx", alert_id, outcome))] for outcome, label in OUTCOME_LABELS.items()
    ]
    await _ask(visit, _("What was it?"), rows)


async def outcome(visit: Visit) -> None:
    """The outcome is chosen: do the planned check-ins go on?"""
    alert_id, chosen = visit.tapped().number(0), visit.tapped().word(1)
    await visit.edit(
        _("And the check-ins still to come?"),
        [
            [(_("Keep the checks"), pack("ky", alert_id, chosen, "keep"))],
            [(_("Stop them"), pack("ky", alert_id, chosen, "stop"))],
        ],
    )


async def closed(visit: Visit) -> None:
    """Close it, and ask what was done."""
    button = visit.tapped()
    alert = await alerts.close(
        visit.work,
        visit.actor,
        button.number(0),
        button.word(1),
        keep_checks=button.word(2) != "stop",
    )
    await visit.edit(_("Alert #{number} is closed.").format(number=alert.id))
    if visit.in_private:
        await visit.ask(
            _("What was done about alert #{number}? Reply to this message.").format(
                number=alert.id
            ),
            _("For example: called, seen, sent to hospital"),
        )


async def what_was_done(visit: Visit, alert_id: int) -> None:
    """The reply to that question is kept with the alert."""
    await alerts.record_action(visit.work, visit.actor, alert_id, visit.text)
    await visit.reply(_("Kept with alert #{number}.").format(number=alert_id))


async def open_alerts(visit: Visit) -> None:
    """/alerts: everything nobody has closed yet, most severe first."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        found = await storage.alerts.open_alerts(session, clinic_id)
        clinic = await storage.people.clinic(session, clinic_id)
        patients = {
            alert.id: await storage.people.patient(session, clinic_id, alert.patient_id)
            for alert in found
        }
    if not found or clinic is None:
        await visit.reply(_("No open alerts."))
        return
    rows: list[list[tuple[str, str]]] = []
    lines = [f"<b>{_('Open alerts')}</b>"]
    for alert in found:
        patient = patients[alert.id]
        code = patient.code if patient else "?"
        when = moment(alert.opened_at, clinic.zone, visit.work.clock.now())
        what = f"{LEVELS[alert.level]} · {when} · {_(STATES[alert.state])}"
        lines.append(f"#{alert.id} {escape(code)} · {what}")
        rows.append([(f"#{alert.id} {code}", pack("al", alert.id or 0))])
    await visit.reply("\n".join(lines), rows)


LEVELS = {"emergency": "🔴 E", "urgent": "🟠 U", "watch": "🟡 W", "none": "⚪"}
STATES = {"open": N_("nobody has it"), "acknowledged": N_("taken"), "closed": N_("closed")}


async def show(visit: Visit) -> None:
    """One alert's card as it stands, in the private chat only."""
    if not visit.in_private:
        await visit.toast(_("Cards with words are shown in the private chat only."), alert=True)
        return
    text, rows = await card_for(visit.work, visit.actor, visit.tapped().number())
    await visit.reply(text, rows)


async def _ask(visit: Visit, text: str, rows: Rows) -> None:
    """A question about a card: below the card in a private chat and in the group."""
    await visit.reply(text, rows)
