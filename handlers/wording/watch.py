"""Advice for what is watched: what is normal today, what to do, when to come back."""

from collections.abc import Iterable
from html import escape

from handlers.language import N_, _

_SORENESS = N_(
    "Soreness like this is common. It usually eases in 24 to 48 hours and can last up to 72. "
    "Gentle movement and warmth help. Tell us if it gets worse instead of better."
)

# (normal today, what to do, when to come back)
_ADVICE: dict[str, tuple[str, str, str]] = {
    "W1": (
        _SORENESS,
        N_("Do not train that muscle hard today."),
        N_("If it stops you sleeping or moving tomorrow too, tap Report a problem."),
    ),
    "W2": (
        N_("A bruise at a needle spot is common. It fades in one to two weeks."),
        N_("Leave it alone. Do not rub it."),
        N_("If it grows, gets hard or hurts a lot, tap Report a problem."),
    ),
    "W3": (
        N_("A small red spot at a needle mark can be normal on the first day."),
        N_("Keep it clean and dry. Do not squeeze it."),
        N_(
            "If it gets bigger than a coin, hot, swollen or wet, or you get a fever, "
            "tap Report a problem."
        ),
    ),
    "W4": (
        N_("A little tingling, numbness or tiredness in a muscle can follow needling."),
        N_("Move gently. Take care with hot, sharp or heavy things."),
        N_("If it spreads, stays, gets worse, or something stops working, tap Report a problem."),
    ),
    "W5": (
        N_("Some people feel tired, dizzy or a little unwell on the first day."),
        N_("Rest, eat and drink. Do not drive while you feel dizzy."),
        N_(
            "If it gets worse, or you reach 38.0 C (100.4 F) or get short of breath, "
            "tap Report a problem."
        ),
    ),
    "W6": (
        _SORENESS,
        N_("Take it easy with that area. Go slowly with sport and lifting."),
        N_("If it is not better 72 hours after the session, tap Report a problem."),
    ),
    "W7": (
        N_("Most needle marks close within a day."),
        N_("Use a mirror, take a photo, or ask someone to look and touch."),
        N_("If a spot is hot, swollen, wet or hurts more, tap Report a problem."),
    ),
    "W8": (
        N_("What you send is kept. Your clinic sees it, but not at once."),
        N_("Please answer the checks when you can: they are read by machine at once."),
        N_("If anything is wrong, tap Report a problem."),
    ),
}


def watch_text(rules: Iterable[str]) -> str:
    """Thanks, and three lines for each watch rule, as HTML; no line twice."""
    lines = [_("Thank you. Your clinic will see your answers in its daily list.")]
    given = [_ADVICE[rule] for rule in rules if rule in _ADVICE]
    if not given:
        lines.append(_("If anything gets worse, tap Report a problem."))
    for block in given:
        fresh = [_(line) for line in block if _(line) not in lines]
        lines += ["", *fresh] if fresh else []
    return escape("\n".join(lines), quote=False)
