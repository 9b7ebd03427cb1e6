"""The bot as a process of its own, which can be killed, and a clinic that outlives it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from bot.demo import TOKEN, open_the_clinic, set_up
from bot.faultpoints import VARIABLE
from bot.play import join, record_session
from care.work import Work
from sandbox.people import Group, Person, World
from sandbox.server import serving
from storage.cipher import Cipher
from storage.engine import Database
from tests.clocks import FixedClock
from tests.prepared import prepare

ROOT = Path(__file__).parents[2]


@dataclass
class BotProcess:
    """`symptom-diary run` with these settings; `log` keeps what it printed."""

    settings: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None)

    async def start(self, *, die_at: str = "") -> None:
        """Start it, to die at a named point if asked, and wait until it serves."""
        environment = {**os.environ, **self.settings, VARIABLE: die_at}
        before = self._served()
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(40):
            while self._served() == before:
                assert self.process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    def _served(self) -> int:
        return self.log.read_text().count("running") if self.log.exists() else 0

    async def died(self) -> None:
        """Wait until it was killed by its own hand at the named point."""
        async with asyncio.timeout(20):
            code = await self.process.wait()
        assert code == -signal.SIGKILL, self.log.read_text()[-3000:]

    async def stop(self) -> int:
        """End it in good order; returns its exit code."""
        if self.process is None or self.process.returncode is not None:
            return 0
        self.process.terminate()
        async with asyncio.timeout(30):
            return await self.process.wait()


@dataclass
class Outliving:
    """A clinic whose bot comes and goes. Ben has joined and had a session."""

    world: World
    bot: BotProcess
    admin: Person
    clinician: Person
    group: Group
    ben: Person
    work: Work


@asynccontextmanager
async def outliving(folder: Path, database_url: str) -> AsyncIterator[Outliving]:
    """Start simulated Telegram and the bot as a process; set the clinic up through the chat."""
    key = Fernet.generate_key().decode()
    async with serving() as running, World.connect(running.url) as world:
        await open_the_clinic(world)
        admin = await world.person("Alex", role="admin")
        settings = {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(admin.id),
            "DATABASE_URL": prepare(database_url),
            "TELEGRAM_API_URL": running.url,
            "CLOCK_URL": f"{running.url}/_/clock",
            "ENCRYPTION_KEYS": key,
            "LISTEN": "127.0.0.1:0",
        }
        bot = BotProcess(settings, folder / "bot.log")
        database = Database(database_url)
        try:
            await world.limits(enabled=False)
            await bot.start()
            clinic = await set_up(running.url, world, None, admin)
            await join(clinic, clinic.ben)
            await record_session(clinic, "Neck, shoulder")
            yield Outliving(
                world, bot, admin, clinic.clinician, clinic.group, clinic.ben,
                Work(database, FixedClock(), Cipher((key,))),
            )  # fmt: skip
        finally:
            await bot.stop()
            await database.dispose()


async def press(person: Person, label: str) -> None:
    """Tap a button and wait for nothing: the bot may be dying."""
    message, button = person.view().eyes.log.find_button(label)
    await person.act("tap", chat=message.chat_id, message_id=message.message_id, data=button.data)
