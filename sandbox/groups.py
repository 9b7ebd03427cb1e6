"""What happens to groups: members come and go, topics close, a supergroup is made."""

from sandbox.chats import GENERAL_TOPIC, Chat, Json, Topic, User
from sandbox.delivery import announce, say, tell_member, tell_my_member
from sandbox.errors import ControlError
from sandbox.telegram import Telegram

RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip


def member_api(user: User, status: str) -> Json:
    """Return the Bot API's `ChatMember` for a status word."""
    member: Json = {"status": status, "user": user.api()}
    match status:
        case "creator":
            member["is_anonymous"] = False
        case "administrator":
            member |= {"can_be_edited": False, "is_anonymous": False}
            member |= dict.fromkeys(RIGHTS, True)
        case "kicked":
            member["until_date"] = 0
    return member


def set_bot_status(telegram: Telegram, chat: Chat, by: User, status: str) -> None:
    """Change the bot's place in a chat and tell the bot."""
    before = chat.status(telegram.bot.id)
    if before == status:
        return
    chat.members[telegram.bot.id] = status
    tell_my_member(
        telegram, chat, by, member_api(telegram.bot, before), member_api(telegram.bot, status)
    )
    telegram.changed(chat)


def add_bot(telegram: Telegram, chat: Chat, by: User, payload: str = "") -> None:
    """Add the bot, as somebody in the group does; a payload is that of a startgroup link."""
    _require_member(chat, by)
    if chat.migrated_to is not None:
        raise ControlError("This group has become a supergroup.")
    meet(telegram, chat)
    set_bot_status(telegram, chat, by, "member")
    announce(
        telegram, telegram.post(chat, by, {"new_chat_members": [telegram.bot.api()]}), always=True
    )
    if payload:
        say(telegram, chat, by, f"/start@{telegram.bot.username} {payload}")


def remove_bot(telegram: Telegram, chat: Chat, by: User) -> None:
    """Throw the bot out of the group."""
    _require_member(chat, by)
    if not chat.holds(telegram.bot.id):
        raise ControlError("The bot is not in this group.")
    telegram.post(chat, by, {"left_chat_member": telegram.bot.api()})
    set_bot_status(telegram, chat, by, "kicked")


def add_member(telegram: Telegram, chat: Chat, person: User) -> None:
    """Let somebody join."""
    if chat.holds(person.id):
        raise ControlError(f"{person.first_name} is already in this group.")
    before = chat.status(person.id)
    chat.members[person.id] = "member"
    telegram.changed(chat)
    if not chat.holds(telegram.bot.id):
        return
    person.known = True
    announce(
        telegram, telegram.post(chat, person, {"new_chat_members": [person.api()]}), always=True
    )
    tell_member(telegram, chat, person, member_api(person, before), member_api(person, "member"))


def remove_member(telegram: Telegram, chat: Chat, person: User) -> None:
    """Let somebody leave."""
    _require_member(chat, person)
    before = chat.status(person.id)
    chat.members[person.id] = "left"
    telegram.changed(chat)
    message = telegram.post(chat, person, {"left_chat_member": person.api()})
    announce(telegram, message, always=True)
    tell_member(telegram, chat, person, member_api(person, before), member_api(person, "left"))


def promote(telegram: Telegram, chat: Chat, user: User) -> None:
    """Make a member, or the bot, an administrator."""
    _require_member(chat, user)
    if user is telegram.bot:
        set_bot_status(telegram, chat, _creator(telegram, chat), "administrator")
        return
    before = chat.status(user.id)
    chat.members[user.id] = "administrator"
    telegram.changed(chat)
    after = member_api(user, "administrator")
    tell_member(telegram, chat, user, member_api(user, before), after)


def upgrade(telegram: Telegram, chat: Chat) -> Chat:
    """Turn a group into a supergroup with a new id; old messages stay under the old id."""
    if chat.type != "group" or chat.migrated_to is not None:
        raise ControlError("Only a group that has not become a supergroup yet can become one.")
    new = Chat(-(10**12) + chat.id, "supergroup", title=chat.title, migrated_from=chat.id)
    new.members, new.keyboard = dict(chat.members), chat.keyboard
    telegram.chats[new.id] = new
    creator = _creator(telegram, chat)
    leaving = telegram.post(chat, creator, {"migrate_to_chat_id": new.id})
    chat.migrated_to = new.id
    telegram.changed(chat)
    telegram.changed(new)
    announce(telegram, leaving, always=True)
    arriving = telegram.post(new, creator, {"migrate_from_chat_id": chat.id})
    announce(telegram, arriving, always=True)
    return new


def open_topic(telegram: Telegram, chat: Chat, name: str) -> Topic:
    """Open a topic in a forum."""
    if not chat.is_forum:
        raise ControlError("Only a forum has topics.")
    creator = _creator(telegram, chat)
    content = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
    topic = Topic(chat.next_message_id if chat.next_message_id > GENERAL_TOPIC else 2, name)
    chat.next_message_id = topic.id
    message = telegram.post(chat, creator, content, thread_id=topic.id)
    chat.topics[topic.id] = topic
    announce(telegram, message, always=True)
    telegram.changed(chat)
    return topic


def close_topic(telegram: Telegram, chat: Chat, topic_id: int, *, closed: bool = True) -> Topic:
    """Close or open again a topic; 1 is the general one."""
    if topic_id == GENERAL_TOPIC and chat.is_forum:
        chat.topics.setdefault(GENERAL_TOPIC, Topic(GENERAL_TOPIC, "General"))
    if topic_id not in chat.topics:
        raise ControlError(f"There is no topic {topic_id}.")
    chat.topics[topic_id].closed = closed
    word = "forum_topic_closed" if closed else "forum_topic_reopened"
    thread = None if topic_id == GENERAL_TOPIC else topic_id
    message = telegram.post(chat, _creator(telegram, chat), {word: {}}, thread_id=thread)
    announce(telegram, message, always=True)
    telegram.changed(chat)
    return chat.topics[topic_id]


def meet(telegram: Telegram, chat: Chat) -> None:
    """Let the bot know everybody who is in a group with it."""
    for user_id in chat.members:
        if user_id in telegram.users:
            telegram.users[user_id].known = True


def _creator(telegram: Telegram, chat: Chat) -> User:
    ids = sorted(chat.members, key=lambda user_id: chat.status(user_id) != "creator")
    return next(telegram.users[user_id] for user_id in ids if user_id in telegram.users)


def _require_member(chat: Chat, user: User) -> None:
    if not chat.holds(user.id):
        raise ControlError(f"{user.first_name} is not in this group.")
