"""The protocol as one page to sign or refuse, made from what the product runs."""

from dataclasses import asdict, fields
from importlib import resources
from string import Template

from bot.protocol_page.around import texts_section
from bot.protocol_page.clauses import in_words, number
from bot.protocol_page.expected import expected_section
from bot.protocol_page.questions import questions_section
from bot.protocol_page.rules import rule_section, source_line
from care.evidence.described import PROPOSED, described, sources_of, words
from care.triage.model import Protocol, Thresholds
from handlers.language import speaking

_UNSIGNED = (
    "Nobody has signed this version. Until a named clinician does, it is a proposal by its "
    "authors, and no real patient should be followed with it.\n"
)
_NUMBERS = {
    "day_2_hours": "real hours after the session from which it is day 2",
    "late_hours": "real hours after the session from which soreness and numbness are late",
    "day_7_hours": "real hours after the session from which it is day 7",
    "high_pain": "points of pain (0 to 10) that are high",
    "steep_pain": "points of pain from which it may be steep",
    "steep_rise": "points above the pain before the session that make it steep",
    "rise": "points above the pain before, or the earlier check, that are a rise",
    "notable_pain": "points of pain below which a rise is not noted",
    "several_signs": "watch rules that together are several signs",
}


def page(protocol: Protocol) -> str:
    """The protocol as Markdown, in English, ending with a place to sign."""
    with speaking("en"):
        slots = {
            "version": str(protocol.version),
            "signature": _signature(protocol),
            "unsigned": "" if protocol.signed_by else _UNSIGNED,
            "fingerprint": protocol.fingerprint,
            "short_fingerprint": protocol.fingerprint[:12],
            "proposed_rules": _proposed(protocol),
            "thresholds": _thresholds(protocol),
            "questions": questions_section(protocol),
            "risks": _risks(),
            "terms": _terms(protocol),
            "count": str(len(protocol.rules)),
            "rules": "\n\n".join(rule_section(one, protocol) for one in protocol.rules.values()),
            "texts": texts_section(),
            "expected": expected_section(protocol),
            "sources": _sources(protocol),
            **{name: number(value) for name, value in asdict(protocol.thresholds).items()},
        }
        text = resources.files("bot.protocol_page").joinpath("template.md").read_text("utf-8")
        return Template(text).substitute(slots)


def _signature(protocol: Protocol) -> str:
    return f"Signed by {protocol.signed_by}." if protocol.signed_by else "NOT SIGNED."


def _proposed(protocol: Protocol) -> str:
    return ", ".join(rule.id for rule in protocol.rules.values() if rule.source == (PROPOSED,))


def _thresholds(protocol: Protocol) -> str:
    values = asdict(protocol.thresholds)
    return "\n".join(
        f"| {_NUMBERS[field.name]} (`{field.name}`) | {number(values[field.name])} "
        f"| {', '.join(_users(field.name, protocol))} |"
        for field in fields(Thresholds)
    )


def _users(threshold: str, protocol: Protocol) -> list[str]:
    """The rules whose clauses use this number, by themselves or by a term."""
    terms = words().terms
    by_term = {name for name, text in terms.items() if f"{{{threshold}}}" in text}
    names = [f"{{{threshold}}}", *(f"{{is.{term}}}" for term in by_term)]
    return [
        rule
        for rule in protocol.rules
        if any(name in clause for clause in described(rule).fires for name in names)
    ]


def _risks() -> str:
    found = words()
    return "; ".join(
        f"*{found.risks[name]}* ({found.risks_in_full[name]})" for name in found.risks
    )


def _terms(protocol: Protocol) -> str:
    found = words()
    return "\n".join(
        f"- *{found.shown[name]}*: {in_words(text, protocol)}."
        for name, text in found.terms.items()
    )


def _sources(protocol: Protocol) -> str:
    named = {one.key: one for rule in protocol.rules.values() for one in sources_of(rule)}
    ordered = sorted(named.values(), key=lambda one: (one.key[0], int(one.key[1:])))
    return "\n".join(f"- {source_line(one)}" for one in ordered)
