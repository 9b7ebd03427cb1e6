"""The clinic group: linked by an admin's tap, followed when it moves, missed when it is gone."""

from telegram import ChatMember

from care import reachability, team
from handlers.buttons import pack
from handlers.desk import Visit
from handlers.language import _

_GONE = (ChatMember.LEFT, ChatMember.BANNED)


async def member_changed(visit: Visit) -> None:
    """The bot was added to or removed from a group, or blocked or unblocked in a private chat."""
    change = visit.update.my_chat_member
    if change is None:
        return
    gone = change.new_chat_member.status in _GONE
    if change.chat.type == "private":
        if gone:
            await reachability.chat_lost(visit.work, change.chat.id)
        else:
            await reachability.chat_back(visit.work, change.chat.id)
    elif gone:
        await team.group_gone(visit.work, change.chat.id)
    elif change.old_chat_member.status in _GONE:
        await visit.reply(
            _("Hello. An admin can have this clinic's alerts sent here."),
            [[(_("Use this group for alerts"), pack("gl", 0))]],
        )


async def link(visit: Visit) -> None:
    """[Use this group for alerts], tapped by an admin."""
    message = visit.update.effective_message
    chat = visit.update.effective_chat
    if chat is None or chat.type == "private":
        await visit.toast(_("This works in a group only."), alert=True)
        return
    thread = message.message_thread_id if message and message.is_topic_message else None
    clinic = await team.link_group(visit.work, visit.actor, chat.id, thread_id=thread)
    await visit.edit(
        _("Alerts of {clinic} come here from now on: codes and signs, no names, no words.").format(
            clinic=clinic.name
        )
    )


async def moved(visit: Visit) -> None:
    """The group became a supergroup."""
    message = visit.update.effective_message
    if message is not None and message.migrate_to_chat_id is not None:
        await reachability.group_moved(visit.work, message.chat.id, message.migrate_to_chat_id)
