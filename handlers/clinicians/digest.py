"""The daily digest in words."""

from html import escape

from care.digest import Digest
from handlers.language import _, ngettext
from handlers.wording.cards import headline
from handlers.wording.moments import moment
from handlers.wording.protocols import share_line
from storage.tables import CheckIn, Clinic

MOST_LINES = 20


def digest_text(digest: Digest, clinic: Clinic) -> str:
    """The digest as one message; long lists are cut and say so."""
    parts = [f"<b>{_('Today')} · {escape(moment(digest.at, clinic.zone, digest.at))}</b>"]
    sections = (
        (_("Open alerts"), [
            f"{patient.code} · #{alert.id} · {headline(alert.rules[0]) if alert.rules else ''}"
            for patient, alert in digest.open_alerts
        ]),
        (_("Watch list"), [
            f"{patient.code} · {check.step} · {_reasons(digest, check)}"
            for patient, check in digest.watch
        ]),
        (_("No answer"), [f"{patient.code} · {check.step}" for patient, check in
        digest.no_answer]),
        (_("Not sent in time"), [f"{patient.code} · {check.step}" for patient, check in
        digest.missed]),
        (_("Cannot be reached"), [patient.code for patient in digest.unreachable]),
    )  # fmt: skip
    for title, lines in sections:
        if lines:
            shown = [escape(line) for line in lines[:MOST_LINES]]
            more = len(lines) - len(shown)
            if more:
                shown.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
            parts.append(f"<b>{title}</b>\n" + "\n".join(shown))
    if digest.shares:
        title = _("Alerts closed last month, by reason")
        parts.append(f"<b>{title}</b>\n" + "\n".join(map(share_line, digest.shares)))
    if digest.is_empty:
        parts.append(_("Nothing to look after."))
    parts.append(
        ngettext("{n} check-in is due today.", "{n} check-ins are due today.", digest.due).format(
            n=digest.due
        )
    )
    return "\n\n".join(parts)


def _reasons(digest: Digest, check: CheckIn) -> str:
    """Why a check-in is on the watch list; rule W8 by what set it off."""
    words = []
    for rule in check.rules:
        if rule != "W8":
            words.append(headline(rule))
            continue
        if check.state == "abandoned":
            words.append(_("Stopped answering half-way"))
        if check.id in digest.noted:
            words.append(_("Note or picture received"))
    return ", ".join(words)
