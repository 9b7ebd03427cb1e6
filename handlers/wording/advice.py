"""What patients are told: HTML texts, in the reader's language. Times come in as words."""

from collections.abc import Collection, Sequence
from html import escape

from handlers.language import N_, _

# One line a rule, added below the emergency text.
_RULE_LINES = {
    "E0": N_("Tell them what worries you, also if it is hard to describe."),
    "E1": N_("Tell them you had needles near your chest or back."),
    "E2": N_("Go even if it does not hurt."),
    "E3": N_("Tell them about any weakness, numbness or very strong pain."),
    "E4": N_("Ask them: could it be sepsis?"),
    "E5": N_("Show them your skin. Say if you feel ill or if it hurts far too much."),
    "E8": N_("Tell them about the fever, and about any pain or numbness near the spine."),
}
_ALLERGY = N_("Use your adrenaline pen if you have one.")
_PASSED_OUT = N_("Tell them that you passed out.")
_BLEEDING = N_("If it bleeds, press firmly on it.")
_SWELLING = N_("Show them the swelling, or the cold or tight arm or leg.")


def emergency_text(
    rules: Sequence[str],
    *,
    day: str,
    area: str,
    emergency_number: str,
    danger_signs: Collection[str] = (),
) -> str:
    """Get help now, with a line for each emergency rule. `day` and `area` are in the patient's
    words; empty when no session is known.
    """
    lines = [
        "<b>"
        + _say(
            N_(
                "Please get emergency help NOW. Call {number} or go to the emergency department."
                " Do not drive yourself."
            ),
            number=emergency_number,
        )
        + "</b>"
    ]
    if day and area:
        lines.append(
            _say(N_("Tell them: I had dry needling on {day}, {area}."), day=day, area=area)
        )
    else:
        lines.append(_say(N_("Tell them: I had dry needling.")))
    lines += [_say(line) for line in _rule_lines(rules, danger_signs)]
    lines.append(f"<b>{_say(N_('Do not wait for us to reply.'))}</b>")
    return "\n".join(lines)


def _rule_lines(rules: Sequence[str], danger_signs: Collection[str]) -> list[str]:
    lines = [_RULE_LINES[rule] for rule in rules if rule in _RULE_LINES]
    if "E6" in rules:
        lines += [_ALLERGY] if "allergy" in danger_signs else []
        lines += [_PASSED_OUT] if "passed_out" in danger_signs else []
    if "E7" in rules:
        lines.append(_BLEEDING if "swelling_fast" in danger_signs else _SWELLING)
    return lines


def urgent_text(
    *,
    deadline: str,
    clinic_phone: str,
    urgent_number: str,
    emergency_number: str,
    open_now: bool,
    opens_at: str | None,
) -> str:
    """This needs a call. In closed hours: when the clinic opens, and no clinic phone."""
    if open_now:
        lines = [
            _say(N_("This needs a call today. We are telling the clinic now.")),
            _if_you_do_not_hear(deadline, clinic_phone, urgent_number),
        ]
    else:
        lines = [
            _say(N_("This needs a call.")),
            _when_it_opens(opens_at),
            _until_it_opens(urgent_number),
        ]
    lines.append(
        _say(
            N_(
                "If you get breathless, chest pain, weakness, numbness between the legs, fever "
                "with a spreading red area, or feel very ill: {number}."
            ),
            number=emergency_number,
        )
    )
    return "\n".join(lines)


def _if_you_do_not_hear(deadline: str, clinic_phone: str, urgent_number: str) -> str:
    if clinic_phone and urgent_number:
        return _say(
            N_("If you do not hear by {deadline}, call {clinic} or {urgent}."),
            deadline=deadline,
            clinic=clinic_phone,
            urgent=urgent_number,
        )
    if clinic_phone or urgent_number:
        return _say(
            N_("If you do not hear by {deadline}, call {number}."),
            deadline=deadline,
            number=clinic_phone or urgent_number,
        )
    return _say(N_("If you do not hear by {deadline}, see a doctor today."), deadline=deadline)


def _when_it_opens(opens_at: str | None) -> str:
    if opens_at is None:
        return _say(N_("The clinic is closed now."))
    return _say(
        N_("The clinic is closed now. It opens {opens}. It will read this then."), opens=opens_at
    )


def _until_it_opens(urgent_number: str) -> str:
    if urgent_number:
        return _say(
            N_("If it gets worse or you cannot wait until then, call {number}."),
            number=urgent_number,
        )
    return _say(N_("If it gets worse or you cannot wait until then, see an out-of-hours doctor."))


def could_not_reach_clinic_text(clinic_phone: str, emergency_number: str) -> str:
    """No copy of the alert was delivered to anyone."""
    if clinic_phone:
        first = _say(N_("We could not reach the clinic. Call {clinic}."), clinic=clinic_phone)
    else:
        first = _say(N_("We could not reach the clinic. Call it yourself or see a doctor now."))
    return f"<b>{first}</b>\n{_feel_worse(emergency_number)}"


def nobody_read_text(
    clinic_phone: str, emergency_number: str, *, open_now: bool = True, opens_at: str | None = None
) -> str:
    """The deadline went by and nobody acknowledged. In closed hours: when the clinic opens."""
    if not open_now:
        closed = _say(N_("Nobody has read this yet."))
        return " ".join([closed, _when_it_is_back(opens_at), _feel_worse(emergency_number)])
    if not clinic_phone:
        return _say(
            N_("Nobody has read this yet. Call your clinic, or {number} if you feel worse."),
            number=emergency_number,
        )
    return _say(
        N_("Nobody has read this yet. Call {clinic}, or {number} if you feel worse."),
        clinic=clinic_phone,
        number=emergency_number,
    )


def _when_it_is_back(opens_at: str | None) -> str:
    if opens_at is None:
        return _say(N_("The clinic is closed now."))
    return _say(N_("The clinic is closed and opens {opens}."), opens=opens_at)


def _feel_worse(emergency_number: str) -> str:
    return _say(N_("If you feel worse, call {number}."), number=emergency_number)


def seen_text(time: str) -> str:
    """A clinician acknowledged at `time`."""
    return _say(N_("Your clinic saw this at {time}."), time=time)


def none_text(next_check: str | None) -> str:
    """Every asked question is answered and nothing fired."""
    lines = [_say(N_("Thank you. All as expected."))]
    if next_check:
        lines.append(_say(N_("Next check {when}."), when=next_check))
    else:
        lines.append(_say(N_("That was the last check.")))
    lines.append(_say(N_("If anything changes, tap Report a problem.")))
    return " ".join(lines)


def no_answer_text() -> str:
    """A check-in closed without all its answers: never shown as well."""
    return _say(
        N_(
            "This check is closed now. Some answers are missing, so we cannot tell how you are. "
            "Your clinic can see that. If anything is wrong, tap Report a problem."
        )
    )


def missed_text() -> str:
    """A check-in that could not be sent in time."""
    return _say(
        N_(
            "We could not ask you at the planned time, and your clinic can see that. "
            "If anything is wrong, tap Report a problem."
        )
    )


def safety_text(area: str, emergency_number: str) -> str:
    """About two hours after the session; no reply needed."""
    return _say(
        N_(
            "You had needles in {area}. Mild soreness and small bruises are normal. "
            "Get emergency help ({number}) for: breathlessness or chest pain, sudden weakness, "
            "numbness between the legs, or feeling very ill. Do not wait for our check tomorrow."
        ),
        area=area,
        number=emergency_number,
    )


def away_text(start: str, end: str) -> str:
    """The bot was down: Telegram forgets taps."""
    return _say(
        N_("I was away {start}-{end}. If you tapped, please tap again."), start=start, end=end
    )


def away_long_text(start: str, end: str) -> str:
    """The bot was down for more than a day: Telegram forgets what was written, too."""
    return _say(
        N_(
            "I was away {start}-{end} and could not receive anything. If you wrote, tapped or "
            "sent something in that time, please send it again. If you do not feel well, tap "
            "Report a problem, or call your clinic."
        ),
        start=start,
        end=end,
    )


def note_received_text(emergency_number: str) -> str:
    """A typed note, photo or voice is kept; it is not read at once."""
    return _say(
        N_(
            "Thank you. We keep your note, and your clinic can see it. Notes are not read at "
            "once. If you feel very ill, call {number} now. Please tap what fits:"
        ),
        number=emergency_number,
    )


def typed_sign_text(words: str, emergency_number: str) -> str:
    """A typed note speaks of an infection or a nerve: answer now, or the clinic is told."""
    return _say(
        N_(
            "You wrote “{words}”. Please answer these questions now. If you do not answer within "
            "30 minutes, we tell your clinic that this needs a call. If you feel very ill, call "
            "{number} now."
        ),
        words=words,
        number=emergency_number,
    )


def week_end_text(date: str) -> str:
    """The end of the day-7 check; `date` is the session's, with its year."""
    return _say(
        N_(
            "An infection can still appear weeks later. If so, see a doctor and say you had "
            "needling on {date}."
        ),
        date=date,
    )


def _say(message: str, **words: str) -> str:
    """`message` in the reader's language, filled in, as HTML."""
    return escape(_(message).format(**words), quote=False)
