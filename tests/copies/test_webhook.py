"""The webhook over real HTTP: stored before it is confirmed, refused when it is not Telegram's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from sqlalchemy import text
from telegram import Bot

import storage.inbox
from bot.listening import ListenError, listening
from bot.settings import load_settings
from bot.transport import AiohttpRequest
from bot.web import LARGEST_BODY, SECRET_HEADER, WebhookKeeper, webhook_route
from care.work import Work
from sandbox.people import World
from sandbox.server import serving
from storage.engine import Database
from tests.bot.test_inbox import message

SECRET = "the-secret"
SETTINGS = load_settings(
    None,
    bot_token="100001:SANDBOX",
    webhook_url="https://clinic.example/telegram",
    webhook_secret=SECRET,
)


@asynccontextmanager
async def posting(work: Work) -> AsyncIterator:
    """A function that posts a body to the webhook and returns the status."""
    arrived: list[None] = []
    route = webhook_route(SETTINGS, work, lambda: arrived.append(None))
    async with (
        listening("127.0.0.1:0", [route]) as port,
        aiohttp.ClientSession() as session,
    ):

        async def post(body: bytes, secret: str | None = SECRET, path: str = "/telegram") -> int:
            headers = {SECRET_HEADER: secret} if secret is not None else {}
            url = f"http://127.0.0.1:{port}{path}"
            async with session.post(url, data=body, headers=headers) as answer:
                return answer.status

        yield post


async def stored(work: Work) -> list[int]:
    async with work.reading() as session:
        return [row.update_id for row in await storage.inbox.undone(session)]


def body(update_id: int) -> bytes:
    return json.dumps(message(update_id, 7)).encode()


async def test_an_update_is_stored_when_the_answer_is_200_and_once_however_often(
    work: Work,
) -> None:
    async with posting(work) as post:
        assert [await post(body(5)), await post(body(5)), await post(body(6))] == [200] * 3
        assert await stored(work) == [5, 6]


@pytest.mark.parametrize("secret", [None, "", "the-secret-and-more", "the-Secret", "ключ"])
async def test_without_the_secret_nothing_is_stored(work: Work, secret: str | None) -> None:
    async with posting(work) as post:
        assert await post(body(5), secret=secret) == 403
        assert await stored(work) == []


@pytest.mark.parametrize(
    "junk",
    [
        b"", b"{", b"[]", b"{}", b'{"update_id": "5"}', b'{"update_id": true}', b"\xff\xfe",
        b"[" * 9999,
    ],
    ids=["empty", "cut", "list", "no-id", "text-id", "bool-id", "bytes", "deep"],
)  # fmt: skip
async def test_what_is_no_update_is_refused_and_stops_nothing(work: Work, junk: bytes) -> None:
    async with posting(work) as post:
        assert await post(junk) == 400
        assert await post(body(5)) == 200
        assert await stored(work) == [5]


async def test_an_endless_body_is_cut_off(work: Work) -> None:
    async with posting(work) as post:
        assert await post(b"x" * (LARGEST_BODY + 1)) == 413


async def test_other_paths_and_methods_lead_nowhere(work: Work) -> None:
    async with posting(work) as post:
        assert await post(body(5), path="/elsewhere") == 404
        assert await stored(work) == []


async def test_what_the_database_refuses_is_not_confirmed(work: Work, database: Database) -> None:
    async with posting(work) as post:
        async with database.writing() as session:
            await session.exec(text("ALTER TABLE inbox RENAME TO away"))
        assert await post(body(5)) == 503
        async with database.writing() as session:
            await session.exec(text("ALTER TABLE away RENAME TO inbox"))
        assert await post(body(5)) == 200
        assert await stored(work) == [5]


async def test_a_taken_port_is_named_in_one_sentence() -> None:
    async with listening("127.0.0.1:0", []) as port:
        with pytest.raises(ListenError, match=f"LISTEN.*127.0.0.1:{port}"):
            async with listening(f"127.0.0.1:{port}", []):
                pass


@asynccontextmanager
async def keeping(world: World, url: str, work: Work, contacts: list[float]) -> AsyncIterator[Bot]:
    bot = Bot(
        "100001:SANDBOX", f"{url}/bot", f"{url}/file/bot",
        request=AiohttpRequest(), get_updates_request=AiohttpRequest(),
    )  # fmt: skip

    async def on_contact(seconds: float) -> None:
        contacts.append(seconds)

    settings = SETTINGS.model_copy(update={"webhook_url": f"{url}/elsewhere"})
    async with bot:
        keepers = [
            asyncio.create_task(WebhookKeeper(settings, work, bot, on_contact, 0.05).run())
            for _copy in range(2)
        ]
        try:
            yield bot
        finally:
            for keeper in keepers:
                keeper.cancel()
                with suppress(asyncio.CancelledError):
                    await keeper


async def until(what, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.02)


async def test_two_copies_that_start_together_set_the_webhook_and_set_it_again_when_changed(
    work: Work,
) -> None:
    contacts: list[float] = []
    async with serving() as running, World.connect(running.url) as world:
        wanted = f"{running.url}/elsewhere"

        async def is_set() -> bool:
            return (await bot.get_webhook_info()).url == wanted

        async with keeping(world, running.url, work, contacts) as bot:
            await until(is_set)
            await asyncio.sleep(1.1)  # Telegram refuses a second setting within a second
            await bot.delete_webhook()
            await until(is_set)
            assert contacts


async def test_updates_that_cannot_be_delivered_count_as_silence(work: Work) -> None:
    contacts: list[float] = []
    async with serving() as running, World.connect(running.url) as world:
        work.clock.at = await world.now()
        async with keeping(world, running.url, work, contacts) as bot:
            anna = await world.person("Anna")
            await until(lambda: _has(contacts))
            await anna.starts()  # nobody listens at the webhook's address: 404
            await until(lambda: _failing(bot))
            await asyncio.sleep(0.2)
            heard = len(contacts)
            await asyncio.sleep(0.5)
            assert len(contacts) == heard


async def _has(contacts: list[float]) -> bool:
    return bool(contacts)


async def _failing(bot: Bot) -> bool:
    return (await bot.get_webhook_info()).last_error_date is not None
