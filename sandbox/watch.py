"""Follows everything that happens in a sandbox, so that waiting for something is cheap."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sandbox.connection import Connection
from sandbox.sight import ChatLog, Message, Pattern, fits

Found = TypeVar("Found")


class Line(NamedTuple):
    """One line of a transcript, in the order of what happened; the time is the simulated one."""

    time: datetime
    chat: str
    who: str
    text: str
    buttons: list[str]


class Watch:
    """Keeps every chat, tap, violation and transcript line as the event stream tells them."""

    def __init__(self, wire: Connection) -> None:
        self.wire = wire
        self.bot_id = 0
        self._logs: dict[int, ChatLog] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._violations: list[str] = []
        self._allowed: list[tuple[Pattern, int | None]] = []
        self._lines: list[Line] = []
        self._time: datetime | None = None
        self._seen = 0
        self._history = 0
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Start reading; return when everything that happened before has been read."""
        settings = await self.wire.get("settings")
        self.bot_id = int(settings["bot"]["id"])
        self._history = -1
        self._reading = asyncio.create_task(self._read())
        ready = await self.until(lambda: 0 <= self._history <= self._seen, 10.0)
        if not ready:
            raise AssertionError("The sandbox does not tell its events.")
        for log in self._logs.values():
            log.history = len(log.happenings)
            log.expected.update(log.now)

    async def close(self) -> None:
        """Stop reading and hang up."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._reading
        await self.wire.close()

    def log(self, chat_id: int) -> ChatLog:
        """Return what is known of a chat."""
        return self._logs.setdefault(chat_id, ChatLog())

    def answer(self, callback_id: str) -> dict[str, Any] | None:
        """Return the bot's answer to a tap, None while there is none."""
        found = self._answers.get(callback_id)
        return found if found and found["answered"] else None

    async def until(self, check: Callable[[], Found], timeout: float) -> Found | None:  # noqa: ASYNC109
        """Wait until the check is true; return what it found, None after so many seconds."""
        deadline = time.monotonic() + timeout
        while True:
            found = check()
            if found:
                return found
            if self._reading is not None and self._reading.done():
                raise AssertionError("The connection to the sandbox is gone.")
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def caught_up(self) -> None:
        """Wait until everything that has happened so far is known here."""
        last = (await self.wire.get("settings"))["last_event"]
        await self.until(lambda: self._seen >= last, 5.0)

    def allow(self, pattern: Pattern, person: Any = None) -> None:
        """Let bot messages that fit come without being looked for, to everybody or one person."""
        self._allowed.append((pattern, person.id if person is not None else None))

    def allowed(self, message: Message) -> bool:
        """Say whether this message was declared with allow()."""
        return any(
            chat in (None, message.chat_id) and fits(pattern, message.text)
            for pattern, chat in self._allowed
        )

    def assert_nothing_unexpected(self) -> None:
        """Fail on bot messages nobody matched, and on calls the Bot API does not know."""
        unexpected = [
            f"  {log.title}: {message.line()}"
            for log in {id(log): log for log in self._logs.values()}.values()
            for message in log.now.values()
            if message.from_bot and message.key not in log.expected and not self.allowed(message)
        ]
        problems = [*unexpected, *(f"  violation: {reason}" for reason in self._violations)]
        if problems:
            raise AssertionError("Nobody expected:\n" + "\n".join(problems))

    def note(self, chat: str, who: str, text: str) -> None:
        """Write a line into the transcript that is not a message."""
        self._lines.append(Line(self._time or datetime.min, chat, who, text, []))  # noqa: DTZ901

    def transcript(self) -> list[Line]:
        """Return (time, chat title, who, text, buttons) in the order of what happened."""
        return list(self._lines)

    async def _read(self) -> None:
        async for kind, data in self.wire.events():
            if kind == "history":
                self._history = data["last"]
            else:
                self._take(kind, data)
                self._seen = data["seq"]
            self._changed.set()
            self._changed = asyncio.Event()

    def _take(self, kind: str, data: dict[str, Any]) -> None:
        match kind:
            case "message" | "edit" | "delete":
                self._take_message(kind, Message.read(data["message"]))
            case "chat":
                self._take_chat(data["chat"])
            case "callback":
                self._answers[data["callback_id"]] = data
                if data["answered"] and data["text"] and self._seen >= self._history:
                    self.note(self.log(data["chat"]).title, "(toast)", data["text"])
            case "clock":
                self._time = datetime.fromisoformat(data["now"])
            case "violation":
                self._violations.append(f"{data['method']}: {data['reason']}")

    def _take_message(self, kind: str, message: Message) -> None:
        log = self.log(message.chat_id)
        if kind == "delete":
            log.now[message.key] = message
            return
        log.add(message)
        self._time = datetime.fromisoformat(message.view["changed"])
        if self._seen >= self._history:
            who = f"{message.sender} (edits)" if kind == "edit" else message.sender
            text = message.text or re.sub(r"^#\d+ [^:]*:", "", message.line()).strip()
            self._lines.append(Line(self._time, log.title, who, text, message.labels))

    def _take_chat(self, view: dict[str, Any]) -> None:
        if view["migrated_from"] is not None:
            self._logs[view["id"]] = self.log(view["migrated_from"])
        log = self.log(view["id"])
        log.title = view["title"]
        log.set_keyboard(view["keyboard"])
