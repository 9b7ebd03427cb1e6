"""/export: the clinic's records as a zip file, codes only."""

import asyncio
import io
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from telegram import InputFile
from telegram.error import TelegramError

import storage.people
from care.actors import RefusedError
from care.exports.csv_files import export_csv
from care.exports.fhir_codes import DEFAULT_BASE, Codes
from care.exports.fhir_files import Lines, export_fhir
from care.exports.folder import new_folder
from care.exports.reading import Wish
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import N_, _
from handlers.wording.exported import WORDS

log = structlog.get_logger()

# Telegram takes 50 MB from a bot; the rest is for the request around it.
LARGEST_BYTES = 49 * 2**20
FORMATS = {"csv": N_("Tables (CSV)"), "fhir": N_("FHIR R4B")}
PERIODS = {"30": N_("last 30 days"), "90": N_("last 90 days"), "all": N_("everything")}


async def start(visit: Visit) -> None:
    """/export: in which form, and since when?"""
    rows = [
        [
            (f"{_(words)}, {_(period_words)}", pack("ex", style, period))
            for style, words in FORMATS.items()
        ]
        for period, period_words in PERIODS.items()
    ]
    await visit.reply(
        _(
            "The clinic's records as a file: sessions in this period and all that followed. "
            "Patients by code only, no names, no words."
        ),
        rows,
    )


async def tapped(visit: Visit) -> None:
    """Make the file and send it; the audit log notes who took it."""
    style, period = visit.tapped().word(0), visit.tapped().word(1)
    if style not in FORMATS or period not in PERIODS or not visit.in_private:
        raise RefusedError("no such export")
    await visit.toast(_("I am making the file."))
    wish = await _wish(visit, period)
    with tempfile.TemporaryDirectory(prefix="symptom-diary-") as place:
        target = Path(place) / "export"
        with new_folder(target) as folder:
            if style == "csv":
                await export_csv(visit.work, wish, folder)
            else:
                codes = Codes(DEFAULT_BASE, wish.clinic_id, WORDS)
                await export_fhir(visit.work, wish, codes, Lines(folder, None))
        packed = await asyncio.to_thread(_zipped, target)
    if packed is None:
        await visit.reply(
            _("That is more than Telegram carries. Choose a shorter period, or use "
              "symptom-diary export on the server.")
        )  # fmt: skip
        return
    today = visit.work.clock.now().strftime("%Y-%m-%d")
    try:
        await visit.patiently(
            lambda: visit.desk.bot.send_document(
                visit.chat_id,
                InputFile(packed, f"symptom-diary-{style}-{today}.zip"),
                caption=f"{_(FORMATS[style])}, {_(PERIODS[period])}",
            )
        )
    except TelegramError as error:
        log.warning("export_not_sent", error=type(error).__name__)
        await visit.reply(_("Telegram did not take the file. Please try again."))


async def _wish(visit: Visit, period: str) -> Wish:
    _person, clinic_id = visit.actor.staff()
    async with visit.work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    since = None
    if period != "all":
        today = visit.work.clock.now().astimezone(ZoneInfo(clinic.zone)).date()
        since = today - timedelta(days=int(period))
    return Wish(clinic_id, visit.actor.name, since)


def _zipped(folder: Path) -> bytes | None:
    """The folder as a zip file; None when it is larger than Telegram takes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
            if packed.tell() > LARGEST_BYTES:
                return None
    return packed.getvalue() if packed.tell() <= LARGEST_BYTES else None
