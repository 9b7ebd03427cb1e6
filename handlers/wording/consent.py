"""The information a patient agrees to before anything is asked. Short sentences, plain words."""

from html import escape

from care.opening_hours import OpeningHours
from handlers.language import N_, _, ngettext
from handlers.wording.moments import hours_words
from storage.tables import Clinic

# (heading, sentences); the order in which a patient needs them.
_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("What this is"),
        (
            N_(
                "{clinic} uses this bot to ask how you are after dry needling. "
                "This helps your clinic to spot problems early."
            ),
            N_(
                "You choose. Your care is the same if you say no. "
                "You can stop at any time: send /stop."
            ),
        ),
    ),
    (
        N_("Not for emergencies"),
        (
            N_("Nobody watches this chat all the time. In an emergency call {emergency}."),
            N_("Your clinic reads it in its opening hours{hours}."),
        ),
    ),
    (
        N_("What we ask, and when"),
        (
            N_(
                "About 2 hours after a session we send you a safety message. After about 24 and "
                "48 hours we ask about danger signs, pain, soreness, bruises and anything new."
            ),
            N_(
                "If you do not answer, we remind you. Then we close the check and "
                "tell your clinic that there was no answer."
            ),
        ),
    ),
    (
        N_("How your answers are judged"),
        (
            N_(
                "A machine checks your answers with fixed rules. It can miss a problem. "
                "It can also raise a false alarm. If you feel unwell, get help."
            ),
        ),
    ),
    (
        N_("Risks of needling"),
        (
            N_("Common: soreness and bruises. Less common: feeling faint."),
            N_("Rare: an infection, an irritated nerve, or a needle that hurts a lung."),
        ),
    ),
    (
        N_("Your data"),
        (
            N_(
                "Named staff of {clinic} see your answers, notes and photos. The clinic stores "
                "them, with your code and the times, {retention}."
            ),
            N_(
                "Telegram stores this chat too. It is not end-to-end encrypted. "
                "Telegram could read it."
            ),
            N_(
                "You may see, correct or delete your data, or complain to the office that guards "
                "data rights. Send /privacy, or ask your clinic{phone}."
            ),
        ),
    ),
    (
        N_("Before you agree"),
        (
            N_("This bot is for adults. By tapping “I agree” you say:"),
            N_("• I am 18 or older."),
            N_("• I can read this language well."),
            N_("• I agree to the use of my health data and of Telegram for this."),
        ),
    ),
)


def consent_of(clinic: Clinic) -> str:
    """The consent that a clinic's patients are shown now."""
    return consent_text(
        version=clinic.consent_version,
        clinic=clinic.name,
        clinic_phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        opening_hours=hours_words(OpeningHours.from_json(clinic.opening_hours)),
        retention_months=clinic.retention_months,
        own_words=clinic.consent_words,
    )


def consent_text(
    *,
    version: int,
    clinic: str,
    clinic_phone: str,
    emergency_number: str,
    opening_hours: str = "",
    retention_months: int = 0,
    own_words: str = "",
) -> str:
    """The consent of `version` as one HTML message.

    `opening_hours` are in words ("Mon-Fri 08:00-18:00"); `own_words` are what the clinic adds;
    `retention_months` 0: the law says how long.
    """
    words = {
        "clinic": clinic,
        "emergency": emergency_number,
        "hours": f": {opening_hours}" if opening_hours else "",
        "phone": f" ({clinic_phone})" if clinic_phone else "",
        "retention": _kept(retention_months),
    }
    blocks = []
    for heading, sentences in _PARTS:
        said = [escape(_(sentence).format(**words), quote=False) for sentence in sentences]
        blocks.append(f"<b>{escape(_(heading), quote=False)}</b>\n" + "\n".join(said))
    if own_words:
        blocks.insert(-1, escape(own_words, quote=False))
    footer = _("Text version {version}").format(version=version)
    return "\n\n".join([*blocks, f"<i>{escape(footer, quote=False)}</i>"])


def _kept(months: int) -> str:
    if not months:
        return _("as long as the law makes it keep patient records")
    return ngettext(
        "until {n} month after your last session; then your name and your words are deleted",
        "until {n} months after your last session; then your name and your words are deleted",
        months,
    ).format(n=months)
