"""Nobody sees or does what is not theirs: every handler, every stranger, every forged button."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from handlers.buttons import VERBS, ForgedError, pack, parse
from handlers.desk import Audience
from handlers.routes import ROUTES, Route
from sandbox.people import Person
from storage.tables import AuditEntry
from tests.walk.world import Stage, session_for, stage_for

# What may change when somebody is refused: the inbox, the audit chain, the bot's clockwork.
OWN_BUSINESS = {"inbox", "audit", "heartbeat", "outbox", "chat_turn"}
WORDS = {"danger", "none", "on", "24h"}


def plausible(route: Route) -> list[str]:
    """Callback data for each of a route's buttons, naming rows that exist."""
    return [
        pack(verb, *(1 if kind is int else "danger" for kind in VERBS[verb]))
        for verb in route.verbs
    ]


async def contents(found: Stage) -> dict[str, list]:
    """Every row of every table that a refusal must leave alone."""
    async with found.house.work.reading() as session:
        connection = await session.connection()
        return {
            table.name: sorted(map(str, (await connection.execute(table.select())).all()))
            for table in SQLModel.metadata.sorted_tables
            if table.name not in OWN_BUSINESS
        }


async def refusals(found: Stage) -> int:
    async with found.house.work.reading() as session:
        rows = await session.exec(select(AuditEntry).where(AuditEntry.action == "refused"))
        return len(rows.all())


async def try_everything(found: Stage, person: Person, routes: list[Route]) -> int:
    """Send each command and press each button of these routes; returns how many."""
    tried = 0
    for route in routes:
        if route.command:
            await person.sends(f"/{route.command}")
            tried += 1
        for data in plausible(route):
            message = [m for m in person.view().messages if m.from_bot][-1]
            answer = await person.view().taps_data(message, data)
            assert answer.answered, data
            assert answer.show_alert, data
            tried += 1
    async with asyncio.timeout(20):
        while await refusals(found) < tried:
            await asyncio.sleep(0.05)
    return tried


def for_others(*mine: Audience) -> list[Route]:
    return [
        route
        for route in ROUTES
        if route.audience not in (Audience.anyone, *mine) and (route.command or route.verbs)
    ]


async def test_a_stranger_is_refused_at_every_handler(tmp_path: Path, database_url) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        await session_for(found, found.ben)
        stranger = await found.world.person("Sam")
        await stranger.starts()
        await stranger.sees("use the link or the QR code")
        before, refused = await contents(found), await refusals(found)
        assert refused == 0
        tried = await try_everything(found, stranger, for_others())
        assert tried > 40
        assert await contents(found) == before


async def test_a_patient_is_refused_at_every_handler_of_the_staff(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    async with stage_for(tmp_path, url) as found:
        await found.world.limits(enabled=False)
        await session_for(found, found.ben)
        before = await contents(found)
        await try_everything(found, found.ben, for_others(Audience.patients))
        assert await contents(found) == before


async def test_a_clinician_is_refused_at_every_handler_of_the_admins(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    async with stage_for(tmp_path, url) as found:
        await found.world.limits(enabled=False)
        before = await contents(found)
        await try_everything(found, found.clinician, for_others(Audience.staff, Audience.patients))
        assert await contents(found) == before


async def test_a_patient_cannot_answer_for_another(tmp_path: Path, database_url) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        await session_for(found, found.anna)
        await session_for(found, found.ben)
        await found.world.forward(hours=22)
        theirs = await found.anna.sees("Check 1 of 5")
        mine = await found.ben.sees("Check 1 of 5")
        data = next(b.data for row in theirs.buttons for b in row if b.text.startswith("Yes"))
        before = await contents(found)
        for forged in (data, data.replace("a:", "t:") + ":on", "q:1:pain", "w:1", "h:1", "c:1"):
            answer = await found.ben.view().taps_data(mine, forged)
            assert answer.show_alert, forged
        assert await contents(found) == before


async def test_a_forged_button_is_answered_and_leaves_an_audit_line(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    async with stage_for(tmp_path, url) as found:
        await found.world.limits(enabled=False)
        await session_for(found, found.ben)
        for number, forged in enumerate(
            ("a:1:danger", "a:x:danger:yes", "zzz", "k:1;DROP", "a:9999999:danger:yes")
        ):
            shown = [m for m in found.ben.view().messages if m.from_bot][-1]
            answer = await found.ben.view().taps_data(shown, forged)
            assert answer.show_alert, forged
            assert await refusals(found) == number + 1


@given(st.text(max_size=64))
def test_any_callback_data_is_a_button_of_ours_or_refused(data: str) -> None:
    try:
        button = parse(data)
    except ForgedError:
        return
    assert pack(button.verb, *button.args) == data or any(
        isinstance(arg, int) for arg in button.args
    )


@given(st.sampled_from(sorted(VERBS)), st.integers(0, 2**40), st.sampled_from(sorted(WORDS)))
def test_what_is_packed_is_read_back_the_same(verb: str, number: int, word: str) -> None:
    args = tuple(number if kind is int else word for kind in VERBS[verb])
    assert parse(pack(verb, *args)).args == args


def test_every_verb_is_served_and_every_served_verb_exists() -> None:
    served = {verb for route in ROUTES for verb in route.verbs}
    assert served == set(VERBS)


async def test_a_notes_words_are_in_no_byte_of_the_database_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    async with stage_for(tmp_path, url) as found:
        await found.world.limits(enabled=False)
        await session_for(found, found.ben)
        await found.ben.sends("xylophone-quagmire hurts")
        await found.ben.sees("Notes are not read at once")
        await found.clinician.sees("xylophone-quagmire")
        await found.ben.taps("I'm worried")
        await found.ben.sees("has no phone number")
        await found.ben.shares_contact()
        await found.ben.sees("can call you now")
        picture = next(m for m in found.clinician.view().messages if "scan this" in m.text)
        await found.clinician.sends("Bartholomew Quincy", reply_to=picture)
        await found.clinician.sees("shown with that name")
        files = [*tmp_path.glob("test.db*")]  # noqa: ASYNC240
        assert {file.suffix for file in files} >= {".db", ".db-wal"}
        for file in files:
            kept = file.read_bytes()
            for secret in (b"xylophone", b"quagmire", b"Bartholomew", b"Quincy", b"900102"):
                assert secret not in kept, (file.name, secret)
    assert "xylophone" not in caplog.text
