"""One sandbox per test, with people, a raw caller of the Bot API and a real client library."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "1")

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import telegram

from sandbox.people import Group, Person, World
from sandbox.server import Running, serving
from sandbox.specification import Specification
from sandbox.telegram import DEFAULT_TOKEN, Telegram

DESCRIPTION = Path(__file__).parents[3] / "shared" / "telegram-bot-api.json"


class RefusedError(Exception):
    """The Bot API said no."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body["description"])
        assert status == body["error_code"]
        self.code = status
        self.parameters = body.get("parameters", {})


class Api:
    """Calls the Bot API as any program would, with JSON."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session
        self.offset = 0

    async def __call__(self, method: str, **parameters: Any) -> Any:
        url = f"{self.url}/bot{DEFAULT_TOKEN}/{method}"
        async with self.session.post(url, json=parameters) as response:
            body = await response.json()
        if not body["ok"]:
            raise RefusedError(response.status, body)
        return body["result"]

    async def updates(self, **parameters: Any) -> list[dict[str, Any]]:
        """Get what is new and confirm it with the next call."""
        found = await self("getUpdates", offset=self.offset, **parameters)
        if found:
            self.offset = found[-1]["update_id"] + 1
        return found

    async def only_update(self, kind: str) -> dict[str, Any]:
        """Return the one new update, which must be of this kind."""
        found = await self.updates()
        assert [set(update) - {"update_id"} for update in found] == [{kind}]
        return found[0][kind]


@pytest.fixture
def described() -> Specification | None:
    return Specification.load(DESCRIPTION) if DESCRIPTION.exists() else None


@pytest.fixture
async def running(described) -> AsyncIterator[Running]:
    async with serving(telegram=Telegram(specification=described)) as running:
        yield running


@pytest.fixture
async def world(running: Running) -> AsyncIterator[World]:
    async with World.connect(running.url) as world:
        yield world


@pytest.fixture
async def api(running: Running) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(running.url, session)


@pytest.fixture
async def client(running: Running) -> AsyncIterator[telegram.Bot]:
    base = {"base_url": f"{running.url}/bot", "base_file_url": f"{running.url}/file/bot"}
    async with telegram.Bot(DEFAULT_TOKEN, **base) as bot:
        yield bot


@pytest.fixture
async def anna(world: World, running: Running) -> Person:
    """A person who has pressed Start; nothing waits for the bot."""
    anna = await world.person("Anna", language_code="en", phone="+442079460000")
    await anna.starts()
    running.telegram.updates.clear()
    return anna


@pytest.fixture
async def dr(world: World, running: Running) -> Person:
    """A clinician who has pressed Start."""
    dr = await world.person("Dr Lee", username="drlee")
    await dr.starts()
    running.telegram.updates.clear()
    return dr


@pytest.fixture
async def group(world: World, running: Running, dr: Person, anna: Person) -> Group:
    """A group that the bot is in; nothing waits for the bot."""
    group = await world.group("Clinic alerts", [dr, anna])
    await group.add_bot(dr)
    running.telegram.updates.clear()
    return group


def buttons(*rows: dict[str, str]) -> dict[str, Any]:
    """Return an inline keyboard, each row a mapping of labels to callback data."""
    return {
        "inline_keyboard": [
            [{"text": text, "callback_data": data} for text, data in row.items()] for row in rows
        ]
    }
