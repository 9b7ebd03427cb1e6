"""`symptom-diary demo`: simulated Telegram, the real bot and the page, with a clinic in them."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from rich.console import Console

from bot import app, service
from bot import play as playing
from bot.logs import configure_logging
from bot.settings import load_settings
from care import team
from sandbox.people import Group, Person, World
from sandbox.server import serving
from sandbox.telegram import Telegram

TOKEN = "100001:SANDBOX"  # noqa: S105 - the simulated Telegram's own, worth nothing elsewhere
out = Console()
errors = Console(stderr=True)


@dataclass
class Stage:
    """A clinic in simulated Telegram: who plays, and the bot that serves them."""

    url: str
    world: World
    house: app.House | None
    admin: Person
    clinician: Person
    group: Group
    anna: Person
    ben: Person


async def main(*, play: bool, port: int) -> int:
    """Run the demo until interrupted (0), or play two patients (0 only if all went well)."""
    configure_logging("WARNING")
    try:
        return await _perform(play=play, port=port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is taken" if error.errno == errno.EADDRINUSE else "may not be used by this user"
        errors.print(f"Port {port} {why}: choose another with --port.", highlight=False)
        return 1


async def _perform(*, play: bool, port: int) -> int:
    with tempfile.TemporaryDirectory(prefix="symptom-diary-") as folder:
        async with stage(Path(folder), port=0 if play else port) as found:
            if play:
                return await playing.play(found, out)
            await _invite_to_play(found)
            out.print(f"The demo runs at [bold]http://127.0.0.1:{port}[/] (Ctrl+C ends it).")
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    return 0


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    port: int,
    database_url: str | None = None,
    telegram: Telegram | None = None,
) -> AsyncIterator[Stage]:
    """Start simulated Telegram and the real bot on it; the clinic is set up through the chat.

    Args:
        folder: where the database file goes.
        port: the page's port; 0 takes a free one.
        database_url: another database than a file in `folder`.
        telegram: another simulated Telegram than a plain one.
    """
    async with (
        serving(port=port, telegram=telegram) as running,
        World.connect(running.url) as world,
    ):
        await open_the_clinic(world)
        admin = await world.person("Alex", role="admin")
        settings = load_settings(
            env_file=None,
            bot_token=TOKEN,
            admin_ids=str(admin.id),
            database_url=database_url or f"sqlite+aiosqlite:///{folder / 'demo.db'}",
            telegram_api_url=running.url,
            clock_url=f"{running.url}/_/clock",
            listen="127.0.0.1:0",
            encryption_keys=Fernet.generate_key().decode(),
        )
        house = app.build(settings, team.FirstSettings(name="Riverside Physio", phone="555 0100"))
        serving_bot = asyncio.create_task(service.run(house))
        try:
            await _ready(house, serving_bot)
            yield await set_up(running.url, world, house, admin)
        finally:
            serving_bot.cancel()
            with suppress(asyncio.CancelledError):
                await serving_bot


async def open_the_clinic(world: World) -> None:
    """Let the simulated world begin on a Tuesday at 10:00, when the clinic is open and the days of
    a whole course are working days, at whatever hour this is run."""
    now = await world.now()
    tuesday = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    await world.set_clock(tuesday.replace(hour=10, minute=0, second=0, microsecond=0))


async def _ready(house: app.House, task: "asyncio.Task[None]") -> None:
    waiting = asyncio.create_task(house.ready.wait())
    await asyncio.wait({waiting, task}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    if not house.ready.is_set():
        raise RuntimeError("the bot did not start within 30 seconds")


async def set_up(url: str, world: World, house: app.House | None, admin: Person) -> Stage:
    """An admin, a clinician on duty and the alert group, all through the chat."""
    clinician = await world.person("Dana", role="clinician")
    anna = await world.person("Anna", role="patient", phone="+44 7700 900101")
    ben = await world.person("Ben", role="patient", phone="+44 7700 900102")
    await admin.starts()
    await admin.sees("Hello")
    await admin.sends("/invite")
    await admin.sees("Invite a colleague")
    await admin.taps("Clinician")
    link = await admin.sees("Send this link")
    await clinician.starts(playing.token_in(link.text))
    await clinician.sees("You are invited")
    await clinician.taps("I agree")
    await clinician.sees("Welcome")
    await admin.sees("a colleague has joined")
    await clinician.sends("/duty on")
    await clinician.sees("You are on duty")
    group = await world.group("Clinic alerts", members=[clinician, admin])
    await group.add_bot(admin)
    await admin.sees("An admin can have", in_chat=group)
    await admin.taps("Use this group for alerts", in_chat=group)
    await admin.sees("come here from now on", in_chat=group)
    return Stage(url, world, house, admin, clinician, group, anna, ben)


async def _invite_to_play(found: Stage) -> None:
    """Two patients have joined and had their session: the visitor takes it from there."""
    for patient, region in ((found.anna, "Arm or leg"), (found.ben, "Neck, shoulder")):
        await playing.join(found, patient)
        await playing.record_session(found, region)
