"""The bot's audit of itself: every open matter has its next step, and every due row has moved."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.imbalance
import storage.people
from care.work import Work

STANDS_STILL_AFTER = timedelta(minutes=2)
# Sessions recorded longer ago were looked at before.
_LOOKS_BACK = timedelta(days=2)


@dataclass(frozen=True, order=True)
class Imbalance:
    """Something that cannot be if nothing was lost: which rule, and the id of what it is about."""

    rule: str
    subject: int


Find = Callable[[AsyncSession, datetime], Awaitable[list[int]]]


def _alerts(state: str, *kinds: str) -> Find:
    async def find(session: AsyncSession, _now: datetime) -> list[int]:
        return await storage.imbalance.alerts_without(
            session, state=state, levels=("urgent", "emergency"), kinds=kinds
        )

    return find


def _check_ins(states: tuple[str, ...], kind: str, *, or_given_up: bool = False) -> Find:
    async def find(session: AsyncSession, _now: datetime) -> list[int]:
        return await storage.imbalance.check_ins_without(
            session, states=states, kinds=(kind,), or_given_up=or_given_up
        )

    return find


def _still(lane: str) -> Find:
    async def find(session: AsyncSession, now: datetime) -> list[int]:
        return await storage.imbalance.standing_still(
            session, lane=lane, now=now, after=STANDS_STILL_AFTER
        )

    return find


async def _unplanned(session: AsyncSession, now: datetime) -> list[int]:
    return await storage.imbalance.sessions_without_check_ins(session, now - _LOOKS_BACK)


async def _astray(session: AsyncSession, _now: datetime) -> list[int]:
    return await storage.imbalance.led_astray(session)


async def _shared(session: AsyncSession, _now: datetime) -> list[int]:
    return await storage.imbalance.alerts_sharing_a_session(session)


# A line for each thing that must always hold; the name is what /status and the metrics say.
RULES: dict[str, Find] = {
    "alert_without_escalation": _alerts("open", "escalate"),
    "taken_alert_without_clock": _alerts("acknowledged", "forgotten_reopen"),
    # Refused by Telegram, or not wanted now, it stays planned until its time is over.
    "check_in_without_message": _check_ins(("planned",), "check_in", or_given_up=True),
    "check_in_without_end": _check_ins(("planned", "open"), "close_check_in"),
    "session_without_check_ins": _unplanned,
    "merged_check_in_astray": _astray,
    "session_in_two_alerts": _shared,
    "urgent_row_stands_still": _still("urgent"),
    "bulk_row_stands_still": _still("bulk"),
}


async def look(work: Work) -> frozenset[Imbalance]:
    """Everything out of balance at this moment, seen in one reading transaction."""
    now = work.clock.now()
    found: set[Imbalance] = set()
    async with work.reading() as session:
        for rule, find in RULES.items():
            found |= {Imbalance(rule, subject) for subject in await find(session, now)}
    return frozenset(found)


async def tell_admins(work: Work, found: frozenset[Imbalance], episode: str) -> None:
    """Say it to every admin of the clinic, once per episode, in their private chats."""
    rules = sorted({imbalance.rule for imbalance in found})
    async with work.writing() as tx:
        clinic = await storage.people.first_clinic(tx.session)
        if clinic is None:
            return
        for member, roles in await storage.people.staff(tx.session, clinic.id or 0):
            if "admin" in roles:
                await tx.enqueue(
                    "notice",
                    f"imbalance:{episode}:{member.id}",
                    clinic_id=clinic.id or 0,
                    person_id=member.id,
                    detail={"text": "imbalance", "rules": rules, "count": len(found)},
                )
        tx.audit(clinic.id or 0, "system", "imbalance", f"clinic:{clinic.id}", rules=rules)
