"""What a patient can do at any time: the menu, for whom, stop and pause, help."""

from html import escape

from care import lifecycle
from care.actors import RefusedError
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _
from handlers.patients import checkin, shared
from handlers.wording.moments import moment
from storage.tables import Patient


async def main_menu(visit: Visit) -> None:
    """/start and /help for somebody who has joined."""
    text = _(
        "I ask you how you are about 24 and 48 hours after a session.\n"
        "/report: something is wrong, or you are worried\n"
        "/diary: a picture of what you answered\n"
        "/pause and /resume: no questions for a while\n"
        "/timezone: is it another time where you are?\n"
        "/language: read in another language\n"
        "/privacy: what is stored; /mydata: a copy; /deleteme: delete it\n"
        "/stop: no more questions\n"
        "You can also just write, or send a photo."
    )
    rows = [
        [(_label(visit, _("Report a problem"), patient), pack("r", patient.id or 0))]
        for patient in visit.actor.patients
    ]
    rows += [
        [(_label(visit, _("I'm worried, call me"), patient), pack("wp", patient.id or 0))]
        for patient in visit.actor.patients
    ]
    rows += [
        [(_label(visit, _("My diary"), patient), pack("di", patient.id or 0))]
        for patient in visit.actor.patients
    ]
    await visit.reply(text, rows)


def _label(visit: Visit, label: str, patient: Patient) -> str:
    if len(visit.actor.patients) == 1:
        return label
    return f"{label} · {shared.name(visit.work.cipher, patient)}"


async def report(visit: Visit) -> None:
    """/report: question 1 at once; with several patients in this chat: for whom?"""
    if len(visit.actor.patients) == 1:
        await checkin.open_report(visit, visit.actor.patients[0].id or 0)
        return
    rows = [
        [(shared.name(visit.work.cipher, patient), pack("r", patient.id or 0))]
        for patient in visit.actor.patients
    ]
    await visit.reply(_("For whom?"), rows)


async def worried(visit: Visit) -> None:
    """[I'm worried, call me] outside a check-in."""
    await checkin.worried_about(visit, visit.tapped().number())


async def stop(visit: Visit) -> None:
    """/stop, or "stop" in plain words: nothing more to the patient; an open alert goes on."""
    if await shared.ask(visit, "stop"):
        return
    await lifecycle.stop(visit.work, visit.actor)
    await visit.reply(
        _("You will get no more questions. What you told us stays with your clinic. "
          "If you are unwell, call your clinic or the emergency number. /resume starts again.")
    )  # fmt: skip


async def pause(visit: Visit) -> None:
    """/pause: no questions for seven days, or until /resume."""
    if await shared.ask(visit, "pause"):
        return
    until = await lifecycle.pause(visit.work, visit.actor)
    zone = await lifecycle.zone_of(visit.work, visit.actor)
    await visit.reply(
        _("No questions until {when}. /resume starts earlier. "
          "You can report a problem at any time: /report").format(
            when=moment(until, zone, visit.work.clock.now())
        )
    )  # fmt: skip


async def resume(visit: Visit) -> None:
    """/resume: questions come again."""
    if await shared.ask(visit, "resume"):
        return
    await lifecycle.resume(visit.work, visit.actor)
    await visit.reply(_("Welcome back. The next check-in comes at its time."))


async def timezone(visit: Visit) -> None:
    """/timezone: is it this time for you now? Else which?"""
    zone = await lifecycle.zone_of(visit.work, visit.actor)
    now = visit.work.clock.now()
    shown = moment(now, zone, now)
    patient = _only(visit)
    rows = [[(_("Yes"), pack("z", patient.id or 0, 99))]]
    rows.append([(f"−{n} h", pack("z", patient.id or 0, -n)) for n in (1, 2, 3)])
    rows.append([(f"+{n} h", pack("z", patient.id or 0, n)) for n in (1, 2, 3)])
    await visit.reply(
        _("Is it {time} for you now? If not, tap how far your clock is from that, or send "
          "/timezone with your place, like /timezone Europe/London").format(time=escape(shown)),
        rows,
    )  # fmt: skip


async def set_timezone(visit: Visit) -> None:
    """/timezone Area/City."""
    words = visit.text.split()
    if len(words) < 2:
        await timezone(visit)
        return
    try:
        zone = await lifecycle.set_zone(visit.work, visit.actor, words[1])
    except lifecycle.UnknownZoneError:
        await visit.reply(_("I do not know that place. Try one like Europe/London."))
        return
    await _say_zone(visit, zone)


async def shift_timezone(visit: Visit) -> None:
    """A tap on how far the patient's clock is from ours."""
    hours = visit.tapped().number(1)
    if hours == 99:
        await visit.edit(_("Good. Nothing changes."))
        return
    zone = await lifecycle.shift_zone(visit.work, visit.actor, hours)
    await _say_zone(visit, zone)


async def _say_zone(visit: Visit, zone: str) -> None:
    now = visit.work.clock.now()
    text = _("Then it is {time} for you. Check-ins follow your time from now on.").format(
        time=moment(now, zone, now)
    )
    if visit.button is not None:
        await visit.edit(text)
    else:
        await visit.reply(text)


async def privacy(visit: Visit) -> None:
    """/privacy: what is stored, where, and who sees it."""
    await visit.reply(
        _("Your answers, notes and photos are kept by your clinic, which decides how long. Notes, "
          "names and phone numbers are encrypted. Staff of the clinic can read them. "
          "Telegram also stores this chat on its servers; it is not end-to-end encrypted. "
          "/mydata sends you a copy of everything. /deleteme deletes what your clinic need not "
          "keep.")
    )  # fmt: skip


def _only(visit: Visit) -> Patient:
    if not visit.actor.patients:
        raise RefusedError("no patient")
    return visit.actor.patients[0]
