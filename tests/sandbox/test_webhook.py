"""Delivery of updates to a URL."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.sandbox.conftest import RefusedError, buttons

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Listener:
    """A bot's own web server; `answers` are the statuses to give, 200 when used up."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[dict] = []
        self.secrets: list[str | None] = []
        self.url = ""
        self.slow = 0.0
        self.at_once = 0
        self.most_at_once = 0

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.got.append(await request.json())
        self.secrets.append(request.headers.get(HEADER))
        await asyncio.sleep(self.slow)
        self.at_once -= 1
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def has(self, count: int) -> None:
        for _ in range(400):
            if len(self.got) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {len(self.got)} deliveries: {self.got}")


@asynccontextmanager
async def listening():
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listener.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook"
    try:
        yield listener
    finally:
        await runner.cleanup()


@pytest.fixture
async def listener():
    async with listening() as listener:
        yield listener


async def test_updates_come_with_the_secret_and_once(api, anna, listener):
    await api("setWebhook", url=listener.url, secret_token="s3cret_-")
    await anna.sends("hello")
    await listener.has(1)
    assert listener.got[0]["message"]["text"] == "hello"
    assert listener.secrets == ["s3cret_-"]
    await asyncio.sleep(0.1)
    assert len(listener.got) == 1
    assert (await api("getWebhookInfo"))["pending_update_count"] == 0


async def test_a_refused_update_comes_again_until_it_is_taken(world, api, anna, listener):
    await world.settings(webhook_pace=0.01)
    listener.answers = [500, 503]
    await api("setWebhook", url=listener.url)
    await anna.sends("hello")
    await listener.has(3)
    assert {update["update_id"] for update in listener.got} == {listener.got[0]["update_id"]}
    info = await api("getWebhookInfo")
    assert "503 Service Unavailable" in info["last_error_message"]


async def test_an_update_is_given_up_in_the_end_and_the_next_one_comes(world, api, anna, listener):
    await world.settings(webhook_pace=0.001)
    listener.answers = [500] * 10
    await api("setWebhook", url=listener.url)
    await anna.sends("lost")
    await anna.sends("found")
    await listener.has(11)
    texts = [update["message"]["text"] for update in listener.got]
    assert texts == ["lost"] * 10 + ["found"]


async def test_a_tap_is_given_up_when_its_150_seconds_are_over(world, api, anna, listener):
    await world.settings(webhook_pace=0.05)
    listener.answers = [500] * 10
    await api("setWebhook", url=listener.url)
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=buttons({"Yes": "y"}))
    message = await anna.sees("?")
    await anna.act("tap", message_id=message.message_id, data="y")
    await listener.has(1)
    await world.forward(seconds=151)
    tried = len(listener.got)
    await asyncio.sleep(1)
    assert len(listener.got) <= tried + 1
    assert (await api("getWebhookInfo"))["pending_update_count"] == 0


async def test_one_chat_is_delivered_in_order_and_chats_side_by_side(
    world, api, anna, dr, listener
):
    listener.slow = 0.05
    await api("setWebhook", url=listener.url, max_connections=2)
    for number in range(3):
        await anna.sends(f"a{number}")
        await dr.sends(f"d{number}")
    await listener.has(6)
    texts = [update["message"]["text"] for update in listener.got]
    assert [text for text in texts if text[0] == "a"] == ["a0", "a1", "a2"]
    assert listener.most_at_once == 2


async def test_get_updates_is_409_while_a_webhook_is_set(api, listener):
    await api("setWebhook", url=listener.url)
    with pytest.raises(RefusedError, match="while webhook is active") as no:
        await api("getUpdates")
    assert no.value.code == 409
    await api("deleteWebhook")
    assert await api("getUpdates") == []


async def test_setting_a_webhook_ends_a_waiting_poll(api, listener):
    polling = asyncio.create_task(api("getUpdates", timeout=20))
    await asyncio.sleep(0.05)
    await api("setWebhook", url=listener.url)
    with pytest.raises(RefusedError, match="Conflict: terminated by setWebhook request"):
        await polling


async def test_a_second_set_webhook_within_a_second_is_429(api, listener):
    await api("setWebhook", url=listener.url)
    with pytest.raises(RefusedError, match="Too Many Requests: retry after 1") as no:
        await api("setWebhook", url=listener.url)
    assert no.value.parameters == {"retry_after": 1}
    await asyncio.sleep(1.05)
    await api("setWebhook", url=listener.url)


async def test_plain_http_is_for_this_machine_only(api):
    with pytest.raises(RefusedError, match="An HTTPS URL must be provided"):
        await api("setWebhook", url="http://example.org/hook")


async def test_pending_updates_can_be_dropped(api, anna, listener):
    await anna.sends("old")
    await api("setWebhook", url=listener.url, drop_pending_updates=True)
    await anna.sends("new")
    await listener.has(1)
    assert listener.got[0]["message"]["text"] == "new"
