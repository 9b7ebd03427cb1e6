"""The played demo: one patient is well, one is not; every step through simulated Telegram."""

import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

import storage.alerts
import storage.people
import storage.treatment
from care.audit import verify

if TYPE_CHECKING:
    from bot.demo import Stage
    from sandbox.people import Person

_TOKEN = re.compile(r"start=([\w-]+)")


class PlayFailedError(Exception):
    """Something that must happen did not; the text says what."""


def token_in(text: str) -> str:
    """The token of the link in a message.

    Raises:
        PlayFailedError: there is none.
    """
    found = _TOKEN.search(text)
    if found is None:
        raise PlayFailedError("the message holds no link")
    return found.group(1)


async def play(stage: "Stage", out: Console) -> int:
    """Play both patients; 0 only if the alert was raised, acknowledged and recorded."""
    try:
        await _play_well(stage)
        await _play_unwell(stage)
        problems = await _problems(stage)
    except (AssertionError, PlayFailedError) as error:
        problems = [str(error)]
    for line in stage.world.transcript():
        out.print(str(line), highlight=False, markup=False)
    await _show_database(stage, out)
    for problem in problems:
        out.print(f"[red]FAILED[/] {problem}")
    if not problems:
        out.print("[green]All as it must be:[/] the alert was raised, acknowledged and recorded.")
    return 1 if problems else 0


async def join(stage: "Stage", patient: "Person") -> None:
    """The clinician adds a patient, who scans the code and agrees."""
    clinician = stage.clinician
    await clinician.sends("/session")
    await clinician.sees("Who was treated?")
    await clinician.taps("New patient")
    link = await clinician.sees("Let the patient scan this")
    await patient.starts(token_in(link.text))
    await patient.sees("Telegram")
    await patient.taps("I agree")
    await patient.sees("you have joined")
    await clinician.sees("has joined")


async def record_session(stage: "Stage", region: str) -> None:
    """The clinician goes on with the session screens of the patient just added."""
    clinician = stage.clinician
    await clinician.sees("Where did the needles go?")
    await clinician.taps(region)
    await clinician.sees("Pain before the session")
    await clinician.taps("5")
    await clinician.sees("Any of these?")
    await clinician.taps("No risks")
    await clinician.sees("Save")
    await clinician.taps("Save")
    await clinician.sees("Saved")


async def _play_well(stage: "Stage") -> None:
    anna, world = stage.anna, stage.world
    await join(stage, anna)
    await record_session(stage, "Arm or leg")
    await world.to_next_event()
    await anna.sees("Mild soreness")
    for _ in range(2):
        await world.to_next_event()
        await anna.sees("Check 1 of 5")
        for tap in ("No, none of these", "2", "A little", "None", "None"):
            await anna.taps(tap)
        await anna.sees("All as expected")


async def _play_unwell(stage: "Stage") -> None:
    raise PlayFailedError("not played")


async def _problems(stage: "Stage") -> list[str]:
    return []


async def _show_database(stage: "Stage", out: Console) -> None:
    table = Table("What", "How many", title="In the database")
    out.print(table)
