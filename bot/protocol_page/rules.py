"""Every rule: when it fires, what people are told, why, from which sources, and which tests."""

from bot.protocol_page.clauses import in_words, quoted, title
from care.evidence.described import Source, covered, described, sources_of
from care.triage.model import Level, Protocol, Rule
from handlers.wording.advice import emergency_text, no_answer_text, urgent_text
from handlers.wording.cards import CardFacts, group_card
from handlers.wording.watch import watch_text

# Patients' texts with these danger signs ticked: their extra lines hang on them.
_VARIANTS = {
    "E6": (("allergy",), ("passed_out",)),
    "E7": (("swelling_fast",), ()),
}
_SIGNS = {
    "allergy": "when swelling of lips, tongue or throat, or wheezing, is ticked",
    "passed_out": "when passing out is ticked",
    "swelling_fast": "when a fast swelling, or bleeding, is ticked",
}
_SILENT = ("U11",)


def rule_section(rule: Rule, protocol: Protocol) -> str:
    """All about one rule, as Markdown."""
    found = described(rule.id)
    blocks = [
        f"### {title(rule.id)}",
        f"**Level:** {rule.level.value}.{_workflow(rule)}",
        "**Fires when:**",
        "\n".join(f"- {_sentence(in_words(clause, protocol))}" for clause in found.fires),
        f"**Why:** {found.why}",
        *([f"**Proposal:** {found.proposed}"] if found.proposed else []),
        *patients_text(rule),
        *clinics_text(rule),
        _sources(rule),
        _tests(rule.id),
    ]
    return "\n\n".join(blocks)


def _sentence(clause: str) -> str:
    """With a capital, also behind the mark of a term."""
    at = 1 if clause[0] == "*" else 0
    return clause[:at] + clause[at].upper() + clause[at + 1 :]


def _workflow(rule: Rule) -> str:
    if not rule.workflow:
        return ""
    return " Fired by what is done or left undone, not by an answer; the patient's text differs."


def patients_text(rule: Rule) -> list[str]:
    """The patient's text in full, in each form it has."""
    if rule.id in _SILENT:
        return ["**The patient is told (the check has closed):**", quoted(no_answer_text())]
    if rule.id == "W8":
        return _silence_or_note()
    if rule.level is Level.emergency:
        return _emergency_texts(rule.id)
    if rule.level is Level.urgent:
        return ["**The patient is told (in opening hours; other forms below):**", URGENT_OPEN]
    return ["**The patient is told:**", quoted(watch_text([rule.id]))]


def _silence_or_note() -> list[str]:
    return [
        "**The patient is told when a check closes unanswered or unfinished:**",
        quoted(no_answer_text()),
        "**At the end of a check with a text, photo or recording in it:**",
        quoted(watch_text(["W8"])),
    ]


def _emergency_texts(rule: str) -> list[str]:
    blocks = []
    for signs in _VARIANTS.get(rule, ((),)):
        when = ", ".join(_SIGNS[sign] for sign in signs)
        if rule in _VARIANTS and not signs:
            when = "otherwise"
        blocks.append(f"**The patient is told at once{f' ({when})' if when else ''}:**")
        blocks.append(
            quoted(
                emergency_text(
                    [rule],
                    day="{day}",
                    area="{area}",
                    emergency_number="{EMERGENCY_NUMBER}",
                    danger_signs=signs,
                )
            )
        )
    return blocks


def clinics_text(rule: Rule) -> list[str]:
    """What the clinic reads."""
    if rule.level is Level.watch:
        return ["**The clinic reads, in the daily digest only:** " + title(rule.id) + "."]
    card = group_card(
        CardFacts(
            number=1, level=rule.level, level_now=rule.level, code="{code}", rules=(rule.id,),
            hours=24.0,
        )
    )  # fmt: skip
    return ["**The clinic's card begins:**", quoted(card)]


def _sources(rule: Rule) -> str:
    sources = sources_of(rule)
    if not sources:
        return "**Sources:** none; this rule is a proposal."
    return "**Sources:**\n\n" + "\n".join(f"- {source_line(one)}" for one in sources)


def source_line(source: Source) -> str:
    """One source: key, author, title, journal, year, and how far it was read."""
    return f"[{source.key}] {source.text}. *Read: {source.read}.*"


def _tests(rule: str) -> str:
    examples, tests = covered(rule)
    lines = [f"- `{name}`" for name in tests]
    if examples:
        noun = "example with its nearest miss" if examples == 1 else "examples with nearest misses"
        lines.insert(0, f"- {examples} {noun} in `tests/triage/test_table.py`")
    return "**Tests:**\n\n" + "\n".join(lines)


URGENT_OPEN = quoted(
    urgent_text(
        deadline="{deadline}",
        clinic_phone="{clinic phone}",
        urgent_number="{URGENT_NUMBER}",
        emergency_number="{EMERGENCY_NUMBER}",
        open_now=True,
        opens_at=None,
    )
)
