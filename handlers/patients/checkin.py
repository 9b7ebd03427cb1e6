"""A patient's taps in a check-in or report: one message, edited in place."""

from care import checkins, together
from care.answers import Step
from care.checkins import StaleTapError
from care.evaluation import Facts, gather
from care.triage import InvalidAnswer
from handlers.buttons import Rows
from handlers.desk import Visit
from handlers.language import _
from handlers.patients import screens, shared
from handlers.patients.phone import offer_phone
from handlers.wording.moments import moment


async def answer(visit: Visit) -> None:
    """An answer button."""
    button = visit.tapped()
    check_id, question, value = button.number(0), button.word(1), button.word(2)
    try:
        step = await checkins.answer(visit.work, visit.actor, check_id, question, value)
    except StaleTapError as stale:
        await _stale(visit, stale)
    except InvalidAnswer:
        await visit.toast(_("This button is no longer in use."), alert=True)
    else:
        await _after(visit, step)


async def tick(visit: Visit) -> None:
    """A tick box, switched on or off."""
    button = visit.tapped()
    check_id, question, value = button.number(0), button.word(1), button.word(2)
    try:
        step = await checkins.tick(
            visit.work, visit.actor, check_id, question, value, on=button.word(3) == "on"
        )
    except StaleTapError as stale:
        await _stale(visit, stale)
        return
    except InvalidAnswer:
        await visit.toast(_("This button is no longer in use."), alert=True)
        return
    if step.reopened_as is not None:
        await _after(visit, step)
        return
    await visit.deliver_urgent()
    await draw(visit, step.facts, None if step.facts.check_in.paused else question, listing=True)


async def done(visit: Visit) -> None:
    """[Done] under tick boxes."""
    button = visit.tapped()
    try:
        step = await checkins.done(visit.work, visit.actor, button.number(0), button.word(1))
    except StaleTapError as stale:
        if button.word(1) in stale.facts.questions and not stale.facts.ticks:
            await visit.toast(_("Please tap at least one first."))
        await _stale(visit, stale)
        return
    await _after(visit, step)


async def show_list(visit: Visit) -> None:
    """[More than one]: the same question as tick boxes."""
    facts = await _facts(visit)
    await draw(visit, facts, visit.tapped().word(1), listing=True)


async def show_question(visit: Visit) -> None:
    """[Back], or a choice in [Change an answer]."""
    facts, question = await _facts(visit), visit.tapped().word(1)
    if question == "first":
        await visit.toast(_("This is the first question."))
        return
    known = question in facts.questions
    await draw(visit, facts, question if known else None)


async def change(visit: Visit) -> None:
    """[Change an answer]."""
    facts = await _facts(visit)
    text, rows = screens.change_menu(facts)
    await visit.edit(shared.headed(visit, facts.patient, text), rows)


async def go_on(visit: Visit) -> None:
    """[Go on with the check] after an emergency text."""
    step = await checkins.go_on(visit.work, visit.actor, visit.tapped().number())
    await draw(visit, step.facts)


async def getting_help(visit: Visit) -> None:
    """[I am getting help]."""
    await checkins.getting_help(visit.work, visit.actor, visit.tapped().number())
    await visit.deliver_urgent()
    await visit.reply(
        _("Good. Do not wait for us. Your clinic can see that you are getting help.")
    )


async def mistake(visit: Visit) -> None:
    """[I made a mistake]: question 1 opens again; the clinic still looks at it."""
    step = await checkins.mistake(visit.work, visit.actor, visit.tapped().number())
    await visit.deliver_urgent()
    await visit.toast(_("Please answer again. Your clinic will still look at this."))
    text, rows = screens.screen(step.facts, "danger")
    await _show_anew(visit, step.facts, text, rows)


async def worried(visit: Visit) -> None:
    """[I'm worried, call me]: an urgent alert, and a phone number if there is none."""
    step = await checkins.worried(visit.work, visit.actor, visit.tapped().number())
    await visit.deliver_urgent()
    await visit.toast(_("Your clinic is being told."))
    if not step.facts.patient.phone:
        await offer_phone(visit)


async def report(visit: Visit) -> None:
    """[Report a problem]: question 1, in the running check or in a new report."""
    await open_report(visit, visit.tapped().number())


async def remind(visit: Visit) -> None:
    """[Remind me in 2 h]."""
    check_id = visit.tapped().number()
    facts = await _facts(visit)
    at = await checkins.remind_later(visit.work, visit.actor, check_id)
    if at is None:
        await visit.toast(
            _("This check ends before that. Please answer now, or tap Report a problem later."),
            alert=True,
        )
        return
    when = moment(at, facts.zone, visit.work.clock.now())
    await visit.toast(_("I will ask you again at {when}.").format(when=when), alert=True)


async def open_report(visit: Visit, patient_id: int) -> None:
    """Show question 1 of the running check, or of a new report, as a new message."""
    step = await checkins.open_report(visit.work, visit.actor, patient_id)
    await visit.deliver_urgent()
    running = together.lead(step.facts).message_id == visit.message_id and visit.button is not None
    if running:
        await draw(visit, step.facts, "danger")
        return
    text, rows = screens.screen(step.facts, "danger")
    await _show_anew(visit, step.facts, text, rows)


async def draw(
    visit: Visit, facts: Facts, question: str | None = None, *, listing: bool = False
) -> None:
    """Edit the tapped message into the check-in's screen."""
    text, rows = screens.screen(facts, question, listing=listing)
    await visit.edit(shared.headed(visit, facts.patient, text), rows)
    check = together.lead(facts)
    if visit.message_id is not None and check.message_id != visit.message_id:
        await checkins.shown(
            visit.work, check.id or 0, check.clinic_id, visit.chat_id, visit.message_id
        )


async def _show_anew(visit: Visit, facts: Facts, text: str, rows: Rows) -> None:
    sent = await visit.reply(shared.headed(visit, facts.patient, text), rows)
    check = facts.check_in
    if sent is not None:
        await checkins.shown(
            visit.work, check.id or 0, check.clinic_id, visit.chat_id, sent.message_id
        )


async def _after(visit: Visit, step: Step) -> None:
    """What is urgent leaves first; then the next question, unless the end is drawn already."""
    await visit.deliver_urgent()
    if step.reopened_as is not None:
        await visit.toast(_("That check was closed. Your answer opened a report."))
        text, rows = screens.screen(step.facts)
        await _show_anew(visit, step.facts, text, rows)
    elif not step.completed:
        await draw(visit, step.facts)


async def _stale(visit: Visit, stale: StaleTapError) -> None:
    await visit.toast(_("This question has moved on. Here is the current one."))
    await draw(visit, stale.facts)


async def _facts(visit: Visit) -> Facts:
    """The check-in that a button names, if it is this chat's."""
    check_id = visit.tapped().number()
    async with visit.work.reading() as session:
        check = await checkins.find(session, visit.actor, check_id)
        return await gather(session, check)


async def worried_about(visit: Visit, patient_id: int) -> None:
    """[I'm worried, call me] outside a check-in: a report opens with that."""
    opened = await checkins.open_report(visit.work, visit.actor, patient_id)
    step = await checkins.worried(visit.work, visit.actor, opened.facts.check_in.id or 0)
    await visit.deliver_urgent()
    text, rows = screens.screen(step.facts, "danger")
    await _show_anew(visit, step.facts, text, rows)
    if not step.facts.patient.phone:
        await offer_phone(visit)
