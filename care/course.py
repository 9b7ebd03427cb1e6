"""A patient's course as pictures and briefs show it: ratings, gaps and alerts, session by session.

Everything is read here, so that a picture can be drawn in a thread without the database.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.alerts
import storage.treatment
from care import timing
from care.evaluation import Value, gather
from storage.tables import CheckIn, TreatmentSession

# Soreness and bruising in the order of their weight; anything else cannot be put on a scale.
SORENESS = ("none", "mild", "moderate", "severe")
BRUISING = ("none", "small", "large")
NERVE_SIGNS = frozenset({"numb", "shock"})


@dataclass(frozen=True)
class Rating:
    """What one check-in or report says.

    Attributes:
        hours: real hours since the session: of the answer, else of when it was due.
        step: "24h", "48h", … or "report".
        state: the check-in's state.
        answers: question id to value, of what was answered; empty when nothing was.
    """

    hours: float
    step: str
    state: str
    answers: dict[str, Value]

    @property
    def pain(self) -> int | None:
        """0 to 10, or None: not answered."""
        value = self.answers.get("pain")
        return value if isinstance(value, int) else None

    def word(self, question: str) -> str | None:
        """The value of a one-of question ("mild"), or None: not answered."""
        value = self.answers.get(question)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class AlertMark:
    """An alert on the time line: its number, level, and hours since the session."""

    number: int
    level: str
    hours: float


@dataclass(frozen=True)
class SessionCourse:
    """One session and what came after it, in order of time."""

    at: datetime
    pain_before: int | None
    ratings: tuple[Rating, ...]
    alerts: tuple[AlertMark, ...] = ()

    @property
    def has_answers(self) -> bool:
        """True when the patient rated anything after this session."""
        return any(rating.answers for rating in self.ratings)

    @property
    def ended(self) -> bool:
        """True when no check-in of it is planned or open any more."""
        return not any(rating.state in ("planned", "open") for rating in self.ratings)


async def courses(
    session: AsyncSession, patient_id: int, *, most: int = 3
) -> tuple[SessionCourse, ...]:
    """A patient's latest sessions with their ratings, oldest first."""
    treated = await storage.treatment.sessions_of(session, patient_id)
    return tuple([await course_of(session, one) for one in reversed(treated[:most])])


async def course_of(session: AsyncSession, treated: TreatmentSession) -> SessionCourse:
    """One session with its ratings and alerts."""
    checks = await storage.treatment.check_ins_of_session(session, treated.id or 0)
    ratings = [
        await _rating(session, treated, check) for check in checks if check.state != "cancelled"
    ]
    alerts = await storage.alerts.alerts_of_patient(session, treated.patient_id)
    return SessionCourse(
        treated.at,
        treated.pain_before,
        tuple(sorted(ratings, key=lambda rating: rating.hours)),
        tuple(
            AlertMark(
                found.id or 0, found.level, timing.elapsed_hours(treated.at, found.opened_at)
            )
            for found in reversed(alerts)
            if treated.id in (found.session_id, *found.also_sessions)
        ),
    )


async def _rating(session: AsyncSession, treated: TreatmentSession, check: CheckIn) -> Rating:
    facts = await gather(session, check)
    at = check.answered_at or check.due_at
    hours = max(0.0, timing.elapsed_hours(treated.at, at))
    return Rating(hours, check.step, check.state, facts.final)
