"""The questions of a check-in and the words of their answers."""

from html import escape

from handlers.language import N_, _
from handlers.wording.options import OPTIONS, Option

_QUESTIONS = {
    "danger": N_("Since your needling session, do you have ANY of these now?"),
    "danger_signs": N_("Which? Tap all, then Done"),
    "pain": N_(
        "How bad is your pain now in the area we treated? 0 = no pain, 10 = worst you can imagine"
    ),
    "soreness": N_("How sore are the needle spots or the muscle?"),
    "bruising": N_("Look at the needle spots (mirror, photo or a helper). Any bruising?"),
    "bruise_signs": N_("Tap all that fit"),
    "touch": N_("Touch the spots, or ask someone to. Hot, swollen or wet?"),
    "new": N_(
        "Anything NEW since the session, or worse than before it? "
        "(On brown or black skin look for dark, shiny or hot skin.)"
    ),
    "skin_signs": N_("Tap all that fit"),
    "nerve_place": N_("Where?"),
    "nerve_course": N_("How is it?"),
    "weakness": N_("Which fits best?"),
    "temperature": N_("Temperature?"),
    "week_check": N_(
        "One week on. Any redness, heat, swelling, pus, lump, fever, numbness, tingling, "
        "weakness, breathlessness, or pain getting worse?"
    ),
}

_DANGERS = (
    N_("Short of breath, chest pain, coughing blood, or a new dry cough"),
    N_(
        "Sudden weakness, unsteady walking, slurred speech, confusion, "
        "or the worst headache of your life"
    ),
    N_(
        "Numb between your legs or around your bottom, or new trouble peeing or holding pee or poo"
    ),
    N_(
        "Very ill: shaking hard, blue, grey or blotchy skin, hard to stay awake, "
        "or hardly any pee today"
    ),
    N_(
        "Skin going purple or black, blisters, redness spreading by the hour, pain far worse than "
        "the mark, a swelling growing fast, bleeding that won't stop, "
        "or a hand or foot gone cold, white or blue"
    ),
    N_("Swollen lips, tongue or throat, wheezing, or you passed out"),
)

# A follow-up says what it is about: its question alone does not.
_SUBJECTS = {
    "bruise_signs": N_("About the bruise"),
    "skin_signs": N_("About the skin"),
    "nerve_place": N_("About the numbness, tingling or shock pain"),
    "nerve_course": N_("About the numbness, tingling or shock pain"),
    "weakness": N_("About the weakness"),
    "temperature": N_("About the fever"),
}

_TITLES = {
    "danger": N_("Danger signs"),
    "danger_signs": N_("Which danger sign"),
    "pain": N_("Pain"),
    "soreness": N_("Soreness"),
    "bruising": N_("Bruising"),
    "bruise_signs": N_("The bruise"),
    "touch": N_("Touching the spots"),
    "new": N_("Anything new"),
    "skin_signs": N_("The skin"),
    "nerve_place": N_("Where it is numb or tingles"),
    "nerve_course": N_("How the numbness goes"),
    "weakness": N_("The weakness"),
    "temperature": N_("Temperature"),
    "week_check": N_("One week on"),
}


def question_text(question: str) -> str:
    """The question as HTML, with the full wording of every answer whose button is shortened.

    Raises:
        KeyError: no such question.
    """
    lines = [_safe(_QUESTIONS[question])]
    if question in _SUBJECTS:
        lines.insert(0, f"<i>{_safe(_SUBJECTS[question])}</i>")
    if question == "danger":
        lines += [f"• {_safe(danger)}" for danger in _DANGERS]
    lines += [
        f"• <b>{_safe(option.label)}</b>: {_safe(option.full)}"
        for option in OPTIONS.get(question, {}).values()
        if option.full
    ]
    return "\n".join(lines)


def danger_notice(emergency_number: str) -> str:
    """The HTML line above the list of danger signs."""
    words = _("If you are struggling to breathe, collapsing or very unwell, call {number} now.")
    return f"<b>{escape(words.format(number=emergency_number), quote=False)}</b>"


def option_label(question: str, value: str) -> str:
    """An answer's button, plain text of at most 30 characters; a score is its digits.

    A value this version does not know (stored by another) is shown as it is.
    """
    option = _option(question, value)
    return _(option.label) if option else value


def option_sentence(question: str, value: str) -> str:
    """An answer as the clinician reads it, plain text; unknown values as they are."""
    if question == "pain":
        return _("Pain {score} of 10").format(score=value)
    option = _option(question, value)
    return _(option.clinical) if option else value


def short_title(question: str) -> str:
    """A question in one to five words, plain text; unknown ids as they are."""
    return _(_TITLES[question]) if question in _TITLES else question


def _option(question: str, value: str) -> Option | None:
    return OPTIONS.get(question, {}).get(value)


def _safe(message: str) -> str:
    return escape(_(message), quote=False)
