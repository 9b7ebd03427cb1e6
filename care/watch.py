"""Rules that no answer sets off: U11 (silence), W8 (watch), and those of typed words."""

from care.evaluation import case_of, gather
from care.triage import Level
from care.work import Tx
from storage.tables import Assessment, CheckIn

SILENCE = "U11"
# No answer and not U11, a check-in left after danger = none, or a note or picture received.
WATCH = "W8"
# What a patient's own words may speak for, without an answer to say so.
_LEVELS = {
    SILENCE: Level.urgent,
    WATCH: Level.watch,
    "E0": Level.emergency,
    "U1": Level.urgent,
    "U4": Level.urgent,
}


async def set_off(tx: Tx, check: CheckIn, rule: str) -> None:
    """Add the rule to the check-in's result, once; levels only rise.

    It is stored like any other result, so the record says when and by which protocol version.
    """
    if rule in check.rules:
        return
    check.rules = [*check.rules, rule]
    check.level = max(Level(check.level), _LEVELS[rule]).value
    tx.session.add(check)
    facts = await gather(tx.session, check)
    tx.session.add(
        Assessment(
            clinic_id=check.clinic_id,
            check_in_id=check.id or 0,
            protocol_version=check.protocol_version,
            hours=(await case_of(tx.session, facts)).hours,
            level=_LEVELS[rule].value,
            rules=[rule],
            at=tx.now,
        )
    )
    await tx.session.flush()
