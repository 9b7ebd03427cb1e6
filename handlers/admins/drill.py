"""/drill: the whole way rehearsed with a pretend patient, and what became of it."""

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.drills
import storage.people
from care import drill as drills
from care import drill_course
from care.drill import AlreadyRunningError
from handlers.buttons import Rows, pack
from handlers.delivery import Nothing, Rendered, Renderer, Rendering
from handlers.desk import Visit
from handlers.language import _, speaking
from handlers.outgoing import Outgoing
from handlers.wording.drills import offer, report
from storage.cipher import Cipher
from storage.tables import Drill


async def drill(visit: Visit) -> None:
    """/drill: how the running one stands; else what it does, with [Start the drill]."""
    if not visit.in_private:
        await visit.reply(_("Please send me that in our private chat."))
        return
    found = await drills.latest(visit.work, visit.actor)
    if found is not None and found.state == "running":
        await visit.reply(*await _standing(visit, found))
        return
    rows: list[list[tuple[str, str]]] = [[(_("Start the drill"), pack("dr", "go", 0))]]
    if found is not None:
        rows.append([(_("The last drill"), pack("dr", "see", found.id or 0))])
    rows.append([(_("Every week"), pack("st", "weekly_drill"))])
    await visit.reply(offer(), rows)


async def tapped(visit: Visit) -> None:
    """[Start the drill], [Refresh], [Stop the drill], [The last drill]."""
    what = visit.tapped().word(0)
    if what == "go":
        await _start(visit)
    elif what == "stop":
        await drill_course.stop(visit.work, visit.actor)
        await _show(visit)
    else:
        await _show(visit)


async def _start(visit: Visit) -> None:
    try:
        started = await drills.start(visit.work, visit.actor)
    except AlreadyRunningError:
        await visit.toast(_("A drill is under way already."), alert=True)
        await _show(visit)
        return
    await visit.edit(*await _standing(visit, started))


async def _show(visit: Visit) -> None:
    found = await drills.latest(visit.work, visit.actor)
    if found is not None:
        await visit.edit(*await _standing(visit, found))


async def _standing(visit: Visit, found: Drill) -> tuple[str, Rows]:
    async with visit.work.reading() as session:
        names = await _names(session, visit.work.cipher, found.clinic_id)
    text = report(found.state, found.links, names, waits_for=found.stage)
    if found.state != "running":
        return text, [[(_("Start the drill"), pack("dr", "go", 0))]]
    number = found.id or 0
    buttons = (_("Refresh"), pack("dr", "see", number)), (
        _("Stop the drill"), pack("dr", "stop", number),
    )  # fmt: skip
    return text, [list(buttons)]


async def _names(session: AsyncSession, cipher: Cipher, clinic_id: int) -> dict[int, str]:
    staff = await storage.people.staff(session, clinic_id)
    return {person.id or 0: cipher.open(person.name) or "?" for person, _roles in staff}


async def drill_report(job: Rendering) -> Rendered:
    """What a drill found, for an admin."""
    found = await storage.drills.drill(job.session, int(str(job.row.detail["drill"])))
    person = await storage.people.person(job.session, job.row.clinic_id, job.row.person_id or 0)
    if found is None or person is None:
        return Nothing("gone")
    names = await _names(job.session, job.cipher, found.clinic_id)
    with speaking(person.language):
        rows: Rows = []
        if not found.weekly:
            rows = [[(_("Every week"), pack("st", "weekly_drill"))]]
        return Outgoing(person.telegram_id, report(found.state, found.links, names), rows)


RENDERERS: dict[str, Renderer] = {"drill_report": drill_report}
