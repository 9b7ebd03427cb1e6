"""The nouns of the simulated Telegram: people, chats, topics, messages, button taps, files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup"]
GENERAL_TOPIC = 1


@dataclass
class User:
    """A person or a bot. `started`: the bot may write to them. `known`: it saw them.

    `role` ("patient", "clinician", "admin") is a hint for the page; the bot never sees it.
    """

    id: int
    first_name: str
    is_bot: bool = False
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    phone: str | None = None
    role: str | None = None
    started: bool = False
    known: bool = False
    blocked: bool = False
    deleted: bool = False

    def api(self) -> Json:
        """Return the Bot API's `User`."""
        user: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.deleted:
            return user | {"first_name": ""}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                user[name] = value
        return user


ANONYMOUS_ADMIN = User(1087968824, "Group", is_bot=True, username="GroupAnonymousBot")


@dataclass
class Topic:
    """A topic of a forum."""

    id: int
    name: str
    closed: bool = False


@dataclass
class Chat:
    """A private chat or a group with everything said in it, deleted messages included.

    `members` maps user ids (the bot's among them) to the Bot API's status words.
    """

    id: int
    type: ChatType
    title: str = ""
    person: User | None = None
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    is_forum: bool = False
    migrated_to: int | None = None
    migrated_from: int | None = None
    messages: "dict[int, Message]" = field(default_factory=dict)
    keyboard: "Message | None" = None
    pinned: "Message | None" = None
    next_message_id: int = 1

    def api(self) -> Json:
        """Return the Bot API's `Chat`."""
        if self.person is not None:
            person = self.person.api()
            names = {
                k: v for k, v in person.items() if k in ("first_name", "last_name", "username")
            }
            return {"id": self.id, "type": "private", **names}
        chat: Json = {"id": self.id, "type": self.type, "title": self.title}
        return chat | ({"is_forum": True} if self.is_forum else {})

    @property
    def name(self) -> str:
        """What people call this chat."""
        if self.person is None:
            return self.title
        return " ".join(filter(None, (self.person.first_name, self.person.last_name)))

    def status(self, user_id: int) -> str:
        """Return the member status of a user, `left` when unknown."""
        return self.members.get(user_id, "left")

    def holds(self, user_id: int) -> bool:
        """Say whether this user is in the group now."""
        return self.status(user_id) in ("creator", "administrator", "member")


@dataclass
class Message:
    """One message; `content` holds its Bot API fields (text, caption, photo, service fields ...).

    `seq` is the number of the event that last changed it.
    """

    chat: Chat
    message_id: int
    date: datetime
    sender: User
    content: Json
    as_group: bool = False
    reply_markup: Json | None = None
    reply_to: "Message | None" = None
    thread_id: int | None = None
    edit_date: datetime | None = None
    edit_count: int = 0
    deleted: bool = False
    seq: int = 0

    def api(self, *, with_reply: bool = True) -> Json:
        """Return the Bot API's `Message`; what it replies to stands in it, one level deep."""
        message: Json = {
            "message_id": self.message_id,
            "date": int(self.date.timestamp()),
            "chat": self.chat.api(),
            "from": (ANONYMOUS_ADMIN if self.as_group else self.sender).api(),
            **self.content,
        }
        if self.as_group:
            message["sender_chat"] = self.chat.api()
        if self.thread_id is not None:
            message |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        if self.edit_date is not None:
            message["edit_date"] = int(self.edit_date.timestamp())
        if self.reply_markup and "inline_keyboard" in self.reply_markup:
            message["reply_markup"] = self.reply_markup
        if with_reply and self.reply_to is not None:
            message["reply_to_message"] = self.reply_to.api(with_reply=False)
        return message

    @property
    def text(self) -> str:
        """The words people read: text or caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")


@dataclass
class Callback:
    """A tap on a button and what the bot answered to it."""

    id: str
    person: User
    chat: Chat
    message_id: int
    data: str
    created: datetime
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    url: str = ""

    def view(self) -> Json:
        """Return what the control side shows."""
        return {
            "callback_id": self.id,
            "who": self.person.id,
            "chat": self.chat.id,
            "message_id": self.message_id,
            "data": self.data,
            "answered": self.answered,
            "text": self.text,
            "show_alert": self.show_alert,
            "url": self.url,
        }


@dataclass(frozen=True)
class StoredFile:
    """The bytes behind a `file_id`."""

    file_id: str
    name: str
    mime_type: str
    data: bytes

    @property
    def unique_id(self) -> str:
        """What stays the same for the same file."""
        return f"u{self.file_id}"

    @property
    def path(self) -> str:
        """The `file_path` for downloads."""
        return f"{self.file_id}/{self.name}"

    def api(self) -> Json:
        """Return the fields that every kind of file has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }
