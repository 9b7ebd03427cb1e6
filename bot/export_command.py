"""`symptom-diary export`: the clinic's records as files, with a progress bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from bot.commands import complain, errors, out
from bot.opened import OPERATOR, with_clinic
from bot.settings import Settings
from care.exports import reading
from care.exports.csv_files import export_csv
from care.exports.fhir_codes import DEFAULT_BASE, Codes
from care.exports.fhir_files import Bundles, Lines, Sink, export_fhir
from care.exports.fhir_validation import InvalidResourceError, require_valid
from care.exports.folder import Folder, FolderError, new_folder
from care.exports.formats import Format
from care.exports.reading import Wish
from care.work import Work
from handlers.wording.exported import WORDS
from storage.cipher import UnreadableError
from storage.tables import Clinic


@dataclass(frozen=True)
class Options:
    """What was asked for. `since` and `until` are days on the clinic's clock, both included."""

    target: Path
    style: Format
    since: date | None = None
    until: date | None = None
    names: bool = False
    words: bool = False
    force: bool = False
    bundles: bool = False
    validate: bool = False
    base: str = DEFAULT_BASE

    @property
    def fault(self) -> str | None:
        """What cannot be, in one sentence."""
        if self.since and self.until and self.until < self.since:
            return f"--to {self.until} comes before --from {self.since}."
        if self.style is Format.fhir and (self.names or self.words):
            return "FHIR exports hold codes only: leave out --with-names and --with-words."
        if self.style is Format.csv and (self.bundles or self.validate):
            return "--bundles and --validate belong to --format fhir."
        parts = urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return f"--base takes a web address such as {DEFAULT_BASE}."
        return None


def day(value: datetime | None) -> date | None:
    """The day of a date option."""
    return value.date() if value else None


@contextmanager
def progress_bar() -> Iterator[reading.Progress]:
    """A bar on standard error for each thing that is counted."""
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors) as shown:
        tasks: dict[str, TaskID] = {}

        def moved(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done, total=total)

        yield moved


async def run(settings: Settings, options: Options) -> int:
    """Write the export; 0 when it is there, 1 or 2 with a sentence when it is not."""
    if options.fault is not None:
        complain(options.fault)
        return 2

    async def work(found: Work, clinic: Clinic) -> int:
        try:
            with (
                new_folder(options.target, force=options.force) as folder,
                progress_bar() as moved,
            ):
                rows = await _write(found, clinic, options, folder, moved)
        except (FolderError, UnreadableError, InvalidResourceError) as error:
            complain(f"Nothing was written: {error}")
            return 1
        noun = "rows" if options.style is Format.csv else "resources"
        out.print(
            f"{sum(rows.values())} {noun} are in {options.target}.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
        return 0

    return await with_clinic(settings, work)


async def _write(
    work: Work, clinic: Clinic, options: Options, folder: Folder, moved: reading.Progress
) -> dict[str, int]:
    clinic_id = clinic.id or 0
    wish = Wish(clinic_id, OPERATOR, options.since, options.until, options.names, options.words)
    if options.style is Format.csv:
        return await export_csv(work, wish, folder, moved)
    base = options.base.rstrip("/")
    check = require_valid if options.validate else None
    sink: Sink = Bundles(folder, check, base) if options.bundles else Lines(folder, check)
    return await export_fhir(work, wish, Codes(base, clinic_id, WORDS), sink, moved)
