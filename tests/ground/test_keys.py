"""A new key: everything is sealed anew while the bot works, and nothing needs the old one."""

import asyncio
import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlmodel import SQLModel, select

from care import rekeying
from storage.cipher import Cipher, UnreadableError
from storage.engine import Database
from storage.sealed_rows import PLAIN_COLUMNS
from storage.sealing import Keyring, fingerprint
from storage.tables import Note, Patient
from tests.ground.rows import KEY, everything, fill
from tests.unit.test_operating import command
from tests.walk.world import Stage, session_for

NEW = Fernet.generate_key().decode()


@pytest.fixture
async def filled(database: Database) -> Database:
    await fill(database)
    return database


def opened(rows: dict[str, list[tuple]], cipher: Cipher) -> dict[str, list[list[object]]]:
    """All rows with what is sealed in them opened."""
    return {
        name: [
            [
                cipher.open(value) if isinstance(value, str) and value[:6] == "gAAAAA" else value
                for value in row
            ]
            for row in found
        ]
        for name, found in rows.items()
    }


def quiet(_rows: int, _total: int) -> None:
    """Nobody looks at this progress."""


async def test_afterwards_the_new_key_alone_opens_the_same_words(filled: Database) -> None:
    before = opened(await everything(filled), Cipher((KEY,)))
    told: list[tuple[int, int]] = []
    changed = await rekeying.rotate(filled, Keyring((NEW, KEY)), lambda *how: told.append(how))
    assert changed > 70
    assert sum(rows for rows, _ in told) == told[-1][1] >= changed
    rows = await everything(filled)
    assert opened(rows, Cipher((NEW,))) == before
    with pytest.raises(UnreadableError):
        opened(rows, Cipher((KEY,)))


async def test_a_second_time_nothing_is_left_to_do(filled: Database) -> None:
    await rekeying.rotate(filled, Keyring((NEW, KEY)), quiet)
    before = await everything(filled)
    assert await rekeying.rotate(filled, Keyring((NEW, KEY)), quiet) == 0
    assert await everything(filled) == before


async def test_interrupted_anywhere_it_goes_on_where_it_was(filled: Database) -> None:
    before = opened(await everything(filled), Cipher((KEY,)))

    class PowerCutError(Exception):
        pass

    def cut(_rows: int, _total: int) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        await rekeying.rotate(filled, Keyring((NEW, KEY)), cut)
    halfway = Keyring((NEW, KEY))
    await rekeying.survey(filled, halfway)
    assert halfway.opened[fingerprint(NEW)] > 0
    assert halfway.opened[fingerprint(KEY)] > 0
    await rekeying.rotate(filled, Keyring((NEW, KEY)), quiet)
    assert opened(await everything(filled), Cipher((NEW,))) == before


async def test_what_somebody_writes_meanwhile_is_not_overwritten(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew = rekeying._renew

    def renew_late(keyring: Keyring, batch) -> list:
        found = renew(keyring, batch)
        if batch[0].table.name == "patient":
            asyncio.run_coroutine_threadsafe(rename(), loop).result()
        return found

    async def rename() -> None:
        async with filled.writing() as session:
            patient = (await session.exec(select(Patient).order_by(Patient.id))).first()
            patient.name = Cipher((NEW, KEY)).seal("Married Name")
            session.add(patient)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(rekeying, "_renew", renew_late)
    await rekeying.rotate(filled, Keyring((NEW, KEY)), quiet)
    async with filled.reading() as session:
        patient = (await session.exec(select(Patient).order_by(Patient.id))).first()
    assert Cipher((NEW,)).open(patient.name) == "Married Name"


async def test_what_was_stored_without_a_key_is_sealed_and_other_texts_are_left(
    filled: Database,
) -> None:
    async with filled.writing() as session:
        await session.exec(text("UPDATE note SET body = 'plain:my arm'"))
        await session.exec(text("UPDATE clinic SET name = 'plain: physio', phone = 'gAAAAA'"))
    keyring = Keyring((NEW, KEY))
    await rekeying.rotate(filled, keyring, quiet)
    assert keyring.unreadable == 1
    async with filled.reading() as session:
        note = (await session.exec(select(Note))).one()
        (clinic,) = (await session.exec(text("SELECT name, phone FROM clinic"))).all()
    assert Cipher((NEW,)).open(note.body) == "my arm"
    assert tuple(clinic) == ("plain: physio", "gAAAAA")


async def test_a_lost_key_is_said_and_loses_nothing(tmp_path: Path, filled: Database) -> None:
    before = await everything(filled)
    done = await command(tmp_path, "keys", "rotate", DATABASE_URL=filled.url, ENCRYPTION_KEYS=NEW)
    assert (done.code, "none of the present keys" in done.err) == (1, True)
    assert await everything(filled) == before


async def test_check_names_the_keys_that_are_still_needed_until_rotated(
    tmp_path: Path, filled: Database
) -> None:
    settings = {"DATABASE_URL": filled.url, "ENCRYPTION_KEYS": f"{NEW},{KEY}"}
    needed = await command(tmp_path, "check", **settings)
    assert re.search(rf"keys: still needed: {fingerprint(KEY)} opens \d+ values", needed.out)
    done = await command(tmp_path, "keys", "rotate", **settings)
    assert (done.code, fingerprint(NEW) in done.out) == (0, True), done.said
    after = await command(tmp_path, "check", **settings)
    assert f"keys: only {fingerprint(NEW)} is needed" in after.out
    lost = await command(tmp_path, "check", **{**settings, "ENCRYPTION_KEYS": KEY})
    assert "FAULT keys" in lost.out


async def test_without_a_key_or_a_current_schema_it_says_what_to_do(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"
    none = await command(tmp_path, "keys", "rotate", DATABASE_URL=url)
    assert (none.code, "ENCRYPTION_KEYS" in none.err) == (2, True)
    old = await command(tmp_path, "keys", "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=NEW)
    assert (old.code, "symptom-diary migrate" in old.err) == (1, True)


async def test_the_running_bot_reads_and_writes_while_everything_is_sealed_anew(
    either: Stage,
) -> None:
    found, work = either, either.house.work
    old = found.house.settings.encryption_keys
    work.cipher = Cipher((NEW, *old))
    await session_for(found, found.ben)
    rotating = asyncio.create_task(rekeying.rotate(work.database, Keyring((NEW, *old)), quiet))
    for number in range(5):
        await found.ben.sends(f"sore number {number}")
        await found.clinician.sees(f"sore number {number}")
    assert await rotating > 0
    await rekeying.rotate(work.database, Keyring((NEW, *old)), quiet)
    rows = await everything(work.database)
    assert "sore number 4" in str(opened(rows, Cipher((NEW,))))


async def test_every_column_that_the_product_seals_is_known(filled: Database) -> None:
    """What ALLOW_PLAINTEXT leaves open is sealed later only in the columns that are listed."""
    sealed = set()
    for name, rows in (await everything(filled)).items():
        columns = [column.name for column in SQLModel.metadata.tables[name].columns]
        sealed |= {
            f"{name}.{column}"
            for row in rows
            for column, value in zip(columns, row, strict=True)
            if isinstance(value, str) and value.startswith("gAAAAA")
        }
    assert {"patient.name", "person.name", "note.body", "inbox.body"} <= sealed <= PLAIN_COLUMNS
