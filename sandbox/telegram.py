"""The state of the simulated Telegram and the few things that can happen to it."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sandbox.chats import Callback, Chat, Json, Message, StoredFile, User
from sandbox.clock import Clock
from sandbox.errors import ControlError
from sandbox.events import EventLog
from sandbox.faults import Faults
from sandbox.limits import Limits
from sandbox.specification import Specification
from sandbox.updates import UpdateQueue
from sandbox.views import chat_view, message_view

DEFAULT_TOKEN = "100001:SANDBOX"  # noqa: S105 - the public token of a simulation


class Telegram:
    """Everything the simulated Telegram knows: one bot, its people, chats, files and queue."""

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        username: str = "symptom_diary_bot",
        name: str = "Symptom diary",
        specification: Specification | None = None,
    ) -> None:
        self.token = token
        self.bot = User(int(token.split(":")[0]), name, is_bot=True, username=username)
        self.specification = specification
        self.privacy = True
        self.clock = Clock()
        self.events = EventLog()
        self.updates = UpdateQueue(self.clock)
        self.limits = Limits()
        self.faults = Faults()
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.callbacks: dict[str, Callback] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.about: dict[str, Any] = {}
        self.calls: list[Json] = []
        self.violations: list[Json] = []
        # Tells one simulation from the next at the same address.
        self.run = secrets.token_hex(4)
        self.closed = False
        self._next_person = 200_001
        self._next_group = 4_000_001
        self._next_message = 1

    def close(self) -> None:
        """End every waiting request, because the server stops."""
        self.closed = self.updates.closed = True
        self.updates.wake()
        self.events.wake()
        self.clock.shift(timedelta(0))

    def add_person(self, first_name: str, **details: Any) -> User:
        """Add somebody with a phone, whom the bot has never met."""
        person = User(self._next_person, first_name, **details)
        self._next_person += 1
        self.users[person.id] = person
        chat = Chat(person.id, "private", person=person)
        chat.members = {person.id: "member", self.bot.id: "left"}
        self.chats[chat.id] = chat
        self.changed(chat)
        return person

    def add_group(self, title: str, members: Iterable[User], *, is_forum: bool = False) -> Chat:
        """Add a group without the bot; the first member created it. Forums are supergroups."""
        number = self._next_group
        self._next_group += 1
        chat = Chat(-(10**12) - number if is_forum else -number, "group", title=title)
        if is_forum:
            chat.type, chat.is_forum = "supergroup", True
        for member in members:
            chat.members[member.id] = "member" if chat.members else "creator"
        self.chats[chat.id] = chat
        self.changed(chat)
        return chat

    def person(self, user_id: int) -> User:
        """Return a person; ControlError when there is none with this id."""
        if user_id not in self.users:
            raise ControlError(f"There is no person {user_id}.")
        return self.users[user_id]

    def user(self, user_id: int) -> User | None:
        """Return a person or the bot itself."""
        return self.bot if user_id == self.bot.id else self.users.get(user_id)

    def chat(self, chat_id: int) -> Chat:
        """Return a chat; ControlError when there is none with this id."""
        if chat_id not in self.chats:
            raise ControlError(f"There is no chat {chat_id}.")
        return self.chats[chat_id]

    def post(self, chat: Chat, sender: User, content: Json, **details: Any) -> Message:
        """Put a message into a chat; details are fields of Message."""
        if chat.type == "supergroup":
            message_id = chat.next_message_id
            chat.next_message_id += 1
        else:
            message_id = self._next_message
            self._next_message += 1
        message = Message(chat, message_id, self.clock.now(), sender, content, **details)
        chat.messages[message_id] = message
        markup = message.reply_markup or {}
        if "keyboard" in markup:
            chat.keyboard = message
        self.tell("message", message)
        if markup.get("remove_keyboard"):
            chat.keyboard = None
            self.changed(chat)
        return message

    def edit(
        self, message: Message, content: Json, reply_markup: Json | None, *, quietly: bool = False
    ) -> None:
        """Change a message; `quietly` for a change of buttons only, which shows no "edited"."""
        message.content, message.reply_markup = content, reply_markup
        message.edit_count += 1
        if not quietly:
            message.edit_date = self.clock.now()
        self.tell("edit", message)

    def delete(self, message: Message) -> None:
        """Take a message out of everybody's sight."""
        message.deleted = True
        self.tell("delete", message)

    def tell(self, kind: str, message: Message) -> None:
        """Write what happened to a message into the event log."""
        message.seq = self.events.last + 1
        self.events.add(kind, {"chat": message.chat.id, "message": message_view(message)})

    def changed(self, chat: Chat) -> None:
        """Write into the event log that a chat is new or different."""
        self.events.add("chat", {"chat": chat_view(chat, self)})

    def keep_file(self, name: str, mime_type: str, data: bytes) -> StoredFile:
        """Keep the bytes of a file and give it an id."""
        file_id = f"file{len(self.files) + 1}-{secrets.token_hex(8)}"
        stored = StoredFile(file_id, name, mime_type, data)
        self.files[file_id] = stored
        return stored

    def violate(self, method: str, reason: str) -> None:
        """Record a call that the Bot API does not know or the sandbox does not play."""
        entry = {"method": method, "reason": reason, "at": self.clock.now().isoformat()}
        self.violations.append(entry)
        self.events.add("violation", entry)
