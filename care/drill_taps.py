"""What the synthetic patient of a drill does, put into the inbox as if Telegram had brought it."""

from dataclasses import dataclass
from datetime import datetime

from care.work import Tx
from storage.tables import Drill, Person

# A message that is in no chat: an edit of it becomes a new message.
NOWHERE = 2**31 - 1
# Telegram's updates have numbers above 0; those of drills lie below, each drill's apart.
MOST_TAPS = 100


@dataclass(frozen=True)
class Move:
    """Words that are sent (`text`), or a button that is tapped (`verb` with `args`)."""

    text: str = ""
    verb: str = ""
    args: tuple[int | str, ...] = ()
    message_id: int = NOWHERE


@dataclass(frozen=True)
class Tap:
    """A move with everything that an update names; `at` is aware UTC."""

    update_id: int
    chat_id: int
    name: str
    at: datetime
    move: Move


def follow(token: str) -> Move:
    """Press [Start] behind a one-time link."""
    return Move(text=f"/start {token}")


def update_id(drill: Drill, number: int) -> int:
    """The number of a drill's update (1 to `MOST_TAPS` - 1); no update of Telegram's has it."""
    return number - (drill.id or 0) * MOST_TAPS


async def tap(tx: Tx, drill: Drill, person: Person, move: Move) -> None:
    """Put the patient's next move into the inbox, in the chat of the admin who plays them.

    Raises:
        RuntimeError: this process does not talk to Telegram.
    """
    if tx.as_update is None:
        raise RuntimeError("only the running bot plays a drill")
    drill.taps += 1
    tx.session.add(drill)
    number = update_id(drill, drill.taps)
    # The name that Telegram knows: staff are called as their last update says.
    name = tx.cipher.open(person.name) or "Drill"
    tapped = Tap(number, person.telegram_id, name, tx.now, move)
    await tx.arrive(number, person.telegram_id, tx.as_update(tapped))
