"""The control side, `/_/...`: what the page, the tests and a demo's player use."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox import groups
from sandbox.actions import act
from sandbox.bot_api.about_bot import commands_shown
from sandbox.chats import Chat, Json, Message
from sandbox.errors import ControlError
from sandbox.telegram import Telegram
from sandbox.views import chat_view, message_view, person_view
from sandbox.webhook import Webhook

KEEP_ALIVE = 15.0
Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    """The endpoints of the control side over one Telegram."""

    def __init__(self, telegram: Telegram, webhook: Webhook) -> None:
        self.telegram = telegram
        self.webhook = webhook

    def routes(self) -> list[Route]:
        """Return the routes below `/_`."""
        return [
            Route("/people", self.people, methods=["GET", "POST"]),
            Route("/groups", self.new_group, methods=["POST"]),
            Route("/groups/{chat}/{what}", self.change_group, methods=["POST"]),
            Route("/chats", self.chats),
            Route("/chats/{chat}/messages", self.messages),
            Route("/chats/{chat}/commands", self.commands),
            Route("/act", self.act, methods=["POST"]),
            Route("/callbacks/{callback}", self.callback),
            Route("/files/{file}", self.file),
            Route("/events", self.events),
            Route("/calls", self.calls),
            Route("/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/limits", self.limits, methods=["GET", "POST"]),
            Route("/settings", self.settings, methods=["GET", "POST"]),
            Route("/violations", self.violations, methods=["GET", "DELETE"]),
            Route("/clock", self.clock, methods=["GET", "POST"]),
        ]

    async def people(self, request: Request) -> Response:
        """List the people, or add one."""
        if request.method == "GET":
            return JSONResponse([person_view(person) for person in self.telegram.users.values()])
        return JSONResponse(person_view(self.telegram.add_person(**await request.json())))

    async def new_group(self, request: Request) -> Response:
        """Add a group; the first member is its creator."""
        body = await request.json()
        members = [self.telegram.person(person) for person in body["members"]]
        forum = bool(body.get("is_forum"))
        chat = self.telegram.add_group(body["title"], members, is_forum=forum)
        return JSONResponse(chat_view(chat, self.telegram))

    async def change_group(self, request: Request) -> Response:
        """Change who is in a group, its topics, or its kind."""
        chat = self.telegram.chat(int(request.path_params["chat"]))
        body = json.loads(await request.body() or b"{}")
        chat, answer = self._change(chat, request.path_params["what"], body)
        return JSONResponse({**chat_view(chat, self.telegram), **answer})

    def _change(self, chat: Chat, what: str, body: Json) -> tuple[Chat, Json]:
        telegram = self.telegram
        if what in ("add_bot", "remove_bot"):
            by = telegram.person(int(body["by"]))
            if what == "add_bot":
                groups.add_bot(telegram, chat, by, str(body.get("payload") or ""))
            else:
                groups.remove_bot(telegram, chat, by)
        elif what == "upgrade":
            return groups.upgrade(telegram, chat), {}
        elif what == "promote":
            user = telegram.user(int(body["person"]))
            groups.promote(telegram, chat, user or telegram.person(int(body["person"])))
        elif what == "members":
            if "add" in body:
                groups.add_member(telegram, chat, telegram.person(int(body["add"])))
            if "remove" in body:
                groups.remove_member(telegram, chat, telegram.person(int(body["remove"])))
        elif what == "topics":
            return chat, {"message_thread_id": groups.open_topic(telegram, chat, body["name"]).id}
        elif what in ("close_topic", "reopen_topic"):
            topic = int(body["message_thread_id"])
            groups.close_topic(telegram, chat, topic, closed=what == "close_topic")
        else:
            raise ControlError(f"A group has no {what}.")
        return chat, {}

    async def chats(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's shape
        """List every chat."""
        found = [chat_view(chat, self.telegram) for chat in self.telegram.chats.values()]
        return JSONResponse(found)

    async def messages(self, request: Request) -> Response:
        """List a chat as people see it now, a supergroup with what was said before its upgrade."""
        chat = self.telegram.chat(int(request.path_params["chat"]))
        after = int(request.query_params.get("after") or 0)
        found: list[Message] = []
        if chat.migrated_from is not None:
            found += self.telegram.chats[chat.migrated_from].messages.values()
        found += chat.messages.values()
        return JSONResponse([message_view(message) for message in found if message.seq > after])

    async def commands(self, request: Request) -> Response:
        """List the command menu that `?person=` sees in a chat."""
        chat = self.telegram.chat(int(request.path_params["chat"]))
        person = self.telegram.person(int(request.query_params.get("person") or chat.id))
        language = person.language_code or ""
        return JSONResponse(commands_shown(self.telegram, chat, person.id, language))

    async def act(self, request: Request) -> Response:
        """Do what a person does."""
        return JSONResponse(act(self.telegram, await request.json()))

    async def callback(self, request: Request) -> Response:
        """Show a tap and the bot's answer to it."""
        found = self.telegram.callbacks.get(request.path_params["callback"])
        if found is None:
            raise ControlError("There is no such tap.")
        return JSONResponse(found.view())

    async def file(self, request: Request) -> Response:
        """Show a picture or file."""
        stored = self.telegram.files.get(request.path_params["file"])
        if stored is None:
            return Response(status_code=404)
        return Response(stored.data, media_type=stored.mime_type)

    async def events(self, request: Request) -> Response:
        """Stream what happens; `?after=` or Last-Event-ID first replays what happened since."""
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        last = self.telegram.events.last
        start = int(after) if after else last
        headers = {"Cache-Control": "no-store", "X-Last-Event": str(last)}
        return StreamingResponse(
            self._stream(start), media_type="text/event-stream", headers=headers
        )

    async def _stream(self, seq: int) -> AsyncIterator[str]:
        yield ": connected\n\n"
        if seq > self.telegram.events.last:
            # The reader followed a sandbox that is no more: everything here is new to it.
            seq = 0
        while not self.telegram.closed:
            for event in self.telegram.events.after(seq):
                seq = event.seq
                data = json.dumps(event.data)
                yield f"id: {seq}\nevent: {event.kind}\ndata: {data}\n\n"
            if self.telegram.events.last == seq:
                await self.telegram.events.changed(KEEP_ALIVE)
                yield "" if self.telegram.events.last > seq else ": still here\n\n"

    async def calls(self, request: Request) -> Response:
        """List the calls the bot made."""
        return JSONResponse(self.telegram.calls[int(request.query_params.get("after") or 0) :])

    async def faults(self, request: Request) -> Response:
        """List, add or clear faults."""
        if request.method == "POST":
            return JSONResponse(self.telegram.faults.add(await request.json()))
        if request.method == "DELETE":
            self.telegram.faults.clear()
        return JSONResponse(self.telegram.faults.view())

    async def limits(self, request: Request) -> Response:
        """Show or change the flood limits."""
        try:
            if request.method == "POST":
                self.telegram.limits.change(**await request.json())
            return JSONResponse(self.telegram.limits.view())
        except TypeError as error:
            raise ControlError(f"There is no such limit: {error}") from error

    async def settings(self, request: Request) -> Response:
        """Show or change privacy mode and the pace at which webhook tries follow each other."""
        body = await request.json() if request.method == "POST" else {}
        self.telegram.privacy = bool(body.get("privacy", self.telegram.privacy))
        self.webhook.pace = float(body.get("webhook_pace", self.webhook.pace))
        bot = {**self.telegram.bot.api(), "token": self.telegram.token}
        return JSONResponse(
            {
                "privacy": self.telegram.privacy,
                "webhook_pace": self.webhook.pace,
                "bot": bot,
                "run": self.telegram.run,
                "last_event": self.telegram.events.last,
            }
        )

    async def violations(self, request: Request) -> Response:
        """List, or forget, the calls that the Bot API does not know."""
        if request.method == "DELETE":
            self.telegram.violations.clear()
        return JSONResponse(self.telegram.violations)

    async def clock(self, request: Request) -> Response:
        """Follow the clock, or move it."""
        if request.method == "POST":
            await self._move(await request.json())
        else:
            await self._follow(request)
        return JSONResponse(self.telegram.clock.state())

    async def _move(self, body: Json) -> None:
        clock = self.telegram.clock
        if body.get("to_next_event"):
            await clock.jump_to_next_event()
        elif "set" in body:
            await clock.jump(_instant(body["set"]) - clock.now())
        elif "forward_seconds" in body:
            await clock.jump(timedelta(seconds=float(body["forward_seconds"])))
        elif "back_seconds" in body:
            await clock.jump(timedelta(seconds=-float(body["back_seconds"])))
        else:
            raise ControlError("Say forward_seconds, back_seconds, set or to_next_event.")
        self.telegram.events.add("clock", clock.state())

    async def _follow(self, request: Request) -> None:
        query, clock = request.query_params, self.telegram.clock
        after = int(query["after"]) if query.get("after") else None
        due = _instant(query["next_due"]) if query.get("next_due") else None
        follower = query.get("follower") or None
        polling = asyncio.create_task(clock.poll(after=after, follower=follower, next_due=due))
        leaving = asyncio.create_task(_gone(request))
        done, waiting = await asyncio.wait((polling, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if polling not in done and follower:
            clock.forget(follower)


def _instant(text: Any) -> datetime:
    """Read an ISO-8601 time with an offset; a plus sign lost in a query string is put back."""
    found = datetime.fromisoformat(str(text).replace(" ", "+") if "T" in str(text) else str(text))
    if found.tzinfo is None:
        raise ControlError("A time needs an offset from UTC.")
    return found.astimezone(UTC)


async def _gone(request: Request) -> None:
    """Return when the client hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        continue
