"""The texts that no rule picks: in closed hours, when nobody answers, when all is well."""

from bot.protocol_page.clauses import quoted
from handlers.wording import advice
from handlers.wording.areas import area_words
from handlers.wording.cards import CardFacts, private_card

_PHONE, _NUMBER, _URGENT = "{clinic phone}", "{EMERGENCY_NUMBER}", "{URGENT_NUMBER}"


def texts_section() -> str:
    """Each text with what it is sent for, as Markdown."""
    return "\n\n".join(f"**{when}**\n\n{quoted(text)}" for when, text in _texts())


def _texts() -> list[tuple[str, str]]:
    return [
        ("About 2 hours after the session, no reply needed",
         advice.safety_text("{area}", _NUMBER)),
        *_urgent_forms(),
        ("No copy of the alert could be delivered to anybody within 2 minutes",
         advice.could_not_reach_clinic_text(_PHONE, _NUMBER)),
        ("Nobody has acknowledged by the deadline",
         advice.nobody_read_text(_PHONE, _NUMBER)),
        ("Nobody has acknowledged, in closed hours",
         advice.nobody_read_text(_PHONE, _NUMBER, open_now=False, opens_at="{opens}")),
        ("A clinician acknowledged", advice.seen_text("{time}")),
        ("All answered and nothing fired", advice.none_text("{when}")),
        ("The last check, all answered and nothing fired", advice.none_text(None)),
        ("A check closed without all its answers", advice.no_answer_text()),
        ("A typed text, photo or recording came", advice.note_received_text(_NUMBER)),
        ("A typed text speaks of an infection or a nerve",
         advice.typed_sign_text("{words}", _NUMBER)),
        ("The end of the check on day 7", advice.week_end_text("{date}")),
        ("{area} is one or more of", "\n".join(
            area_words((region,)) for region in ("thorax", "spine", "limb", "other"))),
        ("A whole card as a clinician sees it in private (an invented patient)", _card()),
    ]  # fmt: skip


def _urgent_forms() -> list[tuple[str, str]]:
    return [
        (
            "Urgent, in closed hours",
            advice.urgent_text(
                deadline="{deadline}",
                clinic_phone=_PHONE,
                urgent_number=_URGENT,
                emergency_number=_NUMBER,
                open_now=False,
                opens_at="{opens}",
            ),
        ),
        (
            "Urgent, in closed hours, where there is no urgent number",
            advice.urgent_text(
                deadline="{deadline}",
                clinic_phone=_PHONE,
                urgent_number="",
                emergency_number=_NUMBER,
                open_now=False,
                opens_at="{opens}",
            ),
        ),
    ]


def _card() -> str:
    return private_card(
        CardFacts(
            number=7,
            level="emergency",
            level_now="emergency",
            code="{code}",
            rules=("E5", "U1"),
            hours=49.0,
            ratings=(("24h", "3", "Mild soreness", "No bruising"),
                     ("48h", "5", "Moderate soreness: noticed a lot", "No bruising")),
            signs=("New: skin red, hot, swollen or oozing", "Skin: hot",
                   "New: fever, hot and shivery, or generally unwell"),
            overdue=("Temperature",),
            words=("it got worse over night",),
            opened_at="Tue 09:12",
        )
    )  # fmt: skip
