"""A session in words: what was chosen, what was saved, what happens now."""

from html import escape

from care import sessions
from handlers.buttons import Rows, pack
from handlers.desk import Visit
from handlers.language import N_, _
from handlers.wording.moments import moment

REGION_LABELS = {
    "thorax": N_("Neck, shoulder, upper back, chest"),
    "spine": N_("Beside the spine"),
    "limb": N_("Arm or leg"),
    "other": N_("Head, face, belly or hip"),
}
RISK_LABELS = {
    "bleed": N_("Bleeds easily"),
    "infection": N_("Infection risk"),
    "lung": N_("Lung disease"),
}
RISK_MEANINGS = {
    "bleed": N_("anticoagulant, two antiplatelets, or a bleeding disorder"),
    "infection": N_(
        "diabetes, weak immune system, steroids or chemotherapy, dialysis, heart valve or recent "
        "joint replacement"
    ),
    "lung": N_("COPD, a past pneumothorax, or lung surgery"),
}


def summary(facts: sessions.SessionFacts, when: str) -> str:
    """A session in four lines, as the clinician reads it."""
    areas = ", ".join(_(REGION_LABELS[name]) for name in facts.regions) or _("not known")
    risks = ", ".join(_(RISK_LABELS[name]) for name in facts.risks) or _("none")
    pain = _("not known") if facts.pain_before is None else f"{facts.pain_before}/10"
    lines = [
        f"{_('When')}: <b>{escape(when)}</b>",
        f"{_('Area')}: {escape(areas)}",
        f"{_('Pain before')}: {pain}",
        f"{_('Risks')}: {escape(risks)}",
    ]
    if facts.high_risk:
        lines.append(f"<b>{_('High risk')}</b>")
    return "\n".join(lines)


def recorded_screen(visit: Visit, recorded: sessions.Recorded) -> tuple[str, Rows]:
    """What was saved and what will happen now, with the way to change it."""
    now = visit.work.clock.now()
    session, patient = recorded.session, recorded.patient
    zone = patient.zone or recorded.clinic.zone
    facts = sessions.SessionFacts(
        session.at,
        tuple(session.regions),
        tuple(session.risks),
        session.pain_before,
        session.high_risk,
    )
    lines = [
        f"<b>{_('Saved')} · {escape(patient.code)}</b>",
        summary(facts, moment(session.at, zone, now)),
        "",
    ]
    lines += [
        f"{_('Check-in')}: {moment(check.due_at, zone, now)}"
        + (f" ({_('asked earlier, with another session')})" if check.merged_into else "")
        for check in recorded.check_ins
    ]
    if not recorded.check_ins:
        lines.append(_("All check-ins of this session are over already."))
    if patient.joined_at is None:
        lines.append(_("This patient has not joined yet: nothing can be sent before that."))
    rows = [
        [
            (_("Edit"), pack("se", session.id or 0, "edit")),
            (_("Cancel session"), pack("se", session.id or 0, "cancel")),
        ]
    ]
    if patient.joined_at is None:
        rows.append([(_("New link"), pack("nl", patient.id or 0))])
    return "\n".join(lines), rows
