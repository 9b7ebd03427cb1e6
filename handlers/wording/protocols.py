"""The protocol in words: its numbers, its signature, and what became of each rule's alerts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from care.protocols import Share
from care.rehearsal import Rehearsal
from care.triage import Protocol
from care.triage.thresholds import Number, Weakening
from handlers.language import N_, _, ngettext
from handlers.wording.cards import headline

NUMBERS = {
    "day_2_hours": N_("Day 2 begins after (hours)"),
    "late_hours": N_("Late soreness or numbness after (hours)"),
    "day_7_hours": N_("Day 7 begins after (hours)"),
    "high_pain": N_("High pain, from"),
    "steep_pain": N_("Steep pain, from"),
    "steep_rise": N_("Steep pain, above before by"),
    "rise": N_("A rise in pain, by"),
    "notable_pain": N_("A rise counts from pain"),
    "several_signs": N_("Several small signs, at least"),
}
_MOST_LOST = 15


def number_label(name: str) -> str:
    """What a number of the rules is, plain text."""
    return _(NUMBERS[name])


def signature(protocol: Protocol) -> str:
    """Version and signature. HTML."""
    title = _("Clinical protocol, version {n}").format(n=protocol.version)
    if protocol.signed_by is None:
        unsigned = _("NOT SIGNED by a clinician: for evaluation only.")
        return f"<b>{title}</b>\n⚠ {unsigned}"
    signed = _("Signed by {who}.").format(who=escape(protocol.signed_by, quote=False))
    return f"<b>{title}</b>\n✓ {signed}"


def numbers(protocol: Protocol, shipped: Protocol) -> list[str]:
    """Every number, with the shipped one where it differs. HTML lines."""
    lines = []
    for name in NUMBERS:
        value = _plain(getattr(protocol.thresholds, name))
        original = _plain(getattr(shipped.thresholds, name))
        line = f"{number_label(name)}: <b>{value}</b>"
        if value != original:
            line += " " + _("(shipped: {n})").format(n=original)
        lines.append(line)
    return lines


def share_line(share: Share) -> str:
    """How many of a rule's alerts were confirmed. HTML."""
    percent = round(100 * share.confirmed / share.closed) if share.closed else 0
    words = ngettext(
        "{confirmed} of {n} confirmed ({percent} %)",
        "{confirmed} of {n} confirmed ({percent} %)",
        share.closed,
    ).format(confirmed=share.confirmed, n=share.closed, percent=percent)
    return f"{share.rule} {escape(headline(share.rule), quote=False)}: {words}"


def changes(found: Iterable[tuple[str, Number, Number]]) -> list[str]:
    """What a draft changes. HTML lines."""
    return [
        f"{number_label(name)}: {_plain(before)} → <b>{_plain(after)}</b>"
        for name, before, after in found
    ]


def weakening(found: Sequence[Weakening]) -> list[str]:
    """Why numbers are refused. HTML lines."""
    return [
        "⛔ "
        + _("{number} {value}: {rules} would miss emergencies. At most {most}.").format(
            number=number_label(one.name),
            value=_plain(one.value),
            rules=", ".join(one.rules),
            most=_plain(one.shipped),
        )
        for one in found
    ]


def rehearsal_words(found: Rehearsal) -> str:
    """What other numbers would have done. HTML."""
    days = ngettext("In the last {n} day", "In the last {n} days", found.days)
    lines = [f"<b>{days.format(n=found.days)}</b>"]
    for level, name in (("emergency", _("Emergency")), ("urgent", _("Urgent"))):
        lines.append(
            _("{level}: {before} → {after} alerts a week").format(
                level=name,
                before=_weekly(found, found.before, level),
                after=_weekly(found, found.after, level),
            )
        )
    lines.append(_("New alerts: {n}").format(n=found.gained))
    lines.append(_("Alerts that would not have been: {n}").format(n=len(found.lost)))
    confirmed = found.lost_confirmed
    if confirmed:
        codes = ", ".join(f"{one.code} (#{one.number})" for one in confirmed[:_MOST_LOST])
        more = " …" if len(confirmed) > _MOST_LOST else ""
        words = _("Of these a clinician had CONFIRMED {n}").format(n=len(confirmed))
        lines.append(f"<b>{words}</b>: {escape(codes, quote=False)}{more}")
    elif found.lost:
        lines.append(_("None of these was closed as confirmed."))
    judged = ngettext("{n} result judged again.", "{n} results judged again.", found.judged)
    lines.append(judged.format(n=found.judged))
    if found.kept:
        lines.append(
            _("{n} stand as they are: silence, typed words, or older than this record.").format(
                n=found.kept
            )
        )
    return "\n".join(lines)


def _weekly(found: Rehearsal, counted: Counter[str], level: str) -> str:
    return f"{found.a_week(counted, level):.1f}"


def _plain(value: Number) -> str:
    return f"{value:g}"
