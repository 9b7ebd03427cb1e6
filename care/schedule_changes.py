"""Changing the schedule: a draft, shown as a diff, applied exactly as shown, and undone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import storage.people
import storage.schedules
import storage.treatment
from care import merging, planning, schedule_diff, schedules
from care.actors import Actor, RefusedError
from care.schedule_diff import ARRANGED, Followed, Move
from care.schedules import LAST_HOURS, InvalidScheduleError
from care.timing import Schedule
from care.work import Tx, Work
from storage.tables import CheckIn, ScheduleVersion


@dataclass(frozen=True)
class Preview:
    """A draft as an admin is shown it: the schedule in force, the new one, and what it moves.

    `number` is the version in force; `outdated` says that it is not the one the draft was made on.
    """

    draft_id: int
    number: int
    old: Schedule
    new: Schedule
    moves: tuple[Move, ...]
    outdated: bool


@dataclass(frozen=True)
class Applied:
    """What was done: the new version's number, and the check-ins that moved with it."""

    number: int
    schedule: Schedule
    moves: tuple[Move, ...]


class LookAgainError(Exception):
    """Things changed since the diff was shown: nothing was applied, here is the diff as of now."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("look again")
        self.preview = preview


async def in_force(work: Work, actor: Actor) -> tuple[int, Schedule]:
    """The schedule in force, with its number.

    Raises:
        RefusedError: the actor is no admin.
    """
    _person, clinic_id = _admin(actor)
    async with work.reading() as session:
        return await schedules.current(session, clinic_id)


async def change(
    work: Work, actor: Actor, draft_id: int, edit: Callable[[Schedule], Schedule]
) -> Preview:
    """Edit a draft (0: a new one, of the schedule in force); nothing is applied yet.

    Raises:
        RefusedError: no admin, or no such draft.
        InvalidScheduleError: the schedule cannot be like that; the draft stays as it was.
    """
    person_id, clinic_id = _admin(actor)
    async with work.writing() as tx:
        number, now_valid = await schedules.current(tx.session, clinic_id)
        if draft_id:
            draft = await _draft(tx, clinic_id, draft_id)
            edited = edit(schedules.from_json(draft.body))
        else:
            edited = edit(now_valid)
            draft = ScheduleVersion(
                clinic_id=clinic_id, based_on=number, made_by=person_id, made_at=tx.now
            )
        draft.body = schedules.to_json(edited)
        return await _preview(tx, draft)


async def look(work: Work, actor: Actor, draft_id: int, *, anew: bool = False) -> Preview:
    """The draft as it stands now; `anew` puts it on top of what another admin applied meanwhile.

    Raises:
        RefusedError: no admin, or no such draft.
    """
    _person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        draft = await _draft(tx, clinic_id, draft_id)
        if anew:
            draft.based_on, _schedule = await schedules.current(tx.session, clinic_id)
        return await _preview(tx, draft)


async def undo(work: Work, actor: Actor, number: int) -> Preview:
    """A draft that brings back what version `number` replaced; shown as a diff like any other.

    Raises:
        RefusedError: no admin, or there is nothing before that version.
    """
    _person, clinic_id = _admin(actor)
    async with work.reading() as session:
        before = await storage.schedules.version(session, clinic_id, number - 1)
    if before is None:
        raise RefusedError("nothing to undo")
    return await change(work, actor, 0, lambda _now: schedules.from_json(before.body))


async def cancel(work: Work, actor: Actor, draft_id: int) -> None:
    """Forget a draft.

    Raises:
        RefusedError: no admin, or no such draft.
    """
    _person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        draft = await _draft(tx, clinic_id, draft_id)
        draft.state = "cancelled"
        tx.session.add(draft)


async def apply(work: Work, actor: Actor, draft_id: int, *, running: bool) -> Applied:
    """Put a draft in force, exactly as it was shown.

    Args:
        work: the means to work with.
        actor: an admin.
        draft_id: what is applied.
        running: also move what is planned already; else new sessions only.

    Raises:
        RefusedError: no admin, or no such draft.
        LookAgainError: another admin was quicker, or what it moves is no longer what was shown.
    """
    _person, clinic_id = _admin(actor)
    async with work.writing() as tx:
        draft = await _draft(tx, clinic_id, draft_id)
        shown = draft.moves
        preview = await _preview(tx, draft)
        changed = running and [move.to_json() for move in preview.moves] != shown
        if not (preview.outdated or changed or preview.new == preview.old):
            return await _apply(tx, actor, draft, preview, running=running)
    raise LookAgainError(preview)


async def _apply(
    tx: Tx, actor: Actor, draft: ScheduleVersion, preview: Preview, *, running: bool
) -> Applied:
    clinic = await storage.people.clinic(tx.session, draft.clinic_id)
    if clinic is None:
        raise RefusedError("no such clinic")
    moves = preview.moves if running else ()
    patients = await _patients_of(tx, moves, draft.clinic_id)
    await storage.people.hold(tx.session, patients)
    for move in moves:
        if move.change not in ARRANGED:
            await _carry_out(tx, draft, move, clinic.protocol_version)
    number = await storage.schedules.highest_number(tx.session, draft.clinic_id) + 1
    draft.number, draft.state, draft.applied_at = number, "applied", tx.now
    draft.moved_running = running
    tx.session.add(draft)
    await tx.session.flush()
    for patient_id in patients:
        await merging.arrange(tx, draft.clinic_id, patient_id)
    tx.audit(
        draft.clinic_id, actor.name, "schedule_applied", f"schedule:{number}",
        steps=[step.id for step in preview.new.steps], moved=len(moves),
    )  # fmt: skip
    return Applied(number, preview.new, moves)


async def _patients_of(tx: Tx, moves: Sequence[Move], clinic_id: int) -> list[int]:
    found: set[int] = set()
    for session_id in {move.session_id for move in moves}:
        session = await storage.treatment.treatment_session(tx.session, clinic_id, session_id)
        if session is not None:
            found.add(session.patient_id)
    return sorted(found)


async def _carry_out(tx: Tx, draft: ScheduleVersion, move: Move, protocol_version: int) -> None:
    clinic_id = draft.clinic_id
    if move.check_in_id is None:
        session = await storage.treatment.treatment_session(tx.session, clinic_id, move.session_id)
        if session is not None and move.times is not None:
            await planning.plan(tx, session, move.times, protocol_version=protocol_version)
        return
    check = await storage.treatment.check_in(tx.session, clinic_id, move.check_in_id)
    if check is None:
        return
    if move.times is None:
        await planning.remove(tx, check)
    else:
        await planning.move(tx, check, move.times, f"schedule{draft.id}")


async def _preview(tx: Tx, draft: ScheduleVersion) -> Preview:
    """Work the diff out as of now, and store it as what was shown."""
    number, old = await schedules.current(tx.session, draft.clinic_id)
    new = schedules.checked(schedules.from_json(draft.body))
    found = schedule_diff.moves(await _followed(tx, draft.clinic_id), new, tx.now)
    draft.moves = [move.to_json() for move in found]
    tx.session.add(draft)
    await tx.session.flush()
    return Preview(draft.id or 0, number, old, new, tuple(found), number != draft.based_on)


async def _followed(tx: Tx, clinic_id: int) -> list[Followed]:
    since = tx.now - timedelta(hours=LAST_HOURS)
    clinic = await storage.people.clinic(tx.session, clinic_id)
    zone = clinic.zone if clinic else "UTC"
    reminders = await storage.schedules.queued_reminders(tx.session, clinic_id)
    checks: dict[int, list[CheckIn]] = {}
    for check in await storage.schedules.scheduled_check_ins(tx.session, clinic_id, since):
        checks.setdefault(check.session_id or 0, []).append(check)
    return [
        Followed(
            session,
            patient.code,
            patient.zone or zone,
            tuple(checks.get(session.id or 0, ())),
            reminders,
        )
        for session, patient in await storage.schedules.followed_sessions(
            tx.session, clinic_id, since
        )
    ]


async def _draft(tx: Tx, clinic_id: int, draft_id: int) -> ScheduleVersion:
    draft = await storage.schedules.draft(tx.session, clinic_id, draft_id)
    if draft is None:
        raise RefusedError("no such draft")
    return draft


def _admin(actor: Actor) -> tuple[int, int]:
    person, clinic_id = actor.staff()
    if not actor.is_admin:
        raise RefusedError("only an admin changes the schedule")
    return person.id or 0, clinic_id


__all__ = ["Applied", "InvalidScheduleError", "LookAgainError", "Preview"]
