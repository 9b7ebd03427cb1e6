"""/help: what this person can do here."""

from handlers.desk import Visit
from handlers.language import _
from handlers.patients import menu


async def help_(visit: Visit) -> None:
    """/help, by role; nothing that is not theirs is named."""
    if visit.actor.is_staff:
        lines = [
            _("/session: record a session, or add a patient"),
            _("/patients and /patient CODE: how they are doing"),
            _("/patients and a code or a name: find somebody"),
            _("/alerts: what nobody has closed yet"),
            _("/duty on or /duty off: alerts in this chat or not"),
            _("/protocol: the rules, who signed them, and how many alerts were confirmed"),
            _("/language: read in another language"),
        ]
        if visit.actor.is_admin:
            lines += [
                _("/invite: a link for a colleague"),
                _("/status: how the bot is doing"),
                _("/schedule: when patients are asked"),
                _("/team: who is told in which order, who is away, closed days, waiting times"),
                _("/settings: name, phone, time zone, opening hours"),
                _("/import and /export: sessions from a file, records as a file"),
                _("/audit, alone or with a code: who did what, and whether it is whole"),
                _("/drill: a pretend patient goes the whole way, to see that every link holds"),
                _("Add me to a group and tap [Use this group for alerts]"),
            ]
        await visit.reply("\n".join(lines))
    if visit.actor.patients:
        await menu.main_menu(visit)
    if visit.actor.is_stranger:
        await visit.reply(
            _("I am the symptom diary of a clinic. Please use the link or the QR code that your "
              "clinic gave you.")
        )  # fmt: skip
