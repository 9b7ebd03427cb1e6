"""What is kept for so long only, swept once a day: identities by the clinic's own setting, and the
raw updates that were handled.
"""

from datetime import timedelta

import storage.retention
from care import erasure
from care.work import Tx
from storage.tables import Clinic

MONTH = timedelta(days=365.25 / 12)
# Telegram repeats an update for a day at most.
HANDLED_KEPT = timedelta(days=7)
# Erased in one day at most: what is left waits for the next.
MOST_A_DAY = 200


async def sweep(tx: Tx, clinic: Clinic) -> None:
    """Erase who has had no session for as long as the clinic keeps names, and handled updates."""
    await storage.retention.delete_handled(tx.session, tx.now - HANDLED_KEPT)
    if not clinic.retention_months:
        return
    found = await storage.retention.without_session_since(
        tx.session, clinic.id or 0, tx.now - clinic.retention_months * MONTH, MOST_A_DAY
    )
    for patient in found:
        await erasure.retention_is_over(tx, patient)
