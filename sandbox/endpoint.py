"""The HTTP side of the Bot API: reading calls, faults, the call log, downloads."""

import asyncio
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.bot_api import carry_out
from sandbox.bot_api.call import Call, Upload
from sandbox.errors import BotApiError, bad_request, too_many_requests
from sandbox.faults import Fault
from sandbox.telegram import Telegram
from sandbox.webhook import Webhook

TRANSPORT = "sandbox.transport"
LONGEST_HOLD = 600.0
LARGEST_FIELD = 2**20 * 60
PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class NoAnswer(Response):
    """Holds the connection until the client gives up, or cuts it."""

    def __init__(self, telegram: Telegram, *, cut: bool) -> None:
        super().__init__()
        self._telegram = telegram
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing at all."""
        transport: asyncio.Transport | None = scope.get(TRANSPORT)
        if transport is None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            return
        if not self._cut:
            await self._hold(receive)
        transport.abort()
        await asyncio.sleep(0.01)

    async def _hold(self, receive: Receive) -> None:
        hanging_up = asyncio.create_task(_hung_up(receive))
        waited = 0.0
        while not (hanging_up.done() or self._telegram.closed or waited > LONGEST_HOLD):
            await asyncio.wait((hanging_up,), timeout=0.05)
            waited += 0.05
        hanging_up.cancel()
        await asyncio.gather(hanging_up, return_exceptions=True)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


class BotApiEndpoint:
    """Answers `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

    def __init__(self, telegram: Telegram, webhook: Webhook) -> None:
        self._telegram = telegram
        self._webhook = webhook

    async def call(self, request: Request) -> Response:
        """Carry out one call, unless a fault is in the way, and write it into the call log."""
        telegram = self._telegram
        if request.path_params["token"] != telegram.token:
            return _refusal(BotApiError(401, "Unauthorized"))
        call = await read_call(request)
        fault = telegram.faults.strike(call.method, call.text("chat_id"))
        if fault is not None and (answer := await self._fault_before(fault)):
            self._log(call, f"fault {fault.kind}")
            return answer
        try:
            result = await carry_out(telegram, self._webhook, call)
        except BotApiError as error:
            self._log(call, error.description)
            answer = _refusal(error)
        else:
            self._log(call, None)
            answer = JSONResponse({"ok": True, "result": result})
        if fault is not None and fault.kind in ("timeout_after", "drop_after"):
            return NoAnswer(telegram, cut=fault.kind == "drop_after")
        return answer

    async def _fault_before(self, fault: Fault) -> Response | None:
        """Return what the fault answers instead of carrying the call out, None to go on."""
        match fault.kind:
            case "status":
                phrase = fault.description or PHRASES.get(fault.status, "Error")
                return _refusal(BotApiError(fault.status, phrase))
            case "retry_after":
                return _refusal(too_many_requests(max(int(fault.seconds), 1)))
            case "timeout_before" | "drop_before":
                return NoAnswer(self._telegram, cut=fault.kind == "drop_before")
            case "slow":
                await asyncio.sleep(fault.seconds)
        return None

    async def download(self, request: Request) -> Response:
        """Return the bytes of a file."""
        if request.path_params["token"] != self._telegram.token:
            return _refusal(BotApiError(401, "Unauthorized"))
        stored = self._telegram.files.get(request.path_params["path"].split("/")[0])
        if stored is None or stored.path != request.path_params["path"]:
            return _refusal(BotApiError(404, "Not Found"))
        return Response(stored.data, media_type="application/octet-stream")

    def _log(self, call: Call, error: str | None) -> None:
        files = {
            name: f"<{len(file.data)} bytes of {file.name}>" for name, file in call.files.items()
        }
        entry: dict[str, Any] = {
            "seq": len(self._telegram.calls) + 1,
            "at": self._telegram.clock.now().isoformat(),
            "method": call.method,
            "params": {**call.parameters, **files},
            "ok": error is None,
        }
        self._telegram.calls.append(entry | ({"error": error} if error else {}))


async def read_call(request: Request) -> Call:
    """Read a call from query, JSON or form; files go apart."""
    parameters: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        body = await request.json()
        parameters |= body if isinstance(body, dict) else {}
    elif kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        async with request.form(max_part_size=LARGEST_FIELD) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    mime_type = value.content_type or "application/octet-stream"
                    data = await value.read()
                    files[name] = Upload(value.filename or "file", mime_type, data)
                else:
                    parameters[name] = value
    elif await request.body():
        raise bad_request("unsupported content type")
    return Call(request.path_params["method"], parameters, files)


def _refusal(error: BotApiError) -> JSONResponse:
    return JSONResponse(error.body(), status_code=error.code)
