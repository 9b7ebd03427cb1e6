"""The simulated Telegram as one ASGI application, and as a server inside a running event loop."""

import asyncio
import mimetypes
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.control import Control
from sandbox.endpoint import TRANSPORT, BotApiEndpoint
from sandbox.errors import BotApiError, ControlError
from sandbox.telegram import Telegram
from sandbox.webhook import Webhook

PAGE = Path(__file__).parent / "page"


def create_app(telegram: Telegram) -> Starlette:
    """Return the application: Bot API, control side and page over this Telegram."""
    webhook = Webhook(telegram)
    bot_api = BotApiEndpoint(telegram, webhook)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        telegram.close()
        await webhook.stop()

    routes = [
        Route("/bot{token}/{method}", bot_api.call, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", bot_api.download),
        Mount("/_", routes=Control(telegram, webhook).routes()),
        Route("/{path:path}", page),
    ]
    handlers: dict[Any, Any] = {ControlError: _refuse, BotApiError: _refuse_call}
    handlers |= dict.fromkeys((KeyError, TypeError, ValueError), _refuse_unreadable)
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def page(request: Request) -> Response:
    """Return a file of the page; read here and now, because the files are small and local."""
    file = _page_file(request.path_params["path"] or "index.html")
    if file is None:
        return JSONResponse({"error": "There is no such page."}, status_code=404)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})


def _page_file(path: str) -> Path | None:
    """Return the file behind a path; None outside of the page's folder or where nothing is."""
    file = (PAGE / path).resolve()
    return file if file.is_relative_to(PAGE.resolve()) and file.is_file() else None


async def _refuse(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return JSONResponse({"error": str(error)}, status_code=409)


async def _refuse_call(request: Request, error: BotApiError) -> Response:  # noqa: ARG001
    return JSONResponse(error.body(), status_code=error.code)


async def _refuse_unreadable(request: Request, error: Exception) -> Response:
    """Answer 400 to control requests that miss something; elsewhere it is a fault of ours."""
    if not request.url.path.startswith("/_/"):
        raise error
    reason = f"The request cannot be read: {type(error).__name__} {error}"
    return JSONResponse({"error": reason}, status_code=400)


class DroppableProtocol(H11Protocol):
    """HTTP that shows its connection to the application, so that a fault can cut it."""

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Put the connection into the scope of every request; send small answers at once.

        asyncio leaves Nagle's algorithm on for sockets it did not make, which costs 40 ms a call.
        """
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


class Server(uvicorn.Server):
    """A server that leaves the signals of the process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: whoever runs the loop handles signals."""
        yield


def server_for(telegram: Telegram, *, own_signals: bool = False) -> uvicorn.Server:
    """Return a server for this Telegram; with `own_signals` Ctrl-C ends it."""
    config = uvicorn.Config(
        create_app(telegram),
        http=DroppableProtocol,
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config) if own_signals else Server(config)


@dataclass(frozen=True)
class Running:
    """A server that is up: where it is and the state behind it."""

    url: str
    telegram: Telegram


@asynccontextmanager
async def serving(
    port: int = 0, host: str = "127.0.0.1", telegram: Telegram | None = None
) -> AsyncIterator[Running]:
    """Serve on the running loop, on a free port by default, until the block ends."""
    telegram = telegram or Telegram()
    with socket.create_server((host, port)) as listener:
        server = server_for(telegram)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.002)
        try:
            yield Running(f"http://{host}:{listener.getsockname()[1]}", telegram)
        finally:
            telegram.close()
            server.should_exit = True
            await task
