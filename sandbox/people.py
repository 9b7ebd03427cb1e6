"""People and groups to write tests and demonstrations with: they see, tap and write as people do.

world = await World.connect(url)
anna = await world.person("Anna", language_code="en")
await anna.starts("invitation")
await anna.sees("Hello")
await anna.taps("Yes")
world.assert_nothing_unexpected()
"""

from collections.abc import Awaitable, Generator, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from sandbox.connection import Connection
from sandbox.phones import Answer, Group, Person, View
from sandbox.sight import Button, Message
from sandbox.watch import Line, Watch

__all__ = ["Answer", "Button", "Group", "Line", "Message", "Person", "View", "World"]


class Connecting(Awaitable["World"]):
    """A world on its way: await it, or enter it and have it closed at the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._world: World | None = None

    def __await__(self) -> Generator[Any, None, "World"]:
        return self._connect().__await__()

    async def _connect(self) -> "World":
        world = World(Connection(self._url))
        try:
            await world.follow()
        except BaseException:
            await world.close()
            raise
        return world

    async def __aenter__(self) -> "World":
        self._world = await self._connect()
        return self._world

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._world is not None:
            await self._world.close()


class World(Watch):
    """Everybody in one sandbox, its clock and its faults. Close it at the end."""

    @classmethod
    def connect(cls, url: str) -> Connecting:
        """Connect to a running sandbox: `await` it or use it with `async with`."""
        return Connecting(url)

    async def person(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = None,
        phone: str | None = None,
        role: str | None = None,
    ) -> Person:
        """Bring somebody in who has never met the bot; the role says where the page shows them."""
        details = {
            "first_name": first_name,
            "last_name": last_name,
            "username": username,
            "language_code": language_code,
            "phone": phone,
            "role": role,
        }
        person = Person(self, await self.wire.post("people", details))
        await self.caught_up()
        return person

    async def group(
        self, title: str, members: Sequence[Person], *, is_forum: bool = False
    ) -> Group:
        """Open a group without the bot; the first member is its creator."""
        ids = [member.id for member in members]
        body = {"title": title, "members": ids, "is_forum": is_forum}
        group = Group(self, await self.wire.post("groups", body))
        await self.caught_up()
        return group

    async def now(self) -> datetime:
        """Return the simulated time."""
        return datetime.fromisoformat((await self.wire.get("clock"))["now"])

    async def forward(self, **amount: float) -> datetime:
        """Jump ahead (days, hours, minutes, seconds); returns when the followers have seen it."""
        return await self._move(forward_seconds=timedelta(**amount).total_seconds())

    async def back(self, **amount: float) -> datetime:
        """Jump back, as a corrected clock does."""
        return await self._move(back_seconds=timedelta(**amount).total_seconds())

    async def set_clock(self, to: datetime) -> datetime:
        """Jump to an aware time."""
        return await self._move(set=to.isoformat())

    async def to_next_event(self) -> datetime:
        """Jump just past what the followers say is due next; ControlError when nothing is."""
        return await self._move(to_next_event=True)

    async def _move(self, **how: Any) -> datetime:
        return datetime.fromisoformat((await self.wire.post("clock", how))["now"])

    async def fault(self, kind: str, method: str = "*", **details: Any) -> None:
        """Let calls go wrong: details are chat, status, seconds, times (for ever without)."""
        await self.wire.post("faults", {"kind": kind, "method": method, **details})

    async def clear_faults(self) -> None:
        """Let everything go right again."""
        await self.wire.delete("faults")

    async def limits(self, **settings: bool | float) -> None:
        """Change the flood limits; `enabled=False` switches them off."""
        await self.wire.post("limits", settings)

    async def settings(self, **settings: bool | float) -> None:
        """Change privacy (mode in groups) or webhook_pace (stretches the waits between tries)."""
        await self.wire.post("settings", settings)

    async def calls(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the calls the bot made, oldest first, all or of one method."""
        found = await self.wire.get("calls", after=after)
        return [call for call in found if method in (None, call["method"])]

    async def violations(self) -> list[dict[str, Any]]:
        """Return the calls that the Bot API does not know."""
        found: list[dict[str, Any]] = await self.wire.get("violations")
        return found

    async def download(self, message: Message) -> bytes:
        """Return the bytes of the picture or file in a message."""
        file = next(message.view[n] for n in ("photo", "document", "voice") if n in message.view)
        return await self.wire.download(file["url"])
