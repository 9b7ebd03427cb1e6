"""An alert as clinicians read it: in the group without names and words, in private with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from handlers.language import N_, _, ngettext
from handlers.wording.moments import step_words

# Telegram takes 4,096 characters; a line about a repeat may stand above the card.
_CARD_LENGTH = 3800
_WORDS_LENGTH = 1500
_MOST_SIGNS = 15
_MOST_RULES = 10

_HEADLINES = {
    "E0": N_("Danger sign, not specified"),
    "E1": N_("Possible pneumothorax"),
    "E2": N_("Possible cauda equina"),
    "E3": N_("Possible spinal bleed, cord problem or stroke"),
    "E4": N_("Possible sepsis"),
    "E5": N_("Skin sign with fever, sickness or far too much pain"),
    "E6": N_("Severe allergy, or collapse with another sign"),
    "E7": N_("Growing haematoma, bleed or tight limb"),
    "E8": N_("Fever plus spine pain or nerve sign"),
    "U1": N_("Local infection signs"),
    "U2": N_("Fever or shivery"),
    "U3": N_("New loss of power"),
    "U4": N_("New sensory nerve symptom"),
    "U5": N_("Chest wall soreness or cough after needling"),
    "U6": N_("Large bruise or lump"),
    "U7": N_("Pain or soreness off the expected course"),
    "U8": N_("Collapse after leaving"),
    "U9": N_("Several small signs"),
    "U10": N_("Patient worried"),
    "U11": N_("No answer, high-risk session"),
    "U12": N_("Report opened, then silence"),
    "W1": N_("Sore or painful on day 1"),
    "W2": N_("Bruise"),
    "W3": N_("Small red spot"),
    "W4": N_("Mild nerve-like symptom"),
    "W5": N_("General symptom"),
    "W6": N_("Slower course than expected"),
    "W7": N_("Spots not seen"),
    "W8": N_("No answer / note received"),
    "N1": N_("Nothing to report"),
}

# Symbol and word together: never told by colour alone.
_LEVELS = {
    "emergency": ("🆘", N_("EMERGENCY")),
    "urgent": ("❗", N_("URGENT")),
    "watch": ("👁", N_("WATCH")),
    "none": ("✓", N_("NO SIGN")),
}

_OUTCOMES = {
    "confirmed": N_("confirmed"),
    "not_confirmed": N_("not confirmed"),
    "unclear": N_("unclear"),
}

_PATIENT_SAYS = {
    "getting_help": N_("The patient says: I am getting help."),
    "mistake": N_("The patient says: I made a mistake."),
}

_REMARKS = {
    "no_one_on_duty": N_("Nobody was on duty: everyone has this card."),
    "absent_paged": N_("Everyone is away: those away have this card too."),
    "reopened": N_("It was taken, then came no note and no outcome: it is open again."),
}


@dataclass(frozen=True)
class CardFacts:
    """All that a card says, in plain text; escaping happens here.

    `level` is the highest the alert ever had, `level_now` today's. `hours` since the session, None
    when no session is known. `ratings` holds (when, pain, soreness, bruising) in order of time,
    with a dash for what was not asked. Times are in words.
    """

    number: int
    level: str
    level_now: str
    code: str
    rules: tuple[str, ...]
    hours: float | None
    ratings: tuple[tuple[str, str, str, str], ...] = ()
    signs: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    media: int = 0
    taken_by: str | None = None
    taken_at: str | None = None
    outcome: str | None = None
    closed_at: str | None = None
    action: str = ""
    patient_says: tuple[str, ...] = ()
    opened_at: str = ""
    remarks: tuple[str, ...] = ()
    possible_repeat: bool = False
    from_typed_message: bool = False
    merged: tuple[str, ...] = ()


def headline(rule: str) -> str:
    """A rule's headline, plain text; a rule this version does not know is shown by its id."""
    return _(_HEADLINES[rule]) if rule in _HEADLINES else rule


def level_words(level: str) -> str:
    """A level as symbol and word, plain text; unknown levels as they are."""
    symbol, word = _LEVELS.get(level, ("", level))
    return f"{symbol} {_(word)}".strip()


def group_card(facts: CardFacts) -> str:
    """The card for the clinic's group: no name, no words of anybody, no photos. HTML."""
    return _card([*_head(facts), *_body(facts), *_state(facts)])


def private_card(facts: CardFacts) -> str:
    """The card for a clinician's private chat, with the patient's words. HTML."""
    lines = [*_head(facts), *_body(facts), *_state(facts)]
    if facts.action:
        lines.append(f"{_('What was done')}: {_cut(facts.action, 300)}")
    return _card([*lines, *_quotes(facts)])


def _head(facts: CardFacts) -> list[str]:
    lines = []
    if facts.possible_repeat:
        lines.append(f"<i>{_('Possible repeat: you may have this message already.')}</i>")
    title = f"{level_words(facts.level)} · {facts.code} · #{facts.number}"
    lines.append(f"<b>{escape(title, quote=False)}</b>")
    lines += [
        f"<b>{_cut(headline(rule), 80)}</b> ({escape(rule, quote=False)})"
        for rule in facts.rules[:_MOST_RULES]
    ]
    lines += _more(len(facts.rules) - _MOST_RULES)
    if facts.level_now != facts.level:
        lines.append(
            _("Level by the answers now: {now}. The alert keeps its highest.").format(
                now=escape(level_words(facts.level_now), quote=False)
            )
        )
    if facts.from_typed_message:
        lines.append(_("From a typed message"))
    return lines


def _body(facts: CardFacts) -> list[str]:
    lines = [_since(facts.hours)]
    if facts.merged:
        lines.append(f"{_('Together with')}: {_cut('; '.join(facts.merged), 300)}")
    titles = (_("Pain"), _("Soreness"), _("Bruising"))
    for column, title in enumerate(titles, start=1):
        course = " → ".join(
            f"{_step(line[0])} {line[column]}" for line in facts.ratings if line[column] != "–"
        )
        if course:
            lines.append(f"{title}: {_cut(course, 300)}")
    lines += [f"• {_cut(sign, 120)}" for sign in facts.signs[:_MOST_SIGNS]]
    lines += _more(len(facts.signs) - _MOST_SIGNS)
    if facts.overdue:
        lines.append(f"{_('Not answered')}: {_cut(', '.join(facts.overdue), 200)}")
    return lines


def _since(hours: float | None) -> str:
    if hours is None:
        return _("No session on file for this")
    whole = int(hours)
    return ngettext("{n} hour after the session", "{n} hours after the session", whole).format(
        n=whole
    )


def _step(step: str) -> str:
    return _("report") if step == "report" else step_words(step)


def _quotes(facts: CardFacts) -> list[str]:
    """The newest words in any case, older ones while there is room for them whole."""
    room, quotes = _WORDS_LENGTH, list[str]()
    for words in reversed(facts.words):
        quote = _cut(words, room)
        if quotes and (room < len(_escaped(words))):
            break
        quotes.insert(0, f"<blockquote>{quote}</blockquote>")
        room -= len(quote)
    lines = _more(len(facts.words) - len(quotes)) + quotes
    if facts.media:
        lines.append(
            ngettext("{n} picture or recording", "{n} pictures or recordings", facts.media).format(
                n=facts.media
            )
        )
    return lines


def _state(facts: CardFacts) -> list[str]:
    lines = [_(_PATIENT_SAYS[event]) for event in facts.patient_says if event in _PATIENT_SAYS]
    lines += [f"<b>{_(_REMARKS[kind])}</b>" for kind in facts.remarks if kind in _REMARKS]
    if facts.opened_at:
        lines.append(_("Opened {when}").format(when=_cut(facts.opened_at, 40)))
    if facts.taken_by:
        lines.append(
            "<b>"
            + _("Taken by {name} at {when}").format(
                name=_cut(facts.taken_by, 80), when=_cut(facts.taken_at or "?", 40)
            )
            + "</b>"
        )
    if facts.outcome:
        outcome = _OUTCOMES.get(facts.outcome, facts.outcome)
        lines.append(
            "<b>"
            + _("Closed {when}: {outcome}").format(
                when=_cut(facts.closed_at or "?", 40), outcome=_cut(_(outcome), 40)
            )
            + "</b>"
        )
    return lines


def _more(count: int) -> list[str]:
    if count <= 0:
        return []
    return [ngettext("and {n} more", "and {n} more", count).format(n=count)]


def _card(lines: Iterable[str]) -> str:
    """The lines as one message; whole lines fall away at the end when they do not fit, never the
    head.
    """
    kept, room = list[str](), _CARD_LENGTH
    for line in lines:
        if len(line) + 1 > room:
            kept.append("…")
            break
        kept.append(line)
        room -= len(line) + 1
    return "\n".join(kept)


def _cut(text: str, length: int) -> str:
    """`text` as HTML in at most `length` characters, never cut inside an entity."""
    escaped = _escaped(text)
    if len(escaped) <= length:
        return escaped
    kept, room = list[str](), length - 1
    for piece in map(_escaped, text):
        if len(piece) > room:
            break
        kept.append(piece)
        room -= len(piece)
    return "".join(kept) + "…"


def _escaped(text: str) -> str:
    return escape(text, quote=False)
