"""The rehearsal: what other numbers would have done to the alerts of the last weeks."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import storage.protocols
from care.replay import judged_again
from care.triage import Level, Protocol
from care.work import Work
from storage.tables import Alert, Assessment, CheckIn

DAYS = 90

# A session; or a patient, where the record knows of no session.
Course = tuple[str, int]
# Told how many of how many assessments were looked at.
Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True)
class Lost:
    """An alert that would not have been: its number, the patient's code, and how it was closed."""

    number: int
    code: str
    outcome: str | None


@dataclass(frozen=True)
class Rehearsal:
    """What the numbers would have done in `days` days.

    `before` and `after` count alerts by level. `judged` assessments were judged again, `kept` were
    not, because no answer set them off or they are older than the record of what they were given.
    """

    days: int
    before: Counter[str]
    after: Counter[str]
    lost: tuple[Lost, ...]
    gained: int
    judged: int
    kept: int

    @property
    def lost_confirmed(self) -> tuple[Lost, ...]:
        """Those that a clinician had closed as confirmed."""
        return tuple(one for one in self.lost if one.outcome == "confirmed")

    def a_week(self, counted: Counter[str], *levels: str) -> float:
        """How many a week."""
        return sum(counted[level] for level in levels) * 7 / self.days


@dataclass
class _Past:
    """The alerts there were, and what the other numbers would have made of them."""

    alerts: dict[Course, list[tuple[Alert, str]]]
    levels: dict[int, Level] = field(default_factory=dict)
    gained: dict[Course, Level] = field(default_factory=dict)
    judged: int = 0
    kept: int = 0

    def take(self, page: Iterable[tuple[Assessment, CheckIn]], protocol: Protocol) -> None:
        for assessment, check in page:
            level = Level(assessment.level)
            if assessment.inputs is None:
                self.kept += 1
            else:
                level = judged_again(assessment.inputs, assessment.hours, protocol).level
                self.judged += 1
            if level >= Level.urgent:
                self._serious(_course(check.session_id, check.patient_id), assessment.at, level)

    def _serious(self, course: Course, at: datetime, level: Level) -> None:
        for alert, _code in self.alerts.get(course, ()):
            if alert.opened_at <= at and (alert.closed_at is None or at <= alert.closed_at):
                number = alert.id or 0
                self.levels[number] = max(level, self.levels.get(number, Level.none))
                return
        # Nobody was told then; one alert stands for all that follows in the course.
        self.gained[course] = max(level, self.gained.get(course, Level.none))


async def rehearse(
    work: Work,
    clinic_id: int,
    protocol: Protocol,
    *,
    days: int = DAYS,
    progress: Progress | None = None,
) -> Rehearsal:
    """Judge again what was judged in the last days, with `protocol`, beside what became of it."""
    since = work.clock.now() - timedelta(days=days)
    async with work.reading() as session:
        total = await storage.protocols.count_assessments(session, clinic_id, since)
        found = await storage.protocols.alerts_since(session, clinic_id, since)
    recent = [(alert, code) for alert, code in found if alert.opened_at >= since]
    past, after, done = _Past(_by_course(found)), 0, 0
    while True:
        async with work.reading() as session:
            page = await storage.protocols.assessments_page(session, clinic_id, since, after=after)
        if not page:
            break
        # Thousands of answer sets: no tap waits for them.
        await asyncio.to_thread(past.take, page, protocol)
        after, done = page[-1][0].id or 0, done + len(page)
        if progress is not None:
            await progress(done, total)
    return _counted(past, recent, days)


def _counted(past: _Past, recent: list[tuple[Alert, str]], days: int) -> Rehearsal:
    kept = Counter(past.levels[a.id or 0].value for a, _ in recent if a.id in past.levels)
    lost = [
        Lost(alert.id or 0, code, alert.outcome)
        for alert, code in recent
        if alert.id not in past.levels
    ]
    return Rehearsal(
        days=days,
        before=Counter(alert.level for alert, _code in recent),
        after=kept + Counter(level.value for level in past.gained.values()),
        lost=tuple(lost),
        gained=len(past.gained),
        judged=past.judged,
        kept=past.kept,
    )


def _by_course(found: Iterable[tuple[Alert, str]]) -> dict[Course, list[tuple[Alert, str]]]:
    courses: dict[Course, list[tuple[Alert, str]]] = {}
    for alert, code in found:
        for session_id in (alert.session_id, *alert.also_sessions):
            course = _course(session_id, alert.patient_id)
            courses.setdefault(course, []).append((alert, code))
    return courses


def _course(session_id: int | None, patient_id: int) -> Course:
    return ("patient", patient_id) if session_id is None else ("session", session_id)
