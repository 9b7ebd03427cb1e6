"""Requests to a real small HTTP server, and to servers that behave badly."""

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.transport import AiohttpRequest, NotSent, Timeouts, Uncertain

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
SENT = {"message_id": 7, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "hello"}
IMPATIENT = Timeouts(pool=0.2, connect=0.5, write=0.2, read=0.3, media_write=0.5)


def ok(result=SENT):
    return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def telegram(answer, *, timeouts=IMPATIENT, pool_size=8):
    """A Bot whose server answers each call with `answer(request)`."""
    app = web.Application(client_max_size=2**25)
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with bot_on(port, timeouts=timeouts, pool_size=pool_size) as bot:
            yield bot
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bot_on(port, *, timeouts=IMPATIENT, pool_size=8):
    request, polling = AiohttpRequest(pool_size, timeouts), AiohttpRequest(1, timeouts)
    base = f"http://127.0.0.1:{port}"
    try:
        yield Bot(
            TOKEN,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request,
            get_updates_request=polling,
        )
    finally:
        await request.shutdown()
        await polling.shutdown()


@asynccontextmanager
async def raw_server(talk):
    """A TCP server that hands each connection to `talk(reader, writer)`."""

    tasks = []

    async def serve(reader, writer):
        tasks.append(asyncio.current_task())
        try:
            await talk(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_a_message_arrives_with_its_text_and_nested_buttons_as_json():
    seen = {}

    async def answer(request):
        seen.update(await request.post(), path=request.path, version=request.version)
        return ok()

    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Sí, gracias", callback_data="on:1")]])
    async with telegram(answer) as bot:
        message = await bot.send_message(5, "¿Qué tal? <b>&</b> +1", reply_markup=buttons)

    assert message.message_id == 7
    assert seen["path"] == f"/bot{TOKEN}/sendMessage"
    assert tuple(seen["version"]) == (1, 1)
    assert (seen["chat_id"], seen["text"]) == ("5", "¿Qué tal? <b>&</b> +1")
    button = json.loads(seen["reply_markup"])["inline_keyboard"][0][0]
    assert button == {"text": "Sí, gracias", "callback_data": "on:1"}


async def test_a_file_larger_than_a_megabyte_arrives_intact_with_its_name_and_caption():
    content = bytes(range(256)) * 8192
    seen = {}

    async def answer(request):
        form = await request.post()
        file = form["document"]
        seen.update(
            name=file.filename, kind=file.content_type, content=file.file.read(),
            caption=form["caption"],
        )  # fmt: skip
        return ok()

    async with telegram(answer, timeouts=Timeouts()) as bot:
        file = InputFile(content, 'año "1".png')
        await bot.send_document(5, file, caption="<b>Día 2</b>")

    assert seen == {
        "name": 'año "1".png', "kind": "image/png", "content": content, "caption": "<b>Día 2</b>"
    }  # fmt: skip


async def test_a_file_name_cannot_end_the_header_it_stands_in():
    seen = {}

    async def answer(request):
        seen["name"] = (await request.post())["document"].filename
        return ok()

    async with telegram(answer) as bot:
        await bot.send_document(5, InputFile(b"x", "a\r\nX-Evil: 1.txt"))

    assert seen["name"] == "a__X-Evil: 1.txt"


async def test_an_open_file_is_uploaded_too(tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(b"a,b\n1,2\n")
    seen = {}

    async def answer(request):
        seen["content"] = (await request.post())["document"].file.read()
        return ok()

    async with telegram(answer) as bot:
        with path.open("rb") as handle:
            await bot.send_document(5, InputFile(handle, read_file_handle=False))

    assert seen["content"] == b"a,b\n1,2\n"


async def test_a_file_of_a_patient_is_downloaded():
    async def answer(request):
        if request.path.startswith("/file/"):
            return web.Response(body=b"\x00picture")
        return ok({"file_id": "f", "file_unique_id": "u", "file_path": "photos/1.jpg"})

    async with telegram(answer) as bot:
        file = await bot.get_file("f")
        assert bytes(await file.download_as_bytearray()) == b"\x00picture"


async def test_many_calls_share_the_kept_connections():
    peers = set()

    async def answer(request):
        peers.add(request.transport.get_extra_info("peername"))
        return ok()

    async with telegram(answer, pool_size=4, timeouts=Timeouts()) as bot:
        await asyncio.gather(*(bot.send_message(5, "x") for _ in range(40)))

    assert 1 <= len(peers) <= 4


async def test_a_refused_connection_is_known_not_to_have_sent_anything():
    async with bot_on(closed_port()) as bot:
        with pytest.raises(NotSent) as caught:
            await bot.send_message(5, "x")

    assert caught.value.may_have_arrived is False
    assert not isinstance(caught.value, TimedOut)


async def test_an_unknown_host_is_known_not_to_have_sent_anything():
    request = AiohttpRequest(timeouts=IMPATIENT)
    with pytest.raises(NotSent):
        await request.post(f"http://telegram.invalid/bot{TOKEN}/getMe")
    await request.shutdown()


async def test_a_connection_that_is_never_made_is_known_not_to_have_sent_anything():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = []
        for _ in range(4):  # the backlog is full: further handshakes go unanswered
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        try:
            async with bot_on(address[1]) as bot:
                with pytest.raises(NotSent):
                    await bot.send_message(5, "x")
        finally:
            for filler in fillers:
                filler.close()


async def test_no_free_connection_is_known_not_to_have_sent_anything():
    released = asyncio.Event()

    async def answer(request):
        await released.wait()
        return ok()

    patient = Timeouts(pool=0.05)
    async with telegram(answer, pool_size=1, timeouts=patient) as bot:
        first = asyncio.create_task(bot.send_message(5, "x"))
        await asyncio.sleep(0.05)
        with pytest.raises(NotSent, match="Pool timeout"):
            await bot.send_message(5, "y")
        released.set()
        assert (await first).message_id == 7


async def test_an_answer_that_never_comes_may_have_arrived():
    arrived = []

    async def answer(request):
        arrived.append((await request.post())["text"])
        await asyncio.sleep(5)
        return ok()

    async with telegram(answer) as bot:
        with pytest.raises(Uncertain) as caught:
            await bot.send_message(5, "x")

    assert arrived == ["x"]
    assert isinstance(caught.value, TimedOut)
    assert caught.value.may_have_arrived is True


async def test_an_answer_that_trickles_for_ever_ends_with_the_whole_requests_time():
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await asyncio.sleep(0.1)

    async with raw_server(talk) as port, bot_on(port) as bot:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Uncertain):
            await bot.send_message(5, "x")
        assert asyncio.get_running_loop().time() - began < 3 * (IMPATIENT.total() or 0)


@pytest.mark.parametrize("answered", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"])
async def test_a_connection_cut_after_the_request_may_have_arrived(answered):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answered)
        await writer.drain()

    async with raw_server(talk) as port, bot_on(port) as bot:
        with pytest.raises(Uncertain):
            await bot.send_message(5, "x")


async def test_a_message_is_never_sent_twice_by_the_transport_itself():
    requests = []

    async def talk(reader, writer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            requests.append(head)
            if len(requests) > 1:
                return
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            body = json.dumps({"ok": True, "result": SENT}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with raw_server(talk) as port, bot_on(port) as bot:
        await bot.send_message(5, "first")
        with pytest.raises(Uncertain):
            await bot.send_message(5, "second")

    assert len(requests) == 2


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, '{"ok":false,"error_code":400,"description":"chat not found"}', BadRequest),
        (401, '{"ok":false,"error_code":401,"description":"Unauthorized"}', InvalidToken),
        (403, '{"ok":false,"description":"Forbidden: bot was blocked by the user"}', Forbidden),
        (409, '{"ok":false,"description":"Conflict: terminated by other"}', Conflict),
        (429, '{"ok":false,"description":"Too Many","parameters":{"retry_after":7}}', RetryAfter),
        (400, '{"ok":false,"parameters":{"migrate_to_chat_id":-1001}}', ChatMigrated),
        (502, '{"ok":false,"description":"Bad Gateway"}', NetworkError),
        (400, "<html>nginx</html>", BadRequest),
        (403, "", Forbidden),
        (429, "<html>slow down</html>", NetworkError),
        (502, "<html>Bad Gateway</html>", NetworkError),
        (502, "null", NetworkError),
        (302, "", NetworkError),
    ],
)  # fmt: skip
async def test_a_refusal_becomes_the_librarys_own_error(status, body, expected):
    async def answer(request):
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(status=status, text=body, headers=headers)

    async with telegram(answer) as bot:
        with pytest.raises(expected) as caught:
            await bot.send_message(5, "x")

    assert type(caught.value) is expected


async def test_a_flood_limit_says_how_long_to_wait():
    async def answer(request):
        return web.json_response({"ok": False, "parameters": {"retry_after": 7}}, status=429)

    async with telegram(answer) as bot:
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(5, "x")

    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("body", ["<html>Anna wrote</html>", "[1]", ""])
async def test_a_success_that_cannot_be_read_may_have_arrived_and_its_words_are_not_logged(
    body, caplog
):
    async def answer(request):
        return web.Response(text=body)

    with caplog.at_level(logging.DEBUG):
        async with telegram(answer) as bot:
            with pytest.raises(Uncertain):
                await bot.send_message(5, "x")

    assert "Anna wrote" not in caplog.text


async def test_a_call_may_have_longer_than_usual_for_a_long_poll():
    async def answer(request):
        await asyncio.sleep(1.3)
        return ok([])

    async with telegram(answer) as bot:
        assert await bot.get_updates(timeout=2) == ()


async def test_a_call_may_have_less_time_than_usual():
    async def answer(request):
        await asyncio.sleep(5)
        return ok()

    async with telegram(answer, timeouts=Timeouts()) as bot:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Uncertain):
            await bot.send_message(5, "x", read_timeout=0.1)
        assert asyncio.get_running_loop().time() - began < 2


def test_no_request_outlives_the_lease_of_the_message_it_sends():
    usual = Timeouts()
    media = Timeouts(write=usual.media_write)

    assert (usual.pool or 0) + (usual.total() or 0) == 20
    assert (media.pool or 0) + (media.total() or 0) < 60


async def test_after_shutting_down_nothing_is_sent_until_it_is_opened_again():
    async def answer(request):
        return ok()

    async with telegram(answer) as bot:
        await bot.request.shutdown()
        await bot.request.shutdown()
        with pytest.raises(NotSent):
            await bot.send_message(5, "x")
        await bot.request.initialize()
        assert (await bot.send_message(5, "x")).message_id == 7


async def _failures():
    async def silent(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(2)

    async def rude(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"this is not HTTP\r\n\r\n")
        await writer.drain()

    async def blunt(reader, writer):
        await reader.readuntil(b"\r\n\r\n")

    for talk in (silent, rude, blunt):
        async with raw_server(talk) as port:
            yield f"http://127.0.0.1:{port}"
    yield f"http://127.0.0.1:{closed_port()}"
    yield "http://127.0.0.1:99999"
    yield "nonsense:/"


async def test_no_failure_shows_the_token_in_its_text_its_causes_or_the_log(caplog):
    request = AiohttpRequest(timeouts=IMPATIENT)
    with caplog.at_level(logging.DEBUG):
        async for base in _failures():
            with pytest.raises((NotSent, Uncertain)) as caught:
                await request.post(f"{base}/bot{TOKEN}/getMe")
            logging.getLogger("test").error("failed", exc_info=caught.value)
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
    await request.shutdown()

    assert TOKEN not in caplog.text
