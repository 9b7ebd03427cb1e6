"""One episode: many kills of one bot on one database, then everything settles and is judged."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, func, select

from storage.tables import InboxUpdate, OutboxRow
from tests.chaos.gathering import evidence_of
from tests.chaos.judge import Finding, Judgement, judge
from tests.chaos.patients import take_alerts
from tests.chaos.plan import Scene, plan
from tests.chaos.world import Ward, ward

# How long a scene waits for its named point before it kills from outside (seconds).
POINT_WITHIN = 3.0
# How long it may take until nothing is due any more (seconds).
SETTLE_WITHIN = 150.0
# Time-outs of questions end within so many jumps of half an hour.
JUMPS = 4


@dataclass
class Episode:
    """What became of one episode: kills by kind, starts of the bot, and the judgement."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    seconds: float = 0.0
    judgement: Judgement = field(default_factory=Judgement)


@dataclass(frozen=True)
class Stakes:
    """What an episode is played with; `killed` hears of each kill."""

    folder: Path
    database_url: str
    seed: int
    kills: int
    patients: int = 6
    killed: Callable[[str], None] = lambda _what: None


async def play(stakes: Stakes) -> Episode:
    """Play so many kills from this seed on an empty database; what breaks it off is a finding."""
    begun, episode = time.monotonic(), Episode(stakes.seed)
    try:
        await _live_and_die(stakes, episode)
    except (AssertionError, TimeoutError) as error:
        words = f"{type(error).__name__}: {error}"
        episode.judgement.findings.append(Finding("broken off", words))
    episode.seconds = time.monotonic() - begun
    return episode


async def _live_and_die(stakes: Stakes, episode: Episode) -> None:
    rng = random.Random(stakes.seed)
    migrating = [f"migrating:{rng.randint(2, 40)}" for _ in range(min(2, stakes.kills))]
    scenes = plan(rng, stakes.kills - len(migrating))

    def note(what: str) -> None:
        episode.kills[what] += 1
        stakes.killed(what)

    async with ward(
        stakes.folder, stakes.database_url, rng, patients=stakes.patients, die_first=migrating
    ) as found:
        for _ in migrating:
            note("migrating")
        await found.bot.kill()
        for scene in scenes:
            note(await _perform(found, scene))
        await _settle(found)
        episode.judgement = judge(await evidence_of(found))
        episode.starts = found.bot.starts


async def _perform(found: Ward, scene: Scene) -> str:
    """Play one scene, from a bot that is down to a bot that is down; returns how it died."""
    for patient in found.patients:
        patient.danger = scene.danger
    if scene.due:
        await found.until_due(scene.due)
    if scene.burst:
        await _all_at_once(found)
    stop = asyncio.Event()
    lives = [asyncio.create_task(patient.live(stop)) for patient in found.patients]
    try:
        what = await _until_death(found, scene)
        if scene.taps_meanwhile:
            await asyncio.sleep(found.rng.uniform(0, 0.6))
    finally:
        stop.set()
        await asyncio.gather(*lives)
    if scene.gap:
        await found.world.forward(seconds=scene.gap)
    return what


async def _until_death(found: Ward, scene: Scene) -> str:
    if not await found.bot.begin(scene.die_at):
        return scene.what
    if scene.burst:
        await _all_at_once(found)
    if found.rng.random() < 0.5:
        await take_alerts(found.clinician)
    patience = POINT_WITHIN if scene.die_at else scene.after
    if await found.bot.dies_within(patience):
        return scene.what
    await found.bot.kill()
    return scene.what if scene.what == "burst" else "random"


async def _all_at_once(found: Ward) -> None:
    for _ in range(2):
        await asyncio.gather(*(patient.step(hasty=True) for patient in found.patients))


async def _settle(found: Ward) -> None:
    """Nobody dies any more: people finish, time-outs run, and the outbox comes to rest."""
    assert await found.bot.begin(), found.bot.tail()
    for patient in found.patients:
        patient.danger = False
    stop = asyncio.Event()
    lives = [asyncio.create_task(patient.live(stop)) for patient in found.patients]
    await asyncio.sleep(2.0)
    stop.set()
    await asyncio.gather(*lives)
    await _quiet(found)
    for _ in range(JUMPS):
        await found.world.forward(minutes=31)
        await _quiet(found)
        if not await _clocks_run(found):
            break
    assert await found.bot.stop() == 0, f"it did not stop in good order: {found.bot.tail()}"


async def _quiet(found: Ward) -> None:
    """Wait until nothing is due and nothing unhandled; the judge says it if that never comes."""
    deadline = time.monotonic() + SETTLE_WITHIN
    calm = 0
    while time.monotonic() < deadline and calm < 3:
        calm = calm + 1 if not await _busy(found) else 0
        await asyncio.sleep(0.3)


async def _clocks_run(found: Ward) -> bool:
    async with found.work.reading() as session:
        rows = await session.exec(
            select(func.count(col(OutboxRow.id))).where(
                OutboxRow.state == "due", OutboxRow.kind == "follow_up_timeout"
            )
        )
        return bool(rows.one())


async def _busy(found: Ward) -> bool:
    now = await found.now()
    if found.queue.pending():
        return True
    async with found.work.reading() as session:
        due = await session.exec(
            select(func.count(col(OutboxRow.id))).where(
                OutboxRow.state == "due",
                OutboxRow.due_at <= now + timedelta(seconds=1),
                # Edits of cards wait for their turn in a busy group; that takes minutes.
                OutboxRow.kind != "card_edit",
            )
        )
        waiting = await session.exec(
            select(func.count(col(InboxUpdate.update_id))).where(
                col(InboxUpdate.done_at).is_(None)
            )
        )
        return bool(due.one() or waiting.one())
