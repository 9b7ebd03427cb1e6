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
    """After a check-in's end was told: when none of its session is left, the summary comes."""
    if row.session_id is None:
        return
    checks = await storage.treatment.check_ins_of_session(tx.session, row.session_id)
    kept = [check for check in checks if check.state != "cancelled"]
    if not kept or any(check.state in ("planned", "open") for check in kept):
        return
    await tx.enqueue(
        "course_summary",
        f"course:{row.session_id}",
        due_at=tx.now + AFTER,
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        session_id=row.session_id,
    )


def first_and_last_pain(course: SessionCourse) -> tuple[int | None, int | None]:
    """Pain before the session, and the latest rating after it; None where there is none."""
    after = [rating.pain for rating in course.ratings if rating.pain is not None]
    return course.pain_before, after[-1] if after else None
