"""The desk every visitor comes to: who are you, is this yours, and how we answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import structlog
from telegram import Bot, ForceReply, KeyboardButton, Message, ReplyKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from care.actors import Actor, RefusedError, identify, refuse
from care.outbox import CARD_KINDS
from care.work import AlreadyDoneError, Work, in_hand
from handlers.buttons import Button, ForgedError, Rows, keyboard, parse
from handlers.delivery import Courier
from handlers.failures import Failure
from handlers.language import _, speaking, spoken

log = structlog.get_logger()

Markup = Any
Sent = TypeVar("Sent")
# How often, and for how many seconds each, a reply waits when Telegram asks for a pause.
MOST_PAUSES, LONGEST_PAUSE = 4, 30.0


class Audience(StrEnum):
    """Who a handler serves."""

    anyone = "anyone"
    patients = "patients"
    staff = "staff"
    admins = "admins"


@dataclass
class Desk:
    """What the handlers share."""

    work: Work
    bot: Bot
    courier: Courier
    username: str

    def link(self, token: str) -> str:
        """The deep link that opens the bot with this token."""
        return f"https://t.me/{self.username}?start={token}"


@dataclass
class Visit:
    """One update, with who sent it and the means to answer.

    `replies` that fail are logged and given up: what matters is stored, and drawn again at the
    next event.
    """

    desk: Desk
    update: Update
    actor: Actor
    button: Button | None = None
    answered: bool = field(default=False, init=False)

    @property
    def work(self) -> Work:
        """The means to do the work."""
        return self.desk.work

    @property
    def chat_id(self) -> int:
        """Where the update came from."""
        chat = self.update.effective_chat
        return chat.id if chat else self.actor.telegram_id

    @property
    def in_private(self) -> bool:
        """True in a private chat."""
        chat = self.update.effective_chat
        return chat is not None and chat.type == "private"

    @property
    def sender_name(self) -> str:
        """The sender's full name on Telegram."""
        user = self.update.effective_user
        return user.full_name if user else ""

    @property
    def text(self) -> str:
        """The words of the message, or its caption."""
        message = self.update.effective_message
        return (message.text or message.caption or "") if message else ""

    @property
    def message_id(self) -> int | None:
        """The message that carries the tapped button, or the message that was sent."""
        message = self.update.effective_message
        return message.message_id if message else None

    def tapped(self) -> Button:
        """The tapped button.

        Raises:
            ForgedError: there is none.
        """
        if self.button is None:
            raise ForgedError("no button")
        return self.button

    async def reply(
        self, text: str, buttons: Rows = (), *, markup: Markup = None, chat_id: int | None = None
    ) -> Message | None:
        """Send a new message; None when Telegram did not take it."""
        try:
            return await self.patiently(
                lambda: self.desk.bot.send_message(
                    chat_id or self.chat_id,
                    text,
                    parse_mode=ParseMode.HTML,
                    reply_markup=markup or keyboard(buttons),
                )
            )
        except TelegramError as error:
            log.warning("reply_failed", error=type(error).__name__)
            return None

    async def patiently(self, call: Callable[[], Awaitable[Sent]]) -> Sent:
        """Call Telegram; when it asks for a pause, make it (the tap is answered first) and go on.

        Only this chat waits: others have workers of their own.

        Raises:
            TelegramError: refused for another reason, or still flooded after `MOST_PAUSES`.
        """
        for _round in range(MOST_PAUSES):
            try:
                return await call()
            except RetryAfter as error:
                await self.toast()
                await asyncio.sleep(min(Failure.wait_of(error) or 1.0, LONGEST_PAUSE))
        return await call()

    async def edit(self, text: str, buttons: Rows = ()) -> bool:
        """Edit the message whose button was tapped; a new message when it cannot be edited."""
        if self.message_id is None:
            return await self.reply(text, buttons) is not None
        try:
            await self.patiently(
                lambda: self.desk.bot.edit_message_text(
                    text,
                    chat_id=self.chat_id,
                    message_id=self.message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=keyboard(buttons),
                )
            )
        except BadRequest as error:
            if "not modified" in str(error):
                return True
            return await self.reply(text, buttons) is not None
        except (NetworkError, Forbidden, TelegramError) as error:
            log.warning("edit_failed", error=type(error).__name__)
            return False
        return True

    async def ask(self, text: str, placeholder: str = "") -> Message | None:
        """A question that is answered by typing; the answer comes as a reply to this message."""
        return await self.reply(
            text, markup=ForceReply(input_field_placeholder=placeholder[:64] or None)
        )

    async def ask_phone(self, text: str, label: str) -> Message | None:
        """Offer Telegram's own share-contact button."""
        return await self.reply(
            text,
            markup=ReplyKeyboardMarkup(
                [[KeyboardButton(label, request_contact=True)]],
                one_time_keyboard=True,
                resize_keyboard=True,
            ),
        )

    async def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Answer the tap: nothing, a short line, or a box to close. The first answer counts."""
        query = self.update.callback_query
        if query is None or self.answered:
            return
        self.answered = True
        try:
            await self.desk.bot.answer_callback_query(
                query.id, text[:200] or None, show_alert=alert
            )
        except TelegramError as error:
            log.info("tap_answered_too_late", error=type(error).__name__)

    async def deliver_urgent(self) -> None:
        """Send now what this update's transactions wrote that is to go at once.

        What the visitor is to read is waited for, so that it stands before the next question; the
        clinic's copies leave at the same time, and their troubles delay nobody here.
        """
        hand = in_hand.get()
        while hand:
            rows = sorted(hand, key=lambda row: (row.priority, row.id))
            hand.clear()
            cards = [row for row in rows if row.kind in CARD_KINDS]
            if cards:
                self.desk.courier.dispatch(cards)
            await self.desk.courier.deliver([row for row in rows if row.kind not in CARD_KINDS])


Serve = Callable[[Visit], Awaitable[None]]
Callback = Callable[[Update, Any], Coroutine[Any, Any, None]]


def serve(audience: Audience, handler: Serve) -> Callback:
    """Wrap a handler: identify the visitor, refuse who is not of the audience, answer every tap.

    1. Who is this? Nothing is decided before that is known.
    2. Not of the audience: a refusal in words and an audit line, nothing else.
    3. The handler runs in the visitor's language.
    4. Urgent messages that its transactions wrote leave, even when the handler failed afterwards.
    """

    async def callback(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        desk: Desk = context.application.bot_data["desk"]
        user = update.effective_user
        if user is None:
            return
        async with desk.work.reading() as session:
            actor = await identify(session, user.id)
        visit = Visit(desk, update, actor)
        token = in_hand.set([])
        try:
            with speaking(_language(actor, user.language_code)):
                await _within(visit, audience, handler)
        finally:
            await visit.deliver_urgent()
            in_hand.reset(token)

    return callback


async def _within(visit: Visit, audience: Audience, handler: Serve) -> None:
    query = visit.update.callback_query
    try:
        if query is None and visit.text.startswith("/") and not visit.in_private:
            # What a command answers may hold names and words, which no group is to see; and an
            # anonymous group admin has no name to be known by.
            await visit.reply(_("Please send me that in our private chat."), _way_in(visit))
            return
        _admit(visit.actor, audience)
        if query is not None:
            visit.button = parse(query.data)
        await handler(visit)
    except (RefusedError, ForgedError) as error:
        await refuse(visit.work, visit.actor, f"{handler.__name__}:{error}"[:120])
        await _say_refused(visit)
    except AlreadyDoneError:
        log.info("update_done_by_another_copy")
    finally:
        await visit.toast()


def _way_in(visit: Visit) -> Rows:
    return [[(_("Open the chat"), f"https://t.me/{visit.desk.username}?start=hello")]]


def _admit(actor: Actor, audience: Audience) -> None:
    belongs = {
        Audience.anyone: True,
        Audience.patients: bool(actor.patients),
        Audience.staff: actor.is_staff,
        Audience.admins: actor.is_admin,
    }[audience]
    if not belongs:
        raise RefusedError(f"audience:{audience}")


async def _say_refused(visit: Visit) -> None:
    if visit.update.callback_query is not None:
        await visit.toast(_("This button is not for you, or it is no longer in use."), alert=True)
    elif visit.in_private:
        await visit.reply(
            _("I do not know you yet. Please use the link or the QR code from your clinic.")
            if visit.actor.is_stranger
            else _("This is not for you. Send /help to see what you can do here.")
        )


def _language(actor: Actor, code: str | None) -> str:
    if actor.is_stranger:
        return spoken(code)
    return actor.language
