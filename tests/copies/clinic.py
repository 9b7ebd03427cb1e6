"""A clinic served by several copies of the bot, each a process of its own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from bot.demo import TOKEN, Stage, open_the_clinic, set_up
from bot.play import join, record_session
from care.work import Work
from sandbox.people import World
from sandbox.server import serving
from sandbox.telegram import Telegram
from storage.cipher import Cipher
from storage.engine import Database
from tests.clocks import FixedClock
from tests.copies.balancer import Balancer, balancing
from tests.prepared import prepare
from tests.walk.process import BotProcess

SECRET = "a-secret-of-the-webhook"


@dataclass
class Copies:
    """The clinic, simulated Telegram behind it, and every copy that was ever started."""

    stage: Stage
    telegram: Telegram
    work: Work
    folder: Path
    settings: dict[str, str]
    balancer: Balancer | None
    started: list[BotProcess] = field(default_factory=list)

    async def start(self) -> BotProcess:
        """One more copy; behind the balancer when there is one."""
        copy = await start_copy(self.folder, self.settings, self.balancer, len(self.started))
        self.started.append(copy)
        return copy

    async def kill(self, copy: BotProcess) -> None:
        copy.process.kill()
        await copy.process.wait()

    @property
    def on_duty(self) -> BotProcess:
        """The copy that took the duty last."""
        return max(
            (copy for copy in self.started if copy.process.returncode is None),
            key=lambda copy: "on_duty" in copy.log.read_text(),
        )


async def start_copy(
    folder: Path, settings: dict[str, str], balancer: Balancer | None, number: int
) -> BotProcess:
    copy = BotProcess(settings, folder / f"copy-{number}.log")
    await copy.start()
    if balancer is not None:
        found = re.search(r"listening\W.*?port\D*(\d+)", copy.log.read_text())
        assert found, copy.log.read_text()
        balancer.ports.append(int(found.group(1)))
    return copy


@asynccontextmanager
async def several(
    folder: Path, database_url: str, *, webhook: bool, **settings: str
) -> AsyncIterator[Copies]:
    """A clinic set up in chat, Ben joined and treated; one copy of the bot runs already."""
    key = Fernet.generate_key().decode()
    async with (
        balancing() as balancer,
        serving() as running,
        World.connect(running.url) as world,
    ):
        await open_the_clinic(world)
        admin = await world.person("Alex", role="admin")
        settings |= {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(admin.id),
            "DATABASE_URL": prepare(database_url),
            "TELEGRAM_API_URL": running.url,
            "CLOCK_URL": f"{running.url}/_/clock",
            "ENCRYPTION_KEYS": key,
            "LISTEN": "127.0.0.1:0",
        }
        if webhook:
            settings |= {"WEBHOOK_URL": balancer.url, "WEBHOOK_SECRET": SECRET}
        await world.limits(enabled=False)
        front = balancer if webhook else None
        first = await start_copy(folder, settings, front, 0)
        database = Database(database_url)
        found = [first]
        try:
            stage = await set_up(running.url, world, None, admin)
            await join(stage, stage.ben)
            await record_session(stage, "Neck, shoulder")
            work = Work(database, FixedClock(), Cipher((key,)))
            yield Copies(stage, running.telegram, work, folder, settings, front, found)
        finally:
            for copy in found:
                await copy.stop()
            await database.dispose()
