"""/settings: the clinic's name, numbers, clock and hours."""

import re
from html import escape

import storage.people
import storage.retention
from care import clinic as care_clinic
from care.actors import RefusedError
from care.clinic import InvalidSettingError
from care.opening_hours import OpeningHours
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import N_, _, language_name, ngettext
from handlers.wording.consent import consent_of
from handlers.wording.moments import hours_words
from storage.tables import Clinic

LABELS = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "zone": N_("Time zone"),
    "emergency_number": N_("Emergency number"),
    "urgent_number": N_("Urgent number"),
    "opening_hours": N_("Opening hours"),
    "digest_hour": N_("Hour of the digest"),
    "language": N_("Language of the clinic"),
    "retention_months": N_("Names are kept"),
    "consent_words": N_("Our words in the consent"),
    "weekly_drill": N_("Weekly drill"),
}
EXAMPLES = {
    "name": N_("for example: Riverside Physio"),
    "phone": N_("for example: +44 20 7946 0000"),
    "zone": N_("for example: Europe/London"),
    "emergency_number": N_("for example: 112, 911 or 999"),
    "urgent_number": N_("for example: 111, or - for none"),
    "opening_hours": N_("for example: Mon-Fri 08:00-18:00; Sat 09:00-12:00"),
    "digest_hour": N_("for example: 8"),
    "language": N_("for example: en or es"),
    "retention_months": N_("for example: 24 (months after the last session), or - to keep them"),
    "consent_words": N_("for example: Dr Lee and Sam read your answers. Or - for none"),
    "weekly_drill": N_("for example: Tue 14:30, or - for none"),
}
# How a question names its setting, so that the reply to it can be understood.
ASKED = re.compile(r"\[(" + "|".join(LABELS) + r")\]")


async def settings(visit: Visit) -> None:
    """/settings: every value, each with a button that changes it."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    lines = [
        f"{_(label)}: <b>{escape(_shown(clinic, name))}</b>" for name, label in LABELS.items()
    ]
    rows = [[(_(label), pack("st", name))] for name, label in LABELS.items()]
    rows.append([(_("See the consent"), pack("cn", 0))])
    await visit.reply("\n".join([f"<b>{_('Settings')}</b>", *lines]), rows)


def _shown(clinic: Clinic, name: str) -> str:
    if name == "opening_hours":
        return hours_words(OpeningHours.from_json(clinic.opening_hours)) or _("never open")
    if name == "digest_hour":
        return f"{clinic.digest_hour:02}:00"
    if name == "language":
        return language_name(clinic.language)
    if name == "retention_months" and clinic.retention_months:
        return ngettext(
            "{n} month after the last session", "{n} months after the last session",
            clinic.retention_months,
        ).format(n=clinic.retention_months)  # fmt: skip
    if name == "retention_months":
        return _("as long as the law says")
    return str(getattr(clinic, name)) or _("none")


async def consent(visit: Visit) -> None:
    """[See the consent]: as a patient who joins now reads it, and who agreed to which version."""
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        counts = await storage.retention.consents(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    agreed = []
    for version, number in counts:
        words = ngettext(
            "{n} patient agreed to version {version}.",
            "{n} patients agreed to version {version}.",
            number,
        )
        agreed.append(words.format(n=number, version=version))
    await visit.reply("\n\n".join([consent_of(clinic), "\n".join(agreed)]).strip())


async def ask(visit: Visit) -> None:
    """A setting's button: which value?"""
    name = visit.tapped().word(0)
    if name not in LABELS:
        raise RefusedError("no such setting")
    if not visit.in_private:
        await visit.toast(_("Settings are changed in the private chat with me only."), alert=True)
        return
    await visit.ask(
        _("{label} [{name}]: send the new value as a reply to this message, {example}").format(
            label=_(LABELS[name]), name=name, example=_(EXAMPLES[name])
        )
    )


async def answered(visit: Visit, name: str) -> None:
    """The reply with the new value."""
    try:
        clinic = await care_clinic.change(visit.work, visit.actor, name, visit.text)
    except InvalidSettingError:
        await visit.ask(
            _("I cannot use that. {label} [{name}]: reply to this message, {example}").format(
                label=_(LABELS[name]), name=name, example=_(EXAMPLES[name])
            )
        )
        return
    await visit.reply(
        _("{label} is {value} from now on. What is planned already keeps its time.").format(
            label=_(LABELS[name]), value=escape(_shown(clinic, name))
        )
    )
