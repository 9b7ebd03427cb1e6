"""`symptom-diary check`: what is wrong, said before a patient finds out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

import storage.drills
import storage.people
from bot.clock import SystemClock
from bot.opening import in_force_in, opening_fault
from bot.settings import Settings, SettingsError
from bot.transport import AiohttpRequest
from care.rekeying import survey
from care.rota import rota_of
from storage.engine import Database
from storage.schema import newest_revision, revision
from storage.sealing import Keyring, fingerprint
from storage.tables import Drill

OLDEST_SENSIBLE_CLOCK = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, whether it is well, and what to do if it is not."""

    what: str
    ok: bool
    words: str


def unreachable(settings: Settings, error: TelegramError) -> str:
    """What to say when Telegram cannot be reached."""
    away = not getattr(error, "may_have_arrived", True)
    why = "no connection" if away else f"no usable answer ({type(error).__name__})"
    return (
        f"Telegram cannot be reached at TELEGRAM_API_URL ({settings.telegram_api_url}): "
        f"{why}. Check the network and the address; then start again."
    )


def of_settings(error: SettingsError) -> list[Finding]:
    """A finding for each setting that cannot be read; then nothing else can be looked at."""
    return [Finding("settings", False, sentence) for sentence in str(error).splitlines()]


async def check_all(settings: Settings) -> list[Finding]:
    """Look at everything; a check that fails never hides the others."""
    checks: tuple[Callable[[Settings], Awaitable[list[Finding]]], ...] = (
        _keys,
        _database,
        _telegram,
        _clock,
        _protocol,
    )
    return [finding for check in checks for finding in await check(settings)]


async def _keys(settings: Settings) -> list[Finding]:
    try:
        settings.require_keys()
    except SettingsError as error:
        return [Finding("encryption", False, str(error))]
    if not settings.encryption_keys:
        return [Finding("encryption", True, "off, because ALLOW_PLAINTEXT is true")]
    return [Finding("encryption", True, f"{len(settings.encryption_keys)} key(s)")]


async def _database(settings: Settings) -> list[Finding]:
    database = Database(settings.database_url)
    try:
        fault = await opening_fault(database)
        if fault is not None:
            return [Finding("database", False, fault)]
        at = await revision(database)
        if at != newest_revision():
            words = f"at {at or 'nothing'}, needs {newest_revision()}: run symptom-diary migrate"
            return [Finding("database", False, words)]
        return [
            Finding("database", True, f"at {at}"),
            await _sealed(settings, database),
            *await _clinic(database),
        ]
    finally:
        await database.dispose()


async def _sealed(settings: Settings, database: Database) -> Finding:
    """Which keys what is stored still needs."""
    keyring = Keyring(settings.encryption_keys)
    await survey(database, keyring)
    if keyring.unreadable:
        words = f"{keyring.unreadable} values open with none of the present keys: put theirs back"
        return Finding("keys", False, words)
    newest, *older = [*map(fingerprint, settings.encryption_keys), ""]
    needed = [f"{name} opens {keyring.opened[name]}" for name in older if keyring.opened[name]]
    if needed:
        words = f"still needed: {', '.join(needed)} values; symptom-diary keys rotate ends that"
    else:
        words = f"only {newest} is needed" if newest else "none is needed"
    return Finding("keys", True, words)


async def _clinic(database: Database) -> list[Finding]:
    async with database.reading() as session:
        clinic = await storage.people.first_clinic(session)
        if clinic is None:
            return [Finding("clinic", False, "none yet: start the bot once with ADMIN_IDS set")]
        staff = await storage.people.staff(session, clinic.id or 0)
        on_duty = (await rota_of(session, clinic.id or 0, SystemClock().now())).on_duty
        last = await storage.drills.latest(session, clinic.id or 0)
    if not staff:
        return [Finding("staff", False, "nobody: put your Telegram id into ADMIN_IDS")]
    if clinic.group_chat_id is None and not on_duty:
        words = "no group and nobody on duty: add the bot to a group, or send it /duty on"
        return [Finding("alerts", False, words)]
    drill = Finding("drill", *_drilled(last))
    where = "a group" if clinic.group_chat_id is not None else "no group"
    return [Finding("alerts", True, f"{where}, {len(on_duty)} on duty"), drill]


def _drilled(last: Drill | None) -> tuple[bool, str]:
    """Whether the last drill is nothing to worry about, and in words how it went."""
    if last is None:
        return True, "never held: an admin sends /drill"
    day = last.started_at.date().isoformat()
    broken = ", ".join(str(link["link"]) for link in last.links if link["state"] == "broken")
    return last.state != "failed", f"{last.state} on {day}" + (f": {broken}" if broken else "")


async def _telegram(settings: Settings) -> list[Finding]:
    try:
        token = settings.require_token()
    except SettingsError as error:
        return [Finding("token", False, str(error))]
    base = settings.telegram_api_url.rstrip("/")
    bot = Bot(
        token, f"{base}/bot", f"{base}/file/bot",
        request=AiohttpRequest(), get_updates_request=AiohttpRequest(),
    )  # fmt: skip
    try:
        async with bot:
            return [Finding("token", True, f"this is @{bot.username}")]
    except InvalidToken:
        words = "Telegram does not know BOT_TOKEN: ask @BotFather (/mybots, API Token)"
        return [Finding("token", False, words)]
    except TelegramError as error:
        return [Finding("telegram", False, unreachable(settings, error))]


async def _clock(_settings: Settings) -> list[Finding]:
    now = SystemClock().now()
    ok = now > OLDEST_SENSIBLE_CLOCK
    return [Finding("clock", ok, f"{now:%Y-%m-%d %H:%M} UTC" + ("" if ok else ": set it right"))]


async def _protocol(settings: Settings) -> list[Finding]:
    """The version in force and its signature; the shipped one where no database can say more."""
    protocol = await in_force_in(Database(settings.database_url))
    if protocol.signed_by is None:
        words = f"version {protocol.version} is not signed by a clinician: for evaluation only"
        return [Finding("protocol", True, words)]
    words = f"version {protocol.version}, signed by {protocol.signed_by}"
    return [Finding("protocol", True, words)]
