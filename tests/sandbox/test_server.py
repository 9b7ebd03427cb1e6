"""The server itself: the page, the event stream, the command line, the speed."""

import asyncio
import json
import os
import statistics
import sys
import time

import aiohttp
import pytest

from sandbox import server
from sandbox.server import serving
from tests.sandbox.conftest import DEFAULT_TOKEN


async def test_the_page_is_served_from_its_folder(monkeypatch, tmp_path):
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Phones</h1>")
    (folder / "page.js").write_text("1")
    (tmp_path / "outside.txt").write_text("secret")
    monkeypatch.setattr(server, "PAGE", folder)
    async with serving() as running, aiohttp.ClientSession(running.url) as session:
        async with session.get("/") as response:
            assert await response.text() == "<h1>Phones</h1>"
        async with session.get("/page.js") as response:
            assert response.status == 200
            assert "javascript" in response.headers["Content-Type"]
        async with session.get("/%2e%2e/outside.txt") as response:
            assert response.status == 404


async def test_the_event_stream_replays_what_came_after_a_number(api, anna):
    await api("sendMessage", chat_id=anna.id, text="hello")
    events = []
    async with api.session.get(f"{api.url}/_/events", headers={"Last-Event-ID": "1"}) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        while len(events) < 3:
            line = (await response.content.readline()).decode()
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
    assert [event["seq"] for event in events] == [2, 3, 4]
    assert events[-1]["message"]["text"] == "hello"


async def test_messages_can_be_asked_for_since_a_number(world, api, anna):
    sent = await api("sendMessage", chat_id=anna.id, text="hello")
    messages = await world.wire.get(f"chats/{anna.id}/messages")
    assert [message["text"] for message in messages] == ["/start", "hello"]
    seq = messages[-1]["seq"]
    await api("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="bye")
    (changed,) = await world.wire.get(f"chats/{anna.id}/messages", after=seq)
    assert (changed["text"], changed["edited"], changed["edit_count"]) == ("bye", True, 1)
    await api("deleteMessage", chat_id=anna.id, message_id=sent["message_id"])
    (deleted,) = await world.wire.get(f"chats/{anna.id}/messages", after=changed["seq"])
    assert deleted["deleted"]


async def test_a_request_that_misses_something_says_what(api):
    async with api.session.post(f"{api.url}/_/act", json={"do": "send"}) as response:
        assert response.status == 400
        assert "who" in (await response.json())["error"]


async def test_a_call_takes_a_few_milliseconds_at_most(world, api, anna):
    await world.limits(enabled=False)
    times = []
    for number in range(50):
        started = time.perf_counter()
        await api("sendMessage", chat_id=anna.id, text=str(number))
        times.append(time.perf_counter() - started)
    assert statistics.median(times) < 0.01


async def test_closing_does_not_wait_for_those_who_poll():
    async with aiohttp.ClientSession() as session:
        async with serving() as running:
            poll = f"{running.url}/bot{DEFAULT_TOKEN}/getUpdates?timeout=50"
            waiting = [
                asyncio.create_task(session.get(poll)),
                asyncio.create_task(session.get(f"{running.url}/_/clock?after=1&follower=x")),
                asyncio.create_task(session.get(f"{running.url}/_/events")),
            ]
            await asyncio.sleep(0.1)
            started = time.monotonic()
        assert time.monotonic() - started < 1.5
        for response in await asyncio.gather(*waiting):
            response.close()


@pytest.mark.parametrize("port", [0])
async def test_the_command_line_serves_until_it_is_interrupted(port):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", str(port),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        line = (await process.stdout.readline()).decode()
        url = line.split("is at ")[1].split()[0]
        me = f"{url}/bot{DEFAULT_TOKEN}/getMe"
        async with aiohttp.ClientSession() as session, session.get(me) as response:
            assert (await response.json())["result"]["username"] == "symptom_diary_bot"
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)
        process._transport.close()
