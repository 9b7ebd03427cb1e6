"""What is known after an episode: plain records from the database and from simulated Telegram."""

from dataclasses import dataclass, field
from datetime import datetime

# Signs that are an emergency by themselves, whatever else was answered.
ALWAYS_EMERGENCY = frozenset(
    {"breathless", "chest_pain", "sudden_neuro", "saddle", "very_ill", "skin_black",
     "swelling_fast", "cold_limb", "allergy", "other_danger"}
)  # fmt: skip


@dataclass(frozen=True)
class Tap:
    """One tapped button: what it said, and what became of it.

    `handled`: the bot's inbox has it, done and without error. `forgotten`: Telegram dropped it
    undelivered. `stored`: the answer it gives is on record. `replaced`: so is a later one to the
    same question. `told`: the toast it was answered with, or that the
    question which stands now was drawn.
    """

    update_id: int
    chat: int
    at: datetime
    data: str
    handled: bool
    forgotten: bool
    stored: bool
    replaced: bool = False
    told: str = ""

    @property
    def verb(self) -> str:
        return self.data.split(":")[0]

    @property
    def is_answer(self) -> bool:
        """True for what answers a question; other buttons can simply be tapped again."""
        return self.verb in ("a", "t", "d")

    @property
    def check_in(self) -> int:
        return int(self.data.split(":")[1])


@dataclass(frozen=True)
class Seen:
    """A new message of the bot as it first appeared in a chat; edits are left out."""

    chat: int
    message_id: int
    at: datetime
    text: str
    data: tuple[str, ...] = ()

    def carries(self, wanted: str) -> bool:
        return wanted in self.data


@dataclass(frozen=True)
class Check:
    """A check-in or report as it stands; `signs` are all danger signs ever ticked in it.

    `merged_into`: the check-in of another session in whose message it is asked.
    `story`: its answers and its rows, for whoever looks for the cause of a finding.
    """

    id: int
    chat: int
    step: str
    state: str
    level: str
    due_at: datetime
    signs: frozenset[str] = frozenset()
    danger_in_force: bool = False
    alerts: tuple[int, ...] = ()
    ended_at: datetime | None = None
    merged_into: int | None = None
    story: str = ""

    @property
    def asked_in(self) -> int:
        """The check-in whose message asks it: its own, or the one it is merged into."""
        return self.merged_into or self.id


@dataclass(frozen=True)
class Paged:
    """An alert: its level, its state, and when it was paged last."""

    id: int
    level: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Row:
    """An outbox row; `paced`: it waits only for its turn in a busy chat."""

    id: int
    kind: str
    state: str
    due_at: datetime
    sends: bool = True
    held: bool = False
    away: bool = False
    paced: bool = False
    check_in: int | None = None
    alert: int | None = None
    chat: int | None = None
    message_id: int | None = None


@dataclass
class Evidence:
    """Everything the judge is shown. `here`: (chat, message id) of all that Telegram shows."""

    now: datetime
    group: int
    on_duty: tuple[int, ...]
    taps: list[Tap] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    here: set[tuple[int, int]] = field(default_factory=set)
    checks: list[Check] = field(default_factory=list)
    alerts: list[Paged] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    audit_broken_at: int | None = None
    unhandled: int = 0
    failed_updates: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
