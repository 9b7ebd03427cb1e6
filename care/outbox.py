"""What the outbox may hold: every kind of message and timed step, how urgent, and until when
useful.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Kind:
    """One kind of outbox row.

    Attributes:
        name: as stored.
        priority: lower goes first; below 30 is the urgent lane, which never waits for bulk.
        useful_for: how long after it is due it is still worth sending; None: never too late.
        sends: True when it becomes a message, False for a timed step that only changes records.
        at_once: sent by the handler that wrote it, before it does anything else.
    """

    name: str
    priority: int
    useful_for: timedelta | None = None
    sends: bool = True
    at_once: bool = False

    @property
    def lane(self) -> str:
        """The lane it travels in."""
        return "urgent" if self.priority < 30 else "bulk"


_ALL = (
    # To patients, because of danger.
    Kind("emergency_text", 0, at_once=True),
    Kind("emergency_repeat", 1, timedelta(minutes=30)),
    Kind("urgent_text", 3, at_once=True),
    Kind("clinic_not_reached", 3),
    Kind("nobody_read", 4),
    Kind("seen", 5),
    # To the clinic, because of danger: private chats before the group.
    Kind("card_private", 1, at_once=True),
    Kind("card_group", 2, at_once=True),
    Kind("card_edit", 8),
    Kind("note_forward", 7),
    Kind("forgotten_ask", 6),
    Kind("notice", 9),
    # Timed steps.
    Kind("follow_up_timeout", 3, sends=False),
    Kind("typed_timeout", 3, sends=False),
    Kind("delivery_check", 3, sends=False),
    Kind("escalate", 3, sends=False),
    Kind("forgotten_reopen", 3, sends=False),
    Kind("close_check_in", 12, sends=False),
    Kind("erase", 12, sends=False),
    Kind("scrub", 13, sends=False),
    Kind("drill_step", 9, sends=False),
    Kind("drill_week", 58, timedelta(hours=12), sends=False),
    # The conversation.
    Kind("result", 10, at_once=True),
    Kind("question_one", 10, at_once=True),
    Kind("away", 11),
    Kind("long_away", 31, timedelta(hours=24)),
    Kind("outage", 13, timedelta(hours=12)),
    Kind("erased", 11),
    Kind("clinic_message", 7),
    Kind("session_note", 15, timedelta(hours=20)),
    Kind("staff_joined", 15),
    Kind("drill_report", 12),
    # Bulk.
    Kind("safety", 35, timedelta(hours=20)),
    Kind("check_in", 40),
    Kind("reminder", 45, timedelta(hours=2)),
    Kind("pointer", 47, timedelta(hours=1)),
    Kind("closed_note", 50, timedelta(hours=20)),
    Kind("course_summary", 52),
    Kind("digest_day", 58, sends=False),
    Kind("digest", 60, timedelta(hours=12)),
)

KINDS = {kind.name: kind for kind in _ALL}

CARD_KINDS = ("card_private", "card_group")
# What a session still has to come, called off together when it is cancelled or moved.
SESSION_KINDS = ("safety", "check_in", "reminder", "close_check_in", "closed_note",
                 "course_summary")  # fmt: skip
# What reminds of an open check-in, called off by any answer.
REMINDER_KINDS = ("reminder",)
# What tells patients that the bot was away.
AWAY_KINDS = ("away", "long_away")
# What presses on until somebody acknowledges.
PAGING_KINDS = ("escalate", "delivery_check", "nobody_read", "clinic_not_reached", "card_private",
                "card_group")  # fmt: skip
# What becomes of an alert that was taken and forgotten.
FORGOTTEN_KINDS = ("forgotten_ask", "forgotten_reopen")
