"""What the database holds after a walk, for tests to look at."""

import storage.alerts
import storage.people
import storage.treatment
from care.evaluation import gather
from storage.tables import Alert, CheckIn, Note
from tests.walk.world import Stage


async def check_ins(found: Stage, step: str | None = None) -> list[CheckIn]:
    """Every check-in and report of the newest patient, oldest first."""
    async with found.house.work.reading() as session:
        patient = (await storage.people.patients_of(session, 1))[-1]
        rows = await storage.treatment.check_ins_of_patient(session, patient.id)
    return [row for row in reversed(rows) if step is None or row.step == step]


async def given(found: Stage, step: str) -> dict:
    """The answers in force of a step's check-in."""
    (check,) = await check_ins(found, step)
    async with found.house.work.reading() as session:
        return (await gather(session, check)).final


async def all_answers(found: Stage, step: str) -> list[tuple[str, list[str], bool]]:
    """Every final answer ever given, with whether it is still in force."""
    (check,) = await check_ins(found, step)
    async with found.house.work.reading() as session:
        rows = await storage.treatment.answers(session, check.id, with_corrected=True)
    return [(row.question, row.value, row.superseded_at is None) for row in rows if row.final]


async def the_alert(found: Stage) -> Alert:
    """The newest patient's newest alert."""
    async with found.house.work.reading() as session:
        patient = (await storage.people.patients_of(session, 1))[-1]
        return (await storage.alerts.alerts_of_patient(session, patient.id))[0]


async def notes(found: Stage) -> list[Note]:
    """The newest patient's notes."""
    async with found.house.work.reading() as session:
        patient = (await storage.people.patients_of(session, 1))[-1]
        return await storage.treatment.notes_of(session, patient.id)
