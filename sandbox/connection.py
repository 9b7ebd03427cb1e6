"""The wire between tests or a player and the control side of a running sandbox."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from sandbox.errors import ControlError

QUIET = aiohttp.ClientTimeout(total=None)
PATIENT = aiohttp.ClientTimeout(total=30)


class Connection:
    """HTTP to one sandbox; refusals come as ControlError with the sandbox's own words."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()

    async def get(self, path: str, **query: Any) -> Any:
        """Read `/_/path`."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Do `/_/path`; what is None in the body is left out."""
        filled = {name: value for name, value in (body or {}).items() if value is not None}
        return await self._ask("POST", path, json=filled)

    async def delete(self, path: str) -> Any:
        """Clear `/_/path`."""
        return await self._ask("DELETE", path)

    async def download(self, path: str) -> bytes:
        """Return the bytes of a file by the `url` of its view."""
        async with self._session.get(f"{self.url}{path}", timeout=PATIENT) as response:
            return await response.read()

    async def _ask(self, verb: str, path: str, **details: Any) -> Any:
        url = f"{self.url}/_/{path}"
        async with self._session.request(verb, url, timeout=PATIENT, **details) as response:
            body = await response.json()
            if response.status >= 400:
                raise ControlError(body["error"])
            return body

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yield `("history", {"last": n})`, then (kind, data) of every event from the first."""
        url = f"{self.url}/_/events"
        async with self._session.get(url, params={"after": 0}, timeout=QUIET) as response:
            yield "history", {"last": int(response.headers["X-Last-Event"])}
            kind, data = "", ""
            buffer = b""
            async for chunk in response.content.iter_any():
                buffer += chunk
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    name, _, value = line.decode().partition(": ")
                    if name == "event":
                        kind = value
                    elif name == "data":
                        data = value
                    elif not line and kind:
                        yield kind, json.loads(data)
                        kind = ""
