"""Makes a snapshot of the newest schema through the product.

Run it (`python -m tests.migrations.snapshot`) when a version is released. Its file and its key
stay in this folder, so that every later version can show that it still migrates what was stored.
"""

import asyncio
import tempfile
from pathlib import Path

from rich.console import Console

from bot import play
from bot.demo import Stage, stage
from storage.copying import dump
from storage.schema import newest_revision
from storage.sealing import fingerprint

FOLDER = Path(__file__).parent


async def live(found: Stage) -> None:
    """A clinic's first days: well, unwell, silent and new patients, notes, and alerts both open
    and closed."""
    world, dana = found.world, found.clinician
    await world.limits(enabled=False)
    assert await play.play(found, Console(quiet=True)) == 0
    cleo = await world.person("Cleo Ünal", role="patient", phone="+44 7700 900103")
    await play.join(found, cleo)
    await play.record_session(found, "Arm or leg")
    await world.forward(hours=2, minutes=1)
    await cleo.sees("Mild soreness")
    await cleo.sends("My arm is stiff today 💪, is that “normal”?")
    await dana.sees("is that “normal”")
    await world.forward(hours=22)
    await cleo.sees("Check 1 of 5")
    await cleo.taps("Yes, or not sure")
    await cleo.sees("Tap all, then Done")
    await cleo.taps("Breathless")
    await cleo.sees("Please get emergency help NOW")
    await dana.sees("Possible pneumothorax")
    dora = await world.person("Dora", role="patient", phone="+44 7700 900104")
    await play.join(found, dora)
    await play.record_session(found, "Arm or leg")
    await dana.sends("/session")
    await dana.sees("Who was treated?")
    await dana.taps("New patient")
    await dana.sees("Let the patient scan this")


async def main() -> None:
    """Write `<revision>.backup` and `<revision>.key`."""
    revision = newest_revision()
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder), port=0) as found:
            await live(found)
            work, (key,) = found.house.work, found.house.settings.encryption_keys
            header = await dump(
                work.database,
                FOLDER / f"{revision}.backup",
                taken_at=work.clock.now(),
                keys=[fingerprint(key)],
                progress=lambda *_: None,
            )
    (FOLDER / f"{revision}.key").write_text(key + "\n")
    print({name: table.rows for name, table in header.tables.items()})  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
