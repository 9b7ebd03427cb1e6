"""What somebody can see of a chat: messages, buttons, and which of them a test has looked at."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Pattern = str | re.Pattern[str]
SERVICE = re.compile(r"_chat_|_member|group_chat_created|forum_topic|pinned_message")


@dataclass(frozen=True)
class Button:
    """A button under a message or on the keyboard of a chat."""

    text: str
    data: str | None = None
    url: str | None = None
    request_contact: bool = False


@dataclass(frozen=True)
class Message:
    """A message as it looked at one moment; `view` is the control side's whole JSON."""

    chat_id: int
    message_id: int
    text: str
    buttons: tuple[tuple[Button, ...], ...]
    sender_id: int
    sender: str
    date: datetime
    from_bot: bool
    edited: bool
    deleted: bool
    view: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def read(cls, view: dict[str, Any]) -> "Message":
        """Read a message from the control side's JSON."""
        return cls(
            chat_id=view["chat"],
            message_id=view["message_id"],
            text=view.get("text") or view.get("caption") or "",
            buttons=tuple(tuple(_button(button) for button in row) for row in view["buttons"]),
            sender_id=view["from"]["id"],
            sender=view["from"]["first_name"],
            date=datetime.fromisoformat(view["date"]),
            from_bot=view["from"]["is_bot"] and not view["as_group"],
            edited=view["edited"],
            deleted=view["deleted"],
            view=view,
        )

    @property
    def key(self) -> tuple[int, int]:
        """What stays the same through all edits."""
        return self.chat_id, self.message_id

    @property
    def labels(self) -> list[str]:
        """The texts of the buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]

    def line(self) -> str:
        """Return the message on one line, for the print of a chat."""
        marks = "".join(f" ({mark})" for mark in ("edited", "deleted") if self.view.get(mark))
        extras: list[str] = [
            name for name in ("photo", "document", "voice", "contact") if name in self.view
        ]
        extras += [name for name in self.view if SERVICE.search(name)]
        labels = " ".join(f"[{label}]" for label in self.labels)
        parts = [f"#{self.message_id} {self.sender}{marks}:", *(f"<{e}>" for e in extras)]
        return " ".join([*parts, self.text, labels]).strip()


def _button(view: dict[str, Any]) -> Button:
    return Button(
        view["text"], view.get("data"), view.get("url"), bool(view.get("request_contact"))
    )


def fits(wanted: Pattern, text: str) -> bool:
    """Say whether a text contains the wanted words or matches the wanted expression."""
    return wanted in text if isinstance(wanted, str) else bool(wanted.search(text))


@dataclass
class ChatLog:
    """One chat: every new and edited message in order, and how each looks now.

    `expected` holds the keys of messages that some test has matched in at least one version.
    """

    title: str = ""
    happenings: list[Message] = field(default_factory=list)
    now: dict[tuple[int, int], Message] = field(default_factory=dict)
    keyboard: list[Button] = field(default_factory=list)
    expected: set[tuple[int, int]] = field(default_factory=set)
    history: int = 0

    def add(self, message: Message) -> None:
        """Take in a new message or a new version of one."""
        self.happenings.append(message)
        self.now[message.key] = message
        if "keyboard" in message.view:
            self.set_keyboard(message.view["keyboard"])

    def set_keyboard(self, rows: list[list[dict[str, Any]]] | None) -> None:
        """Show another keyboard below the chat, or none."""
        self.keyboard = [_button(button) for row in rows or [] for button in row]

    def print(self) -> str:
        """Return the whole chat as text, newest last."""
        lines = "\n".join(f"    {message.line()}" for message in self.now.values())
        keyboard = " ".join(f"[{button.text}]" for button in self.keyboard)
        return (
            f"The chat {self.title!r}:\n{lines or '    (empty)'}\n    keyboard: {keyboard or '-'}"
        )

    def tappable(self) -> list[tuple[Message | None, Button]]:
        """Return every button in sight, those of the newest message first, the keyboard last."""
        shown = [message for message in reversed(self.now.values()) if not message.deleted]
        found: list[tuple[Message | None, Button]] = [
            (message, button) for message in shown for row in message.buttons for button in row
        ]
        return found + [(None, button) for button in self.keyboard]

    def on_newest(self, label: str) -> bool:
        """Say whether the newest message with buttons has one with these words."""
        buttons = self.tappable()
        return any(label in button.text for message, button in buttons if message is buttons[0][0])

    def find_button(self, label: str) -> tuple[Message | None, Button]:
        """Return the button a person means; AssertionError with all labels if none or several.

        On the newest message that has it: the exact label, else the only one that starts with
        these words, else the only one that contains them.
        """
        buttons = self.tappable()
        for test in (str.__eq__, str.startswith, str.__contains__):
            meant = [pair for pair in buttons if test(pair[1].text, label)]
            newest = [pair for pair in meant if pair[0] is meant[0][0]]
            if newest and (len(newest) == 1 or test is str.__eq__):
                return newest[0]
            if newest:
                break
        labels = " ".join(f"[{button.text}]" for _, button in buttons) or "no buttons at all"
        raise AssertionError(f"No single button {label!r}; visible: {labels}\n{self.print()}")


@dataclass
class Eyes:
    """What one person has already looked at in one chat."""

    log: ChatLog
    owner: int
    seen: set[int] = field(default_factory=set)

    def unseen(self) -> list[tuple[int, Message]]:
        """Return the versions not looked at yet that others wrote, oldest first."""
        return [
            (index, message)
            for index, message in enumerate(self.log.happenings)
            if index >= self.log.history
            and index not in self.seen
            and message.sender_id != self.owner
        ]

    def look_for(self, wanted: Pattern) -> Message | None:
        """Return the first unseen version that fits; its older versions count as seen too."""
        for index, message in self.unseen():
            if fits(wanted, message.text):
                older = (i for i, m in self.unseen() if m.key == message.key and i <= index)
                self.seen.update(older)
                self.log.expected.add(message.key)
                return message
        return None
