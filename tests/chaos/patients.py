"""People who tap as people do: what they see, twice when nothing happens, again when asked."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.people import Button, Message, Person

# Buttons that lead on in a check-in.
LEADING = ("a", "t", "d", "g")
# How long somebody looks at a screen that does not change before tapping again (seconds).
PATIENCE = 1.5
SIGNS = ("breathless", "chest_pain", "sudden_neuro", "saddle", "very_ill", "skin_black",
         "swelling_fast", "cold_limb", "allergy", "other_danger", "dry_cough")  # fmt: skip


@dataclass(frozen=True)
class Tapped:
    """A tap as it left the phone."""

    callback: str
    chat: int
    at: datetime
    data: str


@dataclass
class Patient:
    """One patient (or clinician): a person, a mood of their own, and every tap they made."""

    person: Person
    rng: random.Random
    taps: list[Tapped] = field(default_factory=list)
    danger: bool = False
    _signs: list[str] = field(default_factory=list)
    _waits: tuple[str, float, object] | None = None

    async def live(self, stop: asyncio.Event) -> None:
        """Tap until told to stop."""
        while not stop.is_set():
            await self.step()
            await asyncio.sleep(self.rng.uniform(0.02, 0.2))

    async def step(self, *, hasty: bool = False) -> None:
        """Tap something, unless the last tap still deserves patience."""
        screen = self._screen()
        if not hasty and self._waiting(screen):
            return
        chosen = self._choose(screen)
        if chosen is not None:
            await self.tap(*chosen)

    async def tap(self, message: Message, button: Button) -> None:
        """Tap, and remember it."""
        at = await self.person.world.now()
        started = await self.person.act(
            "tap", chat=message.chat_id, message_id=message.message_id, data=button.data
        )
        callback = str(started["callback_id"])
        self.taps.append(Tapped(callback, self.person.id, at, button.data or ""))
        self._waits = (callback, time.monotonic(), self._screen())

    def _waiting(self, screen: Message | None) -> bool:
        if self._waits is None:
            return False
        callback, since, before = self._waits
        changed = screen != before
        answered = self.person.world.answer(callback) is not None
        return not (changed or answered) and time.monotonic() - since < PATIENCE

    def _shown(self) -> list[Message]:
        found = [m for m in self.person.view().messages if m.from_bot and m.buttons]
        return sorted(found, key=lambda message: message.message_id, reverse=True)

    def _screen(self) -> Message | None:
        return next((m for m in self._shown() if _verbs(m) & {*LEADING, "r"}), None)

    def _choose(self, screen: Message | None) -> tuple[Message, Button] | None:
        for message in self._shown():
            if "h" in _verbs(message) and message == self._shown()[0] and self._maybe(0.15):
                return message, self._one(message, "h" if self._maybe(0.6) else "m")
        if screen is None:
            return None
        buttons = [b for row in screen.buttons for b in row if b.data]
        leading = [b for b in buttons if _verb(b) in LEADING]
        if leading:
            return screen, self._answer(leading)
        if self.danger or self._maybe(0.3):
            return screen, self._one(screen, "r")
        return None

    def _answer(self, buttons: list[Button]) -> Button:
        """Mostly well; in danger, a sign that was not tapped before."""
        by_data = {str(b.data): b for b in buttons}
        question = next((data.split(":")[2] for data in by_data if data[0] in "at"), "")
        first = {data.split(":")[-1]: data for data in by_data if data.startswith("a:")}
        if question == "danger" and len(first) == 2:
            return by_data[first["yes" if self._maybe(0.9 if self.danger else 0.1) else "none"]]
        if question == "new" and self._maybe(0.6):
            return by_data[first["none"]] if "none" in first else buttons[-1]
        done = [b for data, b in by_data.items() if data.startswith("d:")]
        if done and self._maybe(0.6):
            return done[0]
        off = [b for data, b in by_data.items() if data.endswith(":on")]
        if question == "danger_signs" and off:
            return self._sign(off)
        fresh = off or [b for b in buttons if _verb(b) in ("a", "g")]
        return self.rng.choice(fresh or buttons)

    def _sign(self, buttons: list[Button]) -> Button:
        if not self._signs:
            self._signs = self.rng.sample(SIGNS, len(SIGNS))
        wanted = self._signs.pop()
        named = [b for b in buttons if f":{wanted}:" in str(b.data)]
        return named[0] if named else self.rng.choice(buttons)

    def _maybe(self, chance: float) -> bool:
        return self.rng.random() < chance

    @staticmethod
    def _one(message: Message, verb: str) -> Button:
        return next(b for row in message.buttons for b in row if _verb(b) == verb)


async def take_alerts(clinician: Patient) -> None:
    """[I'm on it] on the newest card that still offers it."""
    for message in clinician._shown():
        if "kg" in _verbs(message):
            await clinician.tap(message, clinician._one(message, "kg"))
            return


def _verb(button: Button) -> str:
    return (button.data or "").split(":")[0]


def _verbs(message: Message) -> set[str]:
    return {_verb(b) for row in message.buttons for b in row if b.data}
