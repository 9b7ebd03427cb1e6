"""A drill in words: what is rehearsed, how long every link took, and which one is broken."""

from collections.abc import Mapping, Sequence
from html import escape

from handlers.language import N_, _, ngettext

_LINKS = {
    "link": N_("The link opens the bot"),
    "consent": N_("The patient joins"),
    "check_in": N_("The check-in is sent"),
    "answer": N_("The danger answer is kept"),
    "emergency_text": N_("The patient has the emergency text"),
    "rota": N_("Somebody is on duty"),
    "cards": N_("The clinic has the card"),
    "card_private": N_("Card in the chat of {name}"),
    "card_group": N_("Card in the group"),
    "acknowledged": N_("Somebody is on it"),
}
_SIGNS = {"ok": "✓", "warning": "⚠", "broken": "✗"}
_WHY = {
    "update_waits": N_("the tap waits, nobody works on it"),
    "update_failed": N_("the bot made a mistake with the tap ({error})"),
    "no_effect": N_("the tap was handled, but nothing came of it"),
    "not_written": N_("no message was written"),
    "waits": N_("the message does not leave {error}"),
    "refused": N_("Telegram did not take it: {error}"),
    "no_group": N_("no group is linked: add me to one and tap [Use this group for alerts]"),
    "no_one_on_duty": N_("nobody is on duty: everyone had the card. /team changes it"),
    "no_alert": N_("no alert was opened"),
}
_STATES = {
    "running": N_("The drill is under way"),
    "passed": N_("The drill passed: every link holds."),
    "failed": N_("The drill failed."),
    "stopped": N_("The drill was stopped."),
}
_SIGN_UNKNOWN = "?"

Link = Mapping[str, object]
Names = Mapping[int, str]


def drill_mark() -> str:
    """The first line (HTML) of every message of a drill, said in every language at once."""
    return "<b>🧪 DRILL · SIMULACRO</b>"


def offer() -> str:
    """What a drill does, before it starts. HTML."""
    return "\n".join(
        (
            f"<b>{_('Drill')}</b>",
            _("A pretend patient goes the whole way: link, check-in, danger answer, alert, until "
              "somebody taps [I'm on it]. Each link is timed."),
            _("You see the patient's side here. The alert goes to the real group and to whoever "
              "is on duty, marked as a drill; it is for them to take it."),
            _("Afterwards the pretend patient is removed; lists, digests and exports never show "
              "them."),
        )
    )  # fmt: skip


def report(state: str, links: Sequence[Link], names: Names, *, waits_for: str = "") -> str:
    """How a drill stands or ended. HTML.

    Args:
        state: of the drill.
        links: what was found of each link (see `care.drill_stages`).
        names: staff by id, plain text.
        waits_for: the stage that a running drill is in.
    """
    lines = [f"<b>{_(_STATES[state])}</b>"]
    broken = next((found for found in links if found["state"] == "broken"), None)
    if broken is not None:
        lines.append(f"<b>{_('The broken link')}: {_name(broken, names)}, {_why(broken)}</b>")
    lines += [_line(found, names) for found in links]
    if state == "running" and waits_for in _LINKS:
        lines.append("… " + _(_LINKS[waits_for]))
    return "\n".join(lines)


def one_line(state: str, links: Sequence[Link], when: str) -> str:
    """The last drill for /status. HTML."""
    broken = next((str(found["link"]) for found in links if found["state"] == "broken"), "")
    name = _name({"link": broken, "detail": {}}, {}) if broken in _LINKS else ""
    words = f"{when}, {_(_STATES[state])}"
    return f"{words} ({name})" if name else words


def _line(found: Link, names: Names) -> str:
    sign = _SIGNS.get(str(found["state"]), _SIGN_UNKNOWN)
    words = f"{sign} {_name(found, names)}"
    seconds = found["seconds"]
    if isinstance(seconds, (int, float)):
        words += f": {_took(float(seconds))}"
    elif found["why"]:
        words += f": {_why(found)}"
    return words


def _took(seconds: float) -> str:
    if seconds < 120:
        return _("{n} s").format(n=f"{seconds:.2f}".rstrip("0").rstrip("."))
    minutes = round(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def _name(found: Link, names: Names) -> str:
    link = str(found["link"])
    words = _(_LINKS[link]) if link in _LINKS else link
    person = _detail(found).get("person")
    who = names.get(person, "?") if isinstance(person, int) else "?"
    if "{name}" in words:
        return escape(words.format(name=who), quote=False)
    taken = link == "acknowledged" and isinstance(person, int)
    return escape(f"{words} ({who})" if taken else words, quote=False)


def _why(found: Link) -> str:
    why, detail = str(found["why"]), _detail(found)
    minutes = detail.get("minutes")
    if why == "nobody" and isinstance(minutes, int):
        return ngettext(
            "nobody took it within {n} minute", "nobody took it within {n} minutes", minutes
        ).format(n=minutes)
    if why not in _WHY:
        return escape(why, quote=False)
    return escape(_(_WHY[why]).format(error=detail.get("error", "")).strip(), quote=False)


def _detail(found: Link) -> Mapping[str, object]:
    detail = found["detail"]
    return detail if isinstance(detail, Mapping) else {}
