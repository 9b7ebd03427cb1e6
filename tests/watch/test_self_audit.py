"""The bot audits its own books: whatever loses its next step is found, said once, and seen."""

from datetime import timedelta

import aiohttp
import pytest
from sqlmodel import col, select, update

from bot.lookout import Lookout
from care import self_audit
from storage.tables import CheckIn, OutboxRow, TreatmentSession
from tests.walk.world import TO_PAIN, Stage, check_in_for, session_for, taps

STEEP = (TO_PAIN, ("9", "This needs a call"))


async def set_rows(found: Stage, kind: str, **values: object) -> None:
    """Spoil the rows of a kind that are still to come."""
    async with found.house.work.database.writing() as session:
        await session.exec(
            update(OutboxRow)
            .where(col(OutboxRow.kind) == kind, col(OutboxRow.state) == "due")
            .values(**values)
        )


async def rules(found: Stage) -> set[str]:
    return {imbalance.rule for imbalance in await self_audit.look(found.house.work)}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("check_in", "check_in_without_message"),
        ("close_check_in", "check_in_without_end"),
    ],
)
async def test_a_check_in_that_lost_a_step_is_found(either: Stage, kind: str, rule: str) -> None:
    await session_for(either, either.ben)
    assert await rules(either) == set()
    await set_rows(either, kind, state="cancelled")
    assert await rules(either) == {rule}
    await restore(either, kind)


async def restore(found: Stage, kind: str) -> None:
    """Make it whole again, so that the clinic ends balanced."""
    async with found.house.work.database.writing() as session:
        await session.exec(
            update(OutboxRow)
            .where(col(OutboxRow.kind) == kind, col(OutboxRow.state) == "cancelled")
            .values(state="due")
        )


async def test_an_open_alert_without_a_next_step_is_found(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, *STEEP)
    await either.clinician.sees("off the expected course")
    assert await rules(either) == set()
    await set_rows(either, "escalate", state="cancelled")
    assert await rules(either) == {"alert_without_escalation"}
    await restore(either, "escalate")


async def test_a_taken_alert_that_would_be_forgotten_is_found(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, *STEEP)
    await either.clinician.sees("off the expected course")
    await either.clinician.taps("I'm on it")
    await either.ben.sees("Your clinic saw this")
    assert await rules(either) == set()
    await set_rows(either, "forgotten_reopen", state="cancelled")
    assert await rules(either) == {"taken_alert_without_clock"}
    await restore(either, "forgotten_reopen")


async def test_a_session_whose_check_ins_vanished_is_found(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    async with clinic.house.work.database.writing() as session:
        await session.exec(update(OutboxRow).values(check_in_id=None))
        for check in (await session.exec(select(CheckIn))).all():
            await session.delete(check)
    assert await rules(clinic) == {"session_without_check_ins"}
    async with clinic.house.work.database.writing() as session:
        await session.exec(update(TreatmentSession).values(cancelled_at=clinic.house.clock.now()))


@pytest.mark.parametrize("lane", ["urgent", "bulk"])
async def test_a_lane_that_stands_still_is_found(clinic: Stage, lane: str) -> None:
    work = clinic.house.work
    clinic.house.ticker.stop()
    async with work.writing() as tx:
        due = tx.now - timedelta(minutes=5)
        stuck = OutboxRow(
            clinic_id=1, kind="digest_day", key="stuck", lane=lane, due_at=due, created_at=due
        )
        tx.session.add(stuck)
        await tx.session.exec(update(OutboxRow).values(ended_at=tx.now))
    assert await rules(clinic) == set()  # the lane moved a moment ago: a queue is no fault
    async with work.database.writing() as session:
        await session.exec(update(OutboxRow).values(ended_at=due))
    assert await rules(clinic) == {f"{lane}_row_stands_still"}
    async with work.database.writing() as session:
        await session.exec(
            update(OutboxRow).where(OutboxRow.key == "stuck").values(state="cancelled")
        )


async def test_an_imbalance_that_lasts_is_told_once_and_turns_health_red(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    lookout: Lookout = clinic.house.lookout
    await set_rows(clinic, "close_check_in", state="cancelled")
    await lookout.look()
    first_look = lookout.imbalances
    await lookout.look()
    await lookout.look()
    assert {imbalance.rule for imbalance in lookout.imbalances} == {"check_in_without_end"}
    assert len(lookout.imbalances) == 2 or first_look
    await clinic.admin.sees("My own books do not balance")
    await clinic.admin.sends("/status")
    await clinic.admin.sees("a check-in would never close: 2")
    told = [m for m in clinic.admin.view().messages if "My own books" in m.text]
    assert len(told) == 1
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{clinic.house.port}/healthz") as answer,
    ):
        assert answer.status == 503
        assert (await answer.json())["imbalances"] == ["check_in_without_end"]
    await restore(clinic, "close_check_in")
    await lookout.look()
    assert lookout.imbalances == frozenset()
    await clinic.admin.taps("Refresh")
    await clinic.admin.sees("The books balance")
