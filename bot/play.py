"""The played demo: one patient is well, one is not; every step through simulated Telegram."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

import storage.alerts
import storage.people
import storage.treatment
from care.audit import verify

if TYPE_CHECKING:
    from bot.demo import Stage
    from sandbox.people import Line, Person

_TOKEN = re.compile(r"start=([\w-]+)")


# What is tapped, and the words of the screen that follows (None: something else follows).
Steps = tuple[tuple[str, str | None], ...]
WELL: Steps = (
    ("No, none of these", "How bad is your pain"),
    ("2", "How sore"),
    ("Mild", "Any bruising"),
    ("None", "Anything NEW"),
    ("No, nothing new", None),
)


class PlayFailedError(Exception):
    """Something that must happen did not; the text says what."""


def _as_text(line: "Line") -> str:
    """One line of the transcript: when, in which chat, who, what, with which buttons."""
    words = " / ".join(part for part in line.text.split("\n") if part)
    buttons = " ".join(f"[{label}]" for label in line.buttons)
    return f"{line.time:%a %H:%M} {line.chat}: {line.who}: {words} {buttons}".rstrip()


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
    """Play both patients; 0 only if the alert was raised, delivered, acknowledged and recorded."""
    problems: list[str] = []
    try:
        await _play_well(stage)
        await _play_unwell(stage)
    except (AssertionError, PlayFailedError) as error:
        problems.append(str(error))
    for line in stage.world.transcript():
        out.print(_as_text(line), highlight=False, markup=False, soft_wrap=True)
    record = await _record(stage)
    _show(record, out)
    problems += record.problems
    for problem in problems:
        out.print(f"FAILED: {problem}", style="red", highlight=False, markup=False)
    if not problems:
        out.print("All as it must be: the alerts were raised, acknowledged and recorded.")
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
    await clinician.sees("When:")
    await clinician.taps("Save")
    await clinician.sees("Saved")


async def _play_well(stage: "Stage") -> None:
    """Anna is well: five taps at each check-in."""
    anna, world = stage.anna, stage.world
    await join(stage, anna)
    await record_session(stage, "Arm or leg")
    await world.forward(hours=2, minutes=1)
    await anna.sees("Mild soreness")
    for hours in (22, 24):
        await world.forward(hours=hours)
        await anna.sees("Check 1 of 5")
        await answer_all(anna, WELL)
        await anna.sees("All as expected")


async def answer_all(patient: "Person", steps: Steps) -> None:
    """Tap as a person does: the next tap only when the next screen is there."""
    for label, then in steps:
        await patient.taps(label)
        if then is not None:
            await patient.sees(then)


async def _play_unwell(stage: "Stage") -> None:
    """Ben has infection signs at 24 hours, and is short of breath at 48."""
    ben, dana, world = stage.ben, stage.clinician, stage.world
    await join(stage, ben)
    await record_session(stage, "Neck, shoulder")
    await world.forward(hours=2, minutes=1)
    await ben.sees("Mild soreness")
    await world.forward(hours=22)
    await ben.sees("Check 1 of 5")
    await answer_all(
        ben,
        (
            ("No, none of these", "How bad is your pain"),
            ("6", "How sore"),
            ("Moderate", "Any bruising"),
            ("None", "Anything NEW"),
            ("Skin red", "About the skin"),
            ("Hot", "About the skin"),
            ("Swollen", "About the skin"),
            ("Done", None),
        ),
    )
    await ben.sees("This needs a call today")
    await dana.sees("Local infection signs")
    await stage.clinician.sees("Local infection signs", in_chat=stage.group)
    await dana.taps("I'm on it")
    await ben.sees("Your clinic saw this")
    await world.forward(hours=24)
    await ben.sees("Check 1 of 5")
    await ben.taps("Yes, or not sure")
    await ben.sees("Tap all, then Done")
    await ben.taps("Breathless")
    await ben.sees("Please get emergency help NOW")
    await dana.sees("Possible pneumothorax")
    await dana.sees("Possible pneumothorax", in_chat=stage.group)
    await ben.taps("I am getting help")
    await dana.taps("I'm on it")
    await ben.sees("Your clinic saw this")


@dataclass
class Record:
    """What the database holds after the play, and what is missing in it."""

    counts: dict[str, int]
    problems: list[str]


async def _record(stage: "Stage") -> Record:
    if stage.house is None:
        raise PlayFailedError("the play needs the bot in this process")
    work = stage.house.work
    problems: list[str] = []
    async with work.reading() as session:
        clinic = await storage.people.first_clinic(session)
        clinic_id = clinic.id or 0 if clinic else 0
        patients = await storage.people.patients_of(session, clinic_id)
        alerts = [
            alert
            for patient in patients
            for alert in await storage.alerts.alerts_of_patient(session, patient.id or 0)
        ]
        checks = [
            check
            for patient in patients
            for check in await storage.treatment.check_ins_of_patient(session, patient.id or 0)
        ]
        answers = [
            answer
            for check in checks
            for answer in await storage.treatment.answers(session, check.id or 0)
        ]
        events = {
            event.kind
            for alert in alerts
            for event in await storage.alerts.events(session, alert.id or 0)
        }
        audit = await verify(session, clinic_id)
    if not any("E1" in alert.rules and alert.level == "emergency" for alert in alerts):
        problems.append("no emergency alert was raised for the shortness of breath")
    if not any("U1" in alert.rules for alert in alerts):
        problems.append("no alert was raised for the infection signs")
    if any(alert.state == "open" for alert in alerts):
        problems.append("an alert was not acknowledged")
    problems += [
        f"the alert's history holds no {kind!r}"
        for kind in ("opened", "raised", "delivered", "acknowledged")
        if kind not in events
    ]
    if audit.broken_at is not None:
        problems.append(f"the audit chain breaks at {audit.broken_at}")
    counts = {
        "patients": len(patients),
        "check-ins answered": sum(1 for check in checks if check.answered_at),
        "answers": len(answers),
        "alerts": len(alerts),
        "alert events": len(events),
        "audit entries": audit.entries,
    }
    return Record(counts, problems)


def _show(record: Record, out: Console) -> None:
    table = Table("What", "How many", title="In the database")
    for what, many in record.counts.items():
        table.add_row(what, str(many))
    out.print(table)
