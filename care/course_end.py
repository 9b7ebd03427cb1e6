"""The end of a course: when everything is told, the patient gets a summary of it."""

from datetime import timedelta

import storage.treatment
from care.course import SessionCourse
from care.work import Tx
from storage.tables import OutboxRow

# After the last check's own words, so that the two are not read as one.
AFTER = timedelta(minutes=2)
# An alert that stays open this long makes the summary pointless.
GIVE_UP = timedelta(days=3)


async def offer_summary(tx: Tx, row: OutboxRow) -> None:
    """After a check-in's end was told: when none of its session is left, the summary comes; in a
    merged check-in for each session.
    """
    check = await storage.treatment.check_in(tx.session, row.clinic_id, row.check_in_id or 0)
    others = await storage.treatment.merged_with(tx.session, check) if check else []
    for session_id in (row.session_id, *(other.session_id for other in others)):
        if session_id is not None:
            await _offer(tx, row, session_id)


async def _offer(tx: Tx, row: OutboxRow, session_id: int) -> None:
    checks = await storage.treatment.check_ins_of_session(tx.session, session_id)
    kept = [check for check in checks if check.state != "cancelled"]
    if not kept or any(check.state in ("planned", "open") for check in kept):
        return
    await tx.enqueue(
        "course_summary",
        f"course:{session_id}",
        due_at=tx.now + AFTER,
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        session_id=session_id,
    )


def first_and_last_pain(course: SessionCourse) -> tuple[int | None, int | None]:
    """Pain before the session, and the latest rating after it; None where there is none."""
    after = [rating.pain for rating in course.ratings if rating.pain is not None]
    return course.pain_before, after[-1] if after else None
