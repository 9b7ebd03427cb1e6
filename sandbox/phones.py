"""Groups, phones and the people who hold them: what tests and a demo's player speak with."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.sight import Button, Eyes, Message, Pattern
from sandbox.watch import Watch

ANSWER_WITHIN = 10.0
BUTTON_WITHIN = 2.0
NEWEST_WITHIN = 0.3


@dataclass(frozen=True)
class Answer:
    """What a tap was answered with; `answered` is False when nothing came in time."""

    answered: bool
    text: str = ""
    show_alert: bool = False
    url: str = ""


class Group:
    """A group; its id changes when it becomes a supergroup."""

    def __init__(self, world: Watch, view: dict[str, Any]) -> None:
        self._world = world
        self.id: int = view["id"]
        self.title: str = view["title"]

    async def _change(self, what: str, **body: Any) -> dict[str, Any]:
        view: dict[str, Any] = await self._world.wire.post(f"groups/{self.id}/{what}", body)
        await self._world.caught_up()
        return view

    async def add_bot(self, by: "Person", payload: str | None = None) -> None:
        """Let a member add the bot, perhaps by a startgroup link with a payload."""
        await self._change("add_bot", by=by.id, payload=payload)

    async def remove_bot(self, by: "Person") -> None:
        """Let a member throw the bot out."""
        await self._change("remove_bot", by=by.id)

    async def upgrade(self) -> None:
        """Become a supergroup with a new id."""
        self.id = (await self._change("upgrade"))["id"]

    async def add(self, person: "Person") -> None:
        """Let somebody join."""
        await self._change("members", add=person.id)

    async def remove(self, person: "Person") -> None:
        """Let somebody leave."""
        await self._change("members", remove=person.id)

    async def promote(self, person: "Person | None" = None) -> None:
        """Make a member an administrator; the bot without an argument."""
        await self._change("promote", person=person.id if person else self._world.bot_id)

    async def open_topic(self, name: str) -> int:
        """Open a topic of a forum and return its id."""
        return int((await self._change("topics", name=name))["message_thread_id"])

    async def close_topic(self, topic: int) -> None:
        """Close a topic; 1 is the general one."""
        await self._change("close_topic", message_thread_id=topic)

    async def reopen_topic(self, topic: int) -> None:
        """Open a topic again."""
        await self._change("reopen_topic", message_thread_id=topic)

    def as_seen_by(self, person: "Person") -> "View":
        """Return the group on somebody's phone."""
        return person.view(self)


class View:
    """One chat on one person's phone."""

    def __init__(self, person: "Person", group: Group | None) -> None:
        self._person = person
        self._world = person.world
        self._group = group
        self.eyes = Eyes(self._world.log(self.chat_id), person.id)

    @property
    def chat_id(self) -> int:
        """The chat's present id."""
        return self._group.id if self._group else self._person.id

    @property
    def messages(self) -> list[Message]:
        """What stands in the chat now, oldest first."""
        return [message for message in self.eyes.log.now.values() if not message.deleted]

    @property
    def buttons(self) -> list[str]:
        """Every label that could be tapped, newest message first."""
        return [button.text for _, button in self.eyes.log.tappable()]

    async def sees(self, wanted: Pattern, timeout: float = 10.0) -> Message:  # noqa: ASYNC109
        """Wait for an unseen new or edited message with these words; else AssertionError."""
        found = await self._world.until(lambda: self.eyes.look_for(wanted), timeout)
        if found is not None:
            return found
        unseen = "\n".join(f"    {m.line()}" for _, m in self.eyes.unseen()) or "    (none)"
        raise AssertionError(
            f"{self._person.name} has not seen {wanted!r} within {timeout} s. Unseen so far:\n"
            f"{unseen}\n{self.eyes.log.print()}"
        )

    async def sees_nothing_new(self, within: float = 0.5) -> None:
        """Fail on an unmatched message that is there, or on anything that comes in this time."""
        await self._world.caught_up()
        before = {i for i, m in self.eyes.unseen() if m.key in self.eyes.log.expected or m.edited}

        def surprise() -> Message | None:
            fresh = [m for i, m in self.eyes.unseen() if i not in before and m.from_bot]
            return next((m for m in fresh if not self._world.allowed(m)), None)

        found = await self._world.until(surprise, within)
        if found is not None:
            raise AssertionError(
                f"{self._person.name} did not expect: {found.line()}\n{self.eyes.log.print()}"
            )

    async def taps(self, label: str) -> Answer:
        """Tap the button with this label and wait until the bot has answered, 10 s at most.

        The bot may still be drawing: the newest message with buttons has a moment to get this
        label before an older message that has it is taken.
        Buttons of the keyboard write their text or share the contact; links to the bot start it.
        """
        find, log = self.eyes.log.find_button, self.eyes.log
        await self._world.until(lambda: log.on_newest(label), NEWEST_WITHIN)
        await self._world.until(lambda: _found(find, label), BUTTON_WITHIN)
        message, button = find(label)
        if message is None:
            await self._press(button)
            return Answer(answered=True)
        self._world.note(self.eyes.log.title, self._person.name, f"[taps] {button.text}")
        if button.data is None:
            return await self._follow(button.url or "")
        return await self.taps_data(message, button.data)

    async def taps_data(self, message: Message, data: str) -> Answer:
        """Send this callback data as if a button of the message had it."""
        started = await self._person.act(
            "tap", chat=message.chat_id, message_id=message.message_id, data=data
        )
        name = started["callback_id"]
        done = await self._world.until(lambda: self._world.answer(name), ANSWER_WITHIN)
        if done is None:
            return Answer(answered=False)
        return Answer(True, done["text"], done["show_alert"], done["url"])

    async def _press(self, button: Button) -> None:
        if button.request_contact:
            await self._person.act("contact", chat=self.chat_id)
        else:
            await self._person.act("send", chat=self.chat_id, text=button.text)

    async def _follow(self, url: str) -> Answer:
        start = parse_qs(urlsplit(url).query).get("start")
        if start and "t.me/" in url:
            await self._person.starts(start[0])
        return Answer(answered=True, url=url)


def _found(find: Callable[[str], Any], label: str) -> bool:
    try:
        find(label)
    except AssertionError:
        return False
    return True


class Person:
    """Somebody with a phone."""

    def __init__(self, world: Watch, view: dict[str, Any]) -> None:
        self.world = world
        self.id: int = view["id"]
        self.name: str = view["first_name"]
        self.phone: str | None = view["phone"]
        self._views: dict[Group | None, View] = {}

    def view(self, in_chat: Group | None = None) -> View:
        """Return a chat on this phone: with the bot, or a group."""
        if in_chat not in self._views:
            self._views[in_chat] = View(self, in_chat)
        return self._views[in_chat]

    async def act(self, do: str, **wish: Any) -> dict[str, Any]:
        """Do anything the control side knows; ControlError when a phone could not."""
        answer: dict[str, Any] = await self.world.wire.post(
            "act", {"who": self.id, "do": do, **wish}
        )
        return answer

    async def starts(self, payload: str | None = None) -> None:
        """Press Start, perhaps behind a link."""
        await self.act("start", payload=payload)

    async def sends(
        self,
        text: str,
        *,
        in_chat: Group | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
        anonymously: bool = False,
    ) -> Message:
        """Write a text."""
        answer = await self.act(
            "anonymous_send" if anonymously else "send",
            chat=self.view(in_chat).chat_id,
            text=text,
            reply_to=reply_to.message_id if reply_to else None,
            thread=thread,
        )
        return Message.read(answer["message"])

    async def sends_photo(
        self,
        *,
        caption: str | None = None,
        file: bytes | None = None,
        album_of: int | None = None,
        in_chat: Group | None = None,
    ) -> Message:
        """Send a picture, or an album; a picture is made up when none is given."""
        data = base64.b64encode(file).decode() if file else None
        chat = self.view(in_chat).chat_id
        answer = await self.act("photo", chat=chat, caption=caption, file=data, album_of=album_of)
        return Message.read(answer["message"])

    async def sends_voice(self, *, in_chat: Group | None = None) -> Message:
        """Send a voice message."""
        answer = await self.act("voice", chat=self.view(in_chat).chat_id)
        return Message.read(answer["message"])

    async def sends_document(
        self, name: str, file: bytes, *, caption: str | None = None, in_chat: Group | None = None
    ) -> Message:
        """Send a file."""
        data = base64.b64encode(file).decode()
        chat = self.view(in_chat).chat_id
        answer = await self.act("document", chat=chat, name=name, file=data, caption=caption)
        return Message.read(answer["message"])

    async def shares_contact(self, of: "Person | None" = None) -> None:
        """Press the button that asks for the number, or send somebody else's contact."""
        await self.act("contact", of=of.id if of else None)

    async def edits(self, message: Message, text: str) -> None:
        """Change one's own message."""
        await self.act("edit", chat=message.chat_id, message_id=message.message_id, text=text)

    async def deletes(self, message: Message) -> None:
        """Delete a message."""
        await self.act("delete", chat=message.chat_id, message_id=message.message_id)

    async def blocks_bot(self) -> None:
        """Block the bot."""
        await self.act("block")

    async def unblocks_bot(self) -> None:
        """Unblock the bot."""
        await self.act("unblock")

    async def deletes_account(self) -> None:
        """Leave Telegram for good."""
        await self.act("delete_account")

    async def sees(
        self,
        wanted: Pattern,
        *,
        in_chat: Group | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - how patient a person is
    ) -> Message:
        """Wait for an unseen new or edited message with these words."""
        return await self.view(in_chat).sees(wanted, timeout)

    async def sees_nothing_new(self, within: float = 0.5, *, in_chat: Group | None = None) -> None:
        """Fail if anything unseen is there or comes."""
        await self.view(in_chat).sees_nothing_new(within)

    async def taps(self, label: str, *, in_chat: Group | None = None) -> Answer:
        """Tap the button with this label on the newest message that has it."""
        return await self.view(in_chat).taps(label)
