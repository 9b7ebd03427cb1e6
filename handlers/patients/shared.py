"""A chat that several patients share: every message says for whom, and what is not clear is asked.

Names are shown in that private chat only.
"""

from html import escape

import storage.people
from care import lifecycle, shared_chat
from handlers.buttons import Rows, pack
from handlers.delivery import Rendering
from handlers.desk import Visit
from handlers.language import _
from handlers.wording.drills import drill_mark
from handlers.wording.moments import moment
from storage.cipher import Cipher
from storage.tables import Patient

EVERYBODY = 0


def name(cipher: Cipher, patient: Patient) -> str:
    """What the patient is called in their own chat, at most 30 characters of plain text."""
    return cipher.open(patient.name)[:30] or patient.code


def headed(visit: Visit, patient: Patient, text: str) -> str:
    """The text (HTML), under the patient's name where the chat is shared; a drill's says so."""
    if patient.synthetic:
        return f"{drill_mark()}\n{text}"
    if len(visit.actor.patients) < 2:
        return text
    return f"<b>{escape(name(visit.work.cipher, patient), quote=False)}</b>\n{text}"


async def heading(job: Rendering, patient: Patient) -> str:
    """The line (HTML) that says whom a message is about; empty where the chat is theirs alone."""
    others = await storage.people.patients_in_chat(job.session, patient.chat_id or 0)
    if len(others) < 2:
        return ""
    return f"<b>{escape(name(job.cipher, patient), quote=False)}</b>\n"


def whom(visit: Visit, what: str, *, everybody: str = "") -> Rows:
    """A button for each patient of this chat, and one for all of them."""
    rows = [
        [(name(visit.work.cipher, patient), pack("fw", what, patient.id or 0))]
        for patient in visit.actor.patients
    ]
    return [*rows, [(everybody, pack("fw", what, EVERYBODY))]] if everybody else rows


async def tapped(visit: Visit) -> None:
    """For whom /stop, /pause or /resume is meant."""
    what, patient_id = visit.tapped().word(0), visit.tapped().number(1)
    actor = shared_chat.only(visit.actor, patient_id)
    whose = ", ".join(name(visit.work.cipher, patient) for patient in actor.patients)
    if what == "stop":
        await lifecycle.stop(visit.work, actor)
        words = _("No more questions. What you told us stays with the clinic. If anybody is "
                  "unwell, call it, or the emergency number. /resume starts again.")  # fmt: skip
    elif what == "pause":
        until = await lifecycle.pause(visit.work, actor)
        zone = await lifecycle.zone_of(visit.work, actor)
        when = moment(until, zone, visit.work.clock.now())
        words = _("No questions until {when}. /resume starts earlier. "
                  "You can report a problem at any time: /report").format(when=when)  # fmt: skip
    else:
        await lifecycle.resume(visit.work, actor)
        words = _("Welcome back. The next check-in comes at its time.")
    await visit.edit(f"<b>{escape(whose, quote=False)}</b>\n{words}")


async def ask(visit: Visit, what: str) -> bool:
    """Ask for whom a command is meant, where the chat is shared; False where it is not."""
    if len(visit.actor.patients) < 2:
        return False
    await visit.reply(_("For whom?"), whom(visit, what, everybody=_("For everybody here")))
    return True


async def ask_about_note(visit: Visit, patient_id: int) -> None:
    """For whom is this? The note is kept with the likeliest until somebody says."""
    note_id = await shared_chat.newest_note(visit.work, visit.actor, patient_id)
    kept = next(known for known in visit.actor.patients if known.id == patient_id)
    rows = [
        [(name(visit.work.cipher, patient), pack("nw", note_id, patient.id or 0))]
        for patient in visit.actor.patients
    ]
    words = _("For whom is this? Until you say, it is kept for {name}.")
    await visit.reply(words.format(name=escape(name(visit.work.cipher, kept), quote=False)), rows)


async def note_for(visit: Visit) -> None:
    """[Name] under "For whom is this?": the note goes to the right patient."""
    button = visit.tapped()
    given = await shared_chat.give_note(
        visit.work, visit.actor, button.number(0), button.number(1)
    )
    await visit.deliver_urgent()
    words = _("It is kept for {name}. Please answer the questions for them.")
    whose = escape(name(visit.work.cipher, given.patient), quote=False)
    await visit.edit(words.format(name=whose))
