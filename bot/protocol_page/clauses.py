"""The clauses of the rules in full words: names in braces become what people read."""

import re
from dataclasses import asdict
from html import unescape

from care.evidence.described import words
from care.triage.model import Protocol
from handlers.wording.cards import headline
from handlers.wording.questions import option_sentence, short_title

_SLOT = re.compile(r"\{([a-z_0-9A-Z]+)(?:\.([a-z_0-9A-Z]+))?\}")
_TAG = re.compile(r"</?(?:b|i|blockquote)>")


def in_words(template: str, protocol: Protocol) -> str:
    """A clause or term with its names written out, the numbers as this version has them.

    Raises:
        KeyError: it names a number, term, risk or rule that does not exist.
    """
    return _SLOT.sub(lambda slot: _written(slot[1], slot[2], protocol), template)


def _written(group: str, name: str | None, protocol: Protocol) -> str:
    if name is None:
        return number(asdict(protocol.thresholds)[group])
    if group == "is":
        return f"*{words().shown[name]}*"
    if group == "risk":
        return f"*{words().risks[name]}*"
    if group == "rule":
        return protocol.rules[name].id
    if group == "overdue":
        return f"no answer in time to “{short_title(name)}”"
    if name not in protocol.questions[group].values:
        raise KeyError(f"{group}.{name}")
    return f"“{option_sentence(group, name)}”"


def number(value: float) -> str:
    """42.0 as 42, 1.5 as 1.5."""
    return f"{value:g}"


def plain(text: str) -> str:
    """A text in Telegram's HTML as plain words."""
    return unescape(_TAG.sub("", text))


def quoted(text: str) -> str:
    """A text in Telegram's HTML as a quotation, line for line."""
    lines = plain(text).split("\n")
    return "\n>\n".join("> " + line for line in lines if line)


def title(rule: str) -> str:
    """A rule's id and the clinic's headline."""
    return f"{rule} · {headline(rule)}"
