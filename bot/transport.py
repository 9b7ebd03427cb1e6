"""HTTP to Telegram on aiohttp, through python-telegram-bot's own seam for it.

Every address holds the bot's token, and aiohttp's error texts hold the address. So nothing here
logs or passes on an address or an aiohttp text: our errors name the kind of failure only, and are
raised without the error that caused them.
"""

import asyncio
import io
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

import bot.environment  # noqa: F401  flood limits as errors, wherever the process began

FORM = "application/x-www-form-urlencoded"
# Shorter than Telegram's, so that we seldom write on a connection it is just closing.
KEEP_ALIVE_SECONDS = 15.0
DNS_SECONDS = 60


class NotSent(NetworkError):  # noqa: N818  the outcome's name, as Uncertain's
    """Not a byte of the request left: trying again repeats nothing."""

    may_have_arrived: ClassVar[bool] = False


class Uncertain(TimedOut):
    """The request left, or part of it, and no answer came: Telegram may have acted on it."""

    may_have_arrived: ClassVar[bool] = True


@dataclass(frozen=True)
class Timeouts:
    """Seconds for each stage of a request; None waits without end.

    A request gets the sum of its stages and no more: by default 20 s, and 35 s with a file, well
    within the 60 s for which a worker holds an outgoing message.

    Attributes:
        pool: for a free connection.
        connect: for the connection, name look-up and TLS included.
        write: for handing over the request.
        read: for each piece of the answer.
        media_write: instead of `write` when a file goes up, or comes down.
    """

    pool: float | None = 2.0
    connect: float | None = 5.0
    write: float | None = 5.0
    read: float | None = 8.0
    media_write: float | None = 20.0

    def total(self) -> float | None:
        """Seconds for the whole request once it has a connection slot."""
        if self.connect is None or self.write is None or self.read is None:
            return None
        return self.connect + self.write + self.read


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's requests over a pool of kept-alive HTTP/1.1 connections.

    Opened by `initialize` or by the first request; after `shutdown` only `initialize` opens it
    again. Errors: `NotSent` when the request surely did not leave, `Uncertain` when it may have
    arrived.
    """

    __slots__ = ("_closed", "_pool_size", "_session", "_slots", "_timeouts")

    def __init__(self, pool_size: int = 256, timeouts: Timeouts | None = None) -> None:
        self._pool_size = pool_size
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(pool_size)
        self._closed = False

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for each piece of an answer unless a call says otherwise."""
        return self._timeouts.read

    async def initialize(self) -> None:
        """Open the pool; harmless when it is open."""
        self._closed = False
        self._open()

    async def shutdown(self) -> None:
        """Close the pool and its connections; harmless when it is closed."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Telegram's answer as a dict.

        Unlike the library's own it does not log an answer it cannot read: that may hold people's
        words.

        Raises:
            Uncertain: it is not a JSON object (a gateway answered, or the answer is damaged).
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Uncertain("Invalid server response")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send one request; returns the HTTP status and the body.

        Raises:
            NotSent: no connection, or no free slot, in time.
            Uncertain: no answer in time, or the connection was cut while we waited for it.
        """
        usual = self._timeouts
        heavy = method == "GET" or (request_data is not None and request_data.contains_files)
        timeouts = Timeouts(
            pool=_given(pool_timeout, usual.pool),
            connect=_given(connect_timeout, usual.connect),
            write=_given(write_timeout, usual.media_write if heavy else usual.write),
            read=_given(read_timeout, usual.read),
        )
        await self._take_slot(timeouts.pool)
        try:
            return await self._exchange(url, method, request_data, timeouts)
        finally:
            self._slots.release()

    async def _take_slot(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise NotSent(
                "Pool timeout: all connections are in use; the request was not sent"
            ) from None

    async def _exchange(
        self, url: str, method: str, data: RequestData | None, timeouts: Timeouts
    ) -> tuple[int, bytes]:
        flight = SimpleNamespace(left=False)
        failure: Exception
        try:
            async with self._open().request(
                method,
                url,
                data=_body(data),
                headers=_headers(method, data),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=timeouts.total(),
                    sock_connect=timeouts.connect,
                    sock_read=timeouts.read,
                ),
                trace_request_ctx=flight,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = _failure(error, left=flight.left)
        raise failure

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            if self._closed:
                raise NotSent("the connection pool is shut down")
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_departure)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._pool_size,
                    keepalive_timeout=KEEP_ALIVE_SECONDS,
                    ttl_dns_cache=DNS_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                trace_configs=[trace],
            )
        return self._session


async def _note_departure(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object
) -> None:
    context.trace_request_ctx.left = True


def _given(value: object, usual: float | None) -> float | None:
    """A call's own time-out; the library's marker for "not given" is neither a number nor None."""
    return value if value is None or isinstance(value, (int, float)) else usual


def _headers(method: str, data: RequestData | None) -> dict[str, str]:
    """The form's type; aiohttp itself names a multipart body's."""
    if method == "GET" or (data is not None and data.contains_files):
        return {}
    return {"Content-Type": FORM}


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if data is None:
        return None
    if not data.contains_files:
        return data.url_encoded_parameters().encode()
    # Telegram reads plain UTF-8 file names, not percent-encoded ones.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=_printable(filename), content_type=kind)
    return form


def _printable(filename: str) -> str:
    """A file's name with nothing in it that would end a header line."""
    return "".join(sign if sign.isprintable() else "_" for sign in filename)


def _failure(error: Exception, *, left: bool) -> Exception:
    """Our error for aiohttp's: its class alone, because its text holds the address."""
    kind = type(error).__name__
    if not left:
        return NotSent(f"No connection to Telegram ({kind}); the request was not sent")
    if isinstance(error, TimeoutError):
        return Uncertain(f"No answer from Telegram in time ({kind})")
    return Uncertain(f"The connection to Telegram was cut before its answer ({kind})")
