"""`symptom-diary import-sessions`: sessions from the clinic's own system, with a progress bar."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

import storage.people
from bot import checks
from bot.commands import BOT_NOT_KNOWN, complain, errors, out
from bot.opened import OPERATOR, with_clinic
from bot.settings import Settings, SettingsError
from bot.transport import AiohttpRequest
from care.exports.columns import guarded
from care.exports.folder import open_private
from care.imports.importing import Importer, NewLink, Outcome, record_all, rehearse
from care.imports.moments import DayOrder
from care.imports.rows import VisitRow, read_rows
from care.imports.sheet import LARGEST_BYTES, SheetError, read_sheet
from care.work import Work
from handlers.wording.imports import count_lines, remark_lines, sheet_words
from storage.tables import Clinic

LINK_COLUMNS = ("line", "visit_id", "patient_code", "patient_id", "name", "link", "works_until")
NO_STAFF = "There is no staff in this clinic yet: start the bot once with ADMIN_IDS set."


class NoBotError(Exception):
    """The bot's name is not known, so no link can be made; the text says what to do."""


@dataclass(frozen=True)
class Options:
    """What was asked for. `bot`: the bot's username, asked of Telegram when it is empty."""

    file: Path
    mapping: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    order: DayOrder | None = None
    bot: str = ""
    clinic_id: int | None = None


def link_cells(link: NewLink, url: str) -> list[str]:
    """A row of the links file."""
    whose, until = link.row.whose, f"{link.expires_at:%Y-%m-%d %H:%M} UTC"
    known = [link.row.visit_id, link.code, whose.external_id, whose.name]
    return [str(link.row.line), *map(guarded, known), url, until]


class LinksFile:
    """FILE.links.csv, readable by its owner alone; not there when nobody is new."""

    def __init__(self, beside: Path, username: str) -> None:
        self._username = username
        self.path = beside.with_name(f"{beside.name}.links.csv")
        number = 1
        while self.path.exists():
            number += 1
            self.path = beside.with_name(f"{beside.name}.links-{number}.csv")
        self._writer: Any = None

    def add(self, link: NewLink) -> None:
        """Write a link at once: it is kept nowhere else."""
        if self._writer is None:
            self._file = open_private(self.path)
            self._writer = csv.writer(self._file)
            self._writer.writerow(LINK_COLUMNS)
        url = f"https://t.me/{self._username}?start={link.token}"
        self._writer.writerow(link_cells(link, url))
        self._file.flush()

    def close(self) -> bool:
        """Close it; False when nothing was written."""
        if self._writer is None:
            return False
        self._file.close()
        return True


async def run(settings: Settings, options: Options) -> int:
    """Import the file; 0: every line is in the diary, 1: some are not, 2: nothing was read."""
    try:
        data = _bytes_of(options.file)
        sheet = read_sheet(data, options.mapping)
    except OSError as error:
        complain(f"{options.file} cannot be read: {error.strerror}.")
        return 2
    except SheetError as error:
        complain(f"{options.file}: {sheet_words(error)}")
        return 2
    if sheet.ignored:
        errors.print(
            f"Columns not used: {', '.join(sheet.ignored)}", highlight=False, markup=False
        )

    async def work(found: Work, clinic: Clinic) -> int:
        rows, faults = read_rows(sheet, clinic.zone, found.clock.now(), options.order)
        try:
            outcome = await _import(found, clinic, settings, options, rows)
        except NoBotError as error:
            complain(str(error))
            return 2
        outcome.faults[:0] = faults
        return _report(outcome, done=not options.dry_run)

    return await with_clinic(settings, work, options.clinic_id)


def _bytes_of(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_BYTES:
        raise SheetError("too_large")
    return path.read_bytes()


async def _import(
    work: Work, clinic: Clinic, settings: Settings, options: Options, rows: list[VisitRow]
) -> Outcome:
    clinic_id = clinic.id or 0
    expected = await rehearse(work, clinic_id, rows)
    if options.dry_run or not expected.recorded:
        return expected
    username = options.bot.removeprefix("@")
    if expected.patients and not username:
        username = await _username(settings)
    links = LinksFile(options.file, username)
    importer = await _importer(work, clinic_id)
    try:
        with _progress_bar() as moved:
            return await record_all(work, importer, rows, on_link=links.add, progress=moved)
    finally:
        if links.close():
            out.print(f"Links for new patients: {links.path}", highlight=False, soft_wrap=True)


async def _importer(work: Work, clinic_id: int) -> Importer:
    async with work.reading() as session:
        staff = await storage.people.staff(session, clinic_id)
    admins = [member for member, roles in staff if "admin" in roles]
    if not admins:
        raise NoBotError(NO_STAFF)
    return Importer(0, clinic_id, admins[0], frozenset({"admin"}), by=OPERATOR)


async def _username(settings: Settings) -> str:
    """The bot's name, as Telegram knows it."""
    try:
        token = settings.require_token()
    except SettingsError:
        raise NoBotError(
            "There are new patients, and their links need the bot's name: "
            "give --bot NAME, or set BOT_TOKEN."
        ) from None
    base = settings.telegram_api_url.rstrip("/")
    bot = Bot(
        token, f"{base}/bot", f"{base}/file/bot",
        request=AiohttpRequest(), get_updates_request=AiohttpRequest(),
    )  # fmt: skip
    try:
        async with bot:
            return bot.username
    except InvalidToken:
        raise NoBotError(BOT_NOT_KNOWN) from None
    except TelegramError as error:
        raise NoBotError(checks.unreachable(settings, error)) from None


@contextmanager
def _progress_bar() -> Iterator[Any]:
    columns = (
        TextColumn("sessions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors) as shown:
        task = shown.add_task("sessions", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _report(outcome: Outcome, *, done: bool) -> int:
    for line in remark_lines(outcome):
        errors.print(line, highlight=False, markup=False, soft_wrap=True)
    for line in count_lines(outcome, done=done):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    return 1 if outcome.faults or outcome.differences else 0
