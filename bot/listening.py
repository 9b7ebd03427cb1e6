"""The way in by HTTP: a small server on the bot's own loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

# Requests under way when the bot stops may take so long (seconds); then they are cut off.
FINISH_WITHIN = 5


class ListenError(Exception):
    """LISTEN cannot be used; the text is one sentence, fit to be shown."""


class _Server(uvicorn.Server):
    """A server that leaves the signals of the process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: whoever runs the loop handles signals."""
        yield


@asynccontextmanager
async def listening(address: str, routes: Sequence[Route]) -> AsyncIterator[int]:
    """Serve these routes at `address` (HOST:PORT) until the block ends; yields the port.

    Port 0 takes a free one.

    Raises:
        ListenError: the address is taken, not this machine's, or not allowed.
    """
    host, _, port = address.rpartition(":")
    try:
        listener = socket.create_server(
            (host.strip("[]"), int(port)),
            family=socket.AF_INET6 if host.startswith("[") else socket.AF_INET,
        )
    except OSError as error:
        raise ListenError(
            f"LISTEN takes HOST:PORT, but {address} cannot be used ({error.strerror}): "
            "choose another port, or end the program that has it."
        ) from None
    with listener:
        server = _Server(
            uvicorn.Config(
                Starlette(routes=list(routes)),
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=FINISH_WITHIN,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]), name="listening")
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.005)
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task
