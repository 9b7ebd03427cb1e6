"""A clinic with several patients, whose bot is a process that dies and comes back."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet

import storage.outbox
import storage.people
from bot.demo import TOKEN, open_the_clinic, set_up
from bot.faultpoints import VARIABLE
from bot.play import join
from care import sessions
from care.actors import Actor
from care.work import Work
from sandbox.people import Group, Person, World
from sandbox.server import serving
from storage.cipher import Cipher
from storage.engine import Database
from tests.chaos.patients import Patient
from tests.chaos.recording import RememberingQueue, remembering
from tests.clocks import FixedClock
from tests.walk.process import ROOT, BotProcess

NAMES = ("Anna", "Ben", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana")
REGIONS = (("thorax",), ("spine",), ("limb",))
START_WITHIN = 60.0


@dataclass
class MortalBot(BotProcess):
    """A bot that may die before it serves; counts how it ended."""

    starts: int = 0

    async def begin(self, die_at: str = "") -> bool:
        """Start it; True when it serves, False when it died on the way."""
        environment = {**os.environ, **self.settings, VARIABLE: die_at}
        before = self._served()
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1
        async with asyncio.timeout(START_WITHIN):
            while self._served() == before:
                if self.process.returncode is not None:
                    assert self.process.returncode == -signal.SIGKILL, self.tail()
                    return False
                await asyncio.sleep(0.02)
        return True

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def dies_within(self, seconds: float) -> bool:
        """Wait for it to die by its own hand; False when it did not."""
        try:
            async with asyncio.timeout(seconds):
                code = await self.process.wait()
        except TimeoutError:
            return False
        assert code == -signal.SIGKILL, self.tail()
        return True

    async def kill(self) -> None:
        """kill -9 from outside."""
        if self.lives:
            self.process.kill()
            await self.process.wait()

    def tail(self) -> str:
        return self.log.read_text()[-3000:]


@dataclass
class Ward:
    """Everything an episode needs."""

    world: World
    queue: RememberingQueue
    bot: MortalBot
    work: Work
    clock: FixedClock
    clinician: Patient
    group: Group
    staff: tuple[int, ...]
    patients: list[Patient]
    rng: random.Random
    courses: int = field(default=0)

    async def now(self) -> datetime:
        """The simulated moment; the harness's own clock stands there too."""
        self.clock.at = await self.world.now()
        return self.clock.at

    async def until_due(self, kind: str) -> None:
        """Jump to just after the next row of this kind is due; the bot must be down."""
        rows = await self._coming(kind)
        if not rows:
            await self.new_course()
            rows = await self._coming(kind)
        if rows and rows[0] > self.clock.at:
            await self.world.set_clock(rows[0] + timedelta(seconds=1))

    async def _coming(self, kind: str) -> list[datetime]:
        await self.now()
        async with self.work.reading() as session:
            return [row.due_at for row in await storage.outbox.due_rows(session, kinds=(kind,))]

    async def new_course(self) -> None:
        """Every patient has a session now, which brings check-ins for two days."""
        now = await self.now()
        self.courses += 1
        async with self.work.reading() as session:
            clinic = await storage.people.first_clinic(session)
            found = await storage.people.person_by_telegram(session, self.clinician.person.id)
            patients = await storage.people.patients_of(session, clinic.id)
        actor = Actor(self.clinician.person.id, clinic.id, found[0], found[1])
        for patient in patients:
            facts = sessions.SessionFacts(now, self.rng.choice(REGIONS), (), 5)
            await sessions.record(self.work, actor, patient.id, facts)


@asynccontextmanager
async def ward(
    folder: Path, database_url: str, rng: random.Random, *, patients: int, die_first: list[str]
) -> AsyncIterator[Ward]:
    """Simulated Telegram, an empty database and the bot; the clinic is set up through the chat.

    The first starts die at the points of `die_first`.
    """
    key = Fernet.generate_key().decode()
    telegram, queue = remembering()
    async with serving(telegram=telegram) as running, World.connect(running.url) as world:
        await open_the_clinic(world)
        admin = await world.person("Alex", role="admin")
        settings = {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(admin.id),
            "DATABASE_URL": database_url,
            "TELEGRAM_API_URL": running.url,
            "CLOCK_URL": f"{running.url}/_/clock",
            "ENCRYPTION_KEYS": key,
            "LISTEN": "127.0.0.1:0",
        }
        bot = MortalBot(settings, folder / "bot.log")
        database = Database(database_url)
        clock = FixedClock()
        try:
            await world.limits(enabled=False)
            for point in die_first:
                assert not await bot.begin(point), f"lived through {point}"
            assert await bot.begin(), bot.tail()
            clinic = await set_up(running.url, world, None, admin)
            people = await _patients(world, clinic.anna, clinic.ben, patients)
            for person in people:
                await join(clinic, person)
            yield Ward(
                world, queue, bot, Work(database, clock, Cipher((key,))), clock,
                Patient(clinic.clinician, _fork(rng)), clinic.group,
                (admin.id, clinic.clinician.id),
                [Patient(person, _fork(rng)) for person in people], rng,
            )  # fmt: skip
        finally:
            await bot.kill()
            await database.dispose()


async def _patients(world: World, anna: Person, ben: Person, wanted: int) -> list[Person]:
    others = [await world.person(name, role="patient") for name in NAMES[2:wanted]]
    return [anna, ben, *others][:wanted]


def _fork(rng: random.Random) -> random.Random:
    return random.Random(rng.getrandbits(64))
