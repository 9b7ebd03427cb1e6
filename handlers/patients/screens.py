"""The check-in as one message: every screen drawn from what is stored, nothing remembered."""

from html import escape

from care import together
from care.evaluation import Facts, Value
from care.triage import WEEK, WEEK_CHECK
from handlers.buttons import Rows, pack
from handlers.language import _
from handlers.wording import questions as wording
from handlers.wording.areas import area_words
from handlers.wording.moments import moment, step_words, weekday
from storage.tables import TreatmentSession

COUNTED = ("danger", "pain", "soreness", "bruising", "new")
# The list that one tap answers; "More than one" opens it as tick boxes.
ONE_TAP_LISTS = frozenset({"new"})
MANY_PER_ROW = 6

Screen = tuple[str, Rows]


def screen(facts: Facts, question: str | None = None, *, listing: bool = False) -> Screen:
    """The screen that a check-in shows now: a question (the next one unless named), the pause
    after an
    emergency, or the end."""
    if facts.check_in.paused and question is None:
        return paused(facts)
    coming = together.coming(facts)
    if question is None and coming is not None:
        facts = together.seen_from(facts, coming[0])
    asked = question or (coming[1] if coming else None)
    if asked is None:
        return finished(facts)
    kind = facts.questions[asked].kind
    ticking = kind == "many" and (
        asked not in ONE_TAP_LISTS or listing or bool(facts.ticks.get(asked))
    )
    if ticking:
        rows = _ticks(facts, asked)
    elif kind == "score":
        rows = _scores(facts, asked)
    else:
        rows = _options(facts, asked)
    return _question(facts, asked), [*rows, *_navigation(facts, asked)]


def _question(facts: Facts, question: str) -> str:
    if question == WEEK_CHECK.id:
        return f"{_area(facts, question)}{wording.question_text(question)}"
    number, total = _number(facts, question)
    head = _("Check {n} of {total}").format(n=number, total=total)
    above = _area(facts, question)
    if question == "danger_signs":
        above += wording.danger_notice(facts.clinic.emergency_number) + "\n\n"
    return f"<b>{head}</b>{_for_whom(facts)}\n{above}{wording.question_text(question)}"


def _number(facts: Facts, question: str) -> tuple[int, int]:
    """Which of how many; a follow-up shows its parent's number: it is not counted."""
    asked = together.asked(facts)
    counted = [known for _one, known in asked if known in COUNTED]
    at = next(
        (
            place
            for place, (one, known) in enumerate(asked)
            if known == question and one.check_in.id == facts.check_in.id
        ),
        0,
    )
    before = [known for _one, known in asked[: at + 1] if known in COUNTED]
    return len(before) or 1, len(counted) or len(COUNTED)


def _area(facts: Facts, question: str) -> str:
    """In a merged check-in, which session's area a question is about."""
    if question in together.SHARED or not together.by_area(facts) or facts.session is None:
        return ""
    about = _("About {area}, treated on {day}:").format(
        area=area_words(facts.session.regions), day=_day(facts, facts.session)
    )
    return f"<b>{escape(about)}</b>\n"


def _day(facts: Facts, session: TreatmentSession) -> str:
    """The day of one of several sessions, with the time where another was on the same day."""
    day = weekday(session.at, facts.zone)
    days = [weekday(one.session.at, facts.zone) for one in together.members(facts) if one.session]
    return day if days.count(day) < 2 else moment(session.at, facts.zone, session.at)


def _for_whom(facts: Facts) -> str:
    if facts.others:
        days = dict.fromkeys(
            weekday(one.session.at, facts.zone)
            for one in together.members(facts)
            if one.session is not None
        )
        title = _("After your sessions on {days}").format(days=_(" and ").join(days))
        return f" · {escape(title)}"
    title = {
        "24h": _("24 hours after your session"),
        "48h": _("48 hours after your session"),
        "report": _("Report"),
        WEEK: _("7 days after your session"),
    }.get(facts.check_in.step, "")
    if not title:
        title = _("{when} after your session").format(when=step_words(facts.check_in.step))
    return f" · {escape(title)}"


def _options(facts: Facts, question: str) -> list[list[tuple[str, str]]]:
    check_id, given = facts.check_in.id or 0, facts.final.get(question)
    rows = [
        [(_marked(wording.option_label(question, value), _is(given, value)),
          pack("a", check_id, question, value))]
        for value in facts.questions[question].values
    ]  # fmt: skip
    if question in ONE_TAP_LISTS:
        rows.append([(_("More than one"), pack("l", check_id, question))])
    return rows


def _is(given: Value | None, value: str) -> bool:
    return given == value or given == frozenset({value})


def _scores(facts: Facts, question: str) -> list[list[tuple[str, str]]]:
    given = facts.final.get(question)
    cells = [
        (_marked(str(n), given == n), pack("a", facts.check_in.id or 0, question, str(n)))
        for n in range(11)
    ]
    return [cells[:MANY_PER_ROW], cells[MANY_PER_ROW:]]


def _ticks(facts: Facts, question: str) -> list[list[tuple[str, str]]]:
    check_id = facts.check_in.id or 0
    given = facts.final.get(question)
    ticked = facts.ticks.get(question)
    if ticked is None:
        ticked = given if isinstance(given, frozenset) else frozenset()
    rows = [
        [(f"{'☑' if value in ticked else '☐'} {wording.option_label(question, value)}",
          pack("t", check_id, question, value, "off" if value in ticked else "on"))]
        for value in facts.questions[question].values
        if not (question in ONE_TAP_LISTS and value == "none")
    ]  # fmt: skip
    if ticked:
        rows.append([(_("Done"), pack("d", check_id, question))])
    return rows


def _marked(label: str, given: bool) -> str:
    return f"✓ {label}" if given else label


def _navigation(facts: Facts, question: str) -> list[list[tuple[str, str]]]:
    check_id = facts.check_in.id or 0
    asked = together.asked(facts)
    here = [(one.check_in.id, known) for one, known in asked]
    place = here.index((check_id, question)) if (check_id, question) in here else 0
    back = pack("q", check_id, "first")
    if place:
        one, before = asked[place - 1]
        back = pack("q", one.check_in.id or 0, before)
    return [
        [(_("Back"), back), (_("Report a problem"), pack("r", facts.check_in.patient_id))],
        [(_("I'm worried, call me"), pack("w", check_id))],
    ]


def later(facts: Facts) -> list[tuple[str, str]]:
    """The row that puts an unanswered check off for a while."""
    return [(_("Remind me in 2 h"), pack("rm", facts.check_in.id or 0))]


def paused(facts: Facts) -> Screen:
    """Between an emergency text and the next question."""
    text = _("The check is paused. Please get help first. Your clinic is being told.")
    check_id = facts.check_in.id or 0
    return text, [
        [(_("Go on with the check"), pack("g", check_id))],
        [(_("I'm worried, call me"), pack("w", check_id))],
    ]


def after_buttons(facts: Facts) -> Rows:
    """What can be done when a check is over."""
    return [
        [(_("Change an answer"), pack("c", facts.check_in.id or 0))],
        [(_("Report a problem"), pack("r", facts.check_in.patient_id))],
    ]


def finished(facts: Facts) -> Screen:
    """All questions are answered."""
    text = _("Thank you. Your answers are saved.")
    return text, after_buttons(facts)


def change_menu(facts: Facts) -> Screen:
    """[Change an answer]: which one?"""
    check_id = facts.check_in.id or 0
    rows = []
    for one, question in together.asked(facts):
        if question in one.final:
            label = f"{wording.short_title(question)}: {said(question, one.final[question])}"
            if question not in together.SHARED and together.by_area(facts) and one.session:
                label = f"{_day(facts, one.session)} · {label}"
            rows.append([(_cut(label), pack("q", one.check_in.id or 0, question))])
    rows.append([(_("Nothing to change"), pack("q", check_id, "last"))])
    return _("Which answer do you want to change?"), rows


def said(question: str, value: Value) -> str:
    """An answer in the words of its button."""
    if isinstance(value, frozenset):
        return ", ".join(wording.option_label(question, one) for one in sorted(value))
    return wording.option_label(question, str(value))


def _cut(label: str) -> str:
    return label if len(label) <= 40 else label[:39] + "…"
