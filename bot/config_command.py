"""`symptom-diary config`: the clinic's settings as one file, with the checks of /settings."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from bot.commands import complain, errors, out
from bot.opened import OPERATOR, with_clinic
from bot.settings import Settings
from care import config
from care.config import Config
from care.config_faults import ConfigError, Problem
from care.exports.folder import open_private
from care.work import Work
from handlers.admins.settings import EXAMPLES
from storage.tables import Clinic

_REASONS = {
    "unknown": "there is no such setting",
    "type": "this is written in another way",
    "value": "this cannot be used",
    "apart": "two check-ins must be at least 12 hours apart",
    "hours": "a check-in comes 6 to 720 hours after the session",
    "steps": "there must be 1 to 8 check-ins",
    "window": "the window of the day must be at least 6 hours long",
    "closing": "a check-in closes after 1 to 72 hours",
    "reminders": "a reminder must come before the check-in closes",
}
_EXAMPLES = {
    "language": "for example: en",
    "schedule": "for example: check_ins_after_hours = [24, 48]",
}


async def export(settings: Settings, target: Path | None) -> int:
    """Write the settings to a new file, or to standard output."""

    async def work(found: Work, clinic: Clinic) -> int:
        text = await config.export(found, clinic.id or 0)
        if target is None:
            out.print(text, end="", highlight=False, markup=False, soft_wrap=True)
            return 0
        try:
            with open_private(target) as opened:
                opened.write(text)
        except FileExistsError:
            complain(f"{target} is there already: name another file.")
            return 1
        except OSError as error:
            complain(f"{target} cannot be written: {error.strerror}.")
            return 1
        out.print(f"The settings are in {target}.", highlight=False, soft_wrap=True)
        return 0

    return await with_clinic(settings, work)


async def import_(settings: Settings, source: Path, *, yes: bool) -> int:
    """Show what the file would change, and change it with `yes`.

    0: the settings are as the file says; 1: they are not, for want of --yes; 2: it cannot be used.
    """
    try:
        wanted = config.read(_text_of(source))
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{source} cannot be read: {getattr(error, 'strerror', None) or 'no UTF-8'}.")
        return 2
    except ConfigError as error:
        for problem in error.problems:
            complain(sentence(problem))
        return 2
    return await with_clinic(settings, lambda work, clinic: _apply(work, clinic, wanted, yes=yes))


def _text_of(source: Path) -> str:
    return source.read_text(encoding="utf-8")


async def _apply(work: Work, clinic: Clinic, wanted: Config, *, yes: bool) -> int:
    clinic_id = clinic.id or 0
    changes = await config.compare(work, clinic_id, wanted)
    if not changes:
        out.print("Nothing to change: the settings are as the file says.")
        return 0
    table = Table("Setting", "Now", "In the file")
    for change in changes:
        table.add_row(*(Text(part) for part in (change.key, change.before, change.after)))
    out.print(table)
    if not yes:
        errors.print("Nothing was changed. Give --yes to apply this.")
        return 1
    await config.apply(work, OPERATOR, clinic_id, wanted)
    out.print("Applied. What is planned already keeps its time.")
    return 0


def sentence(problem: Problem) -> str:
    """A fault in the file, and an example of what can be used."""
    if problem.reason == "toml":
        return f"This is no TOML: {problem.detail}."
    head = problem.key.split(".")[0]
    example = EXAMPLES.get(head) or _EXAMPLES.get(head) or ""
    if problem.key.startswith("opening_hours"):
        example = 'for example: mon = ["08:00-12:00", "13:00-18:00"]'
    if problem.reason == "unknown":
        return f"{problem.key}: {_REASONS['unknown']}."
    return f"{problem.key}: {_REASONS[problem.reason]}; {example}."
