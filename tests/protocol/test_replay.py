"""What was judged live is judged the same again, from what is stored."""

from sqlmodel import col, select

from care.protocols import protocol_of
from care.replay import judged_again
from storage.tables import Assessment, CheckIn
from tests.walk.world import (
    TO_BRUISING,
    TO_NEW,
    TO_PAIN,
    TO_SORENESS,
    WELL_UNTIL_NEW,
    Stage,
    check_in_for,
    session_for,
    taps,
)


async def live(found: Stage) -> None:
    """Days in which everything happens that the rules see: ticks, corrections, time-outs, worry,
    merged check-ins, typed words, silence, and a second check that looks back at the first.
    """
    await session_for(found, found.anna, "Neck, shoulder")
    await check_in_for(found, found.ben)
    await taps(found.anna, TO_PAIN, ("8", "How sore"), ("Severe", "Any bruising"), TO_NEW)
    await taps(found.anna, ("No, nothing new", None))
    await taps(found.ben, TO_PAIN, TO_SORENESS, TO_BRUISING, TO_NEW)
    await taps(found.ben, ("Numb", "Where?"), ("Back", "Anything NEW"), ("Skin", "Tap all"))
    await found.world.forward(minutes=31)
    await found.ben.sends("my arm is red hot and pus comes out")
    await found.ben.taps("I'm worried")
    await found.ben.sees("This needs a call today")
    await found.world.forward(hours=24)
    await found.anna.sees("48 hours after your session")
    await taps(found.anna, *WELL_UNTIL_NEW, ("No, nothing new", None))
    await found.world.forward(hours=30)


async def test_replay_gives_exactly_what_was_decided_live(either: Stage) -> None:
    await live(either)
    async with either.house.work.reading() as session:
        query = select(Assessment, CheckIn).join(
            CheckIn, col(CheckIn.id) == col(Assessment.check_in_id)
        )
        stored = (await session.exec(query.order_by(col(Assessment.id)))).all()
        protocols = {1: await protocol_of(session, 1, 1)}
    again = [one for one, _check in stored if one.inputs is not None]
    assert len(again) > 10
    assert any(one.inputs["previous"] for one in again)
    assert any(one.inputs["timed_out"] for one in again)
    assert any(one.inputs["worried"] for one in again)
    for one in again:
        verdict = judged_again(one.inputs, one.hours, protocols[one.protocol_version])
        assert (verdict.level.value, list(verdict.rules)) == (one.level, one.rules)
    # And the levels that people were told of come from these results alone.
    for check in {check.id: check for _one, check in stored}.values():
        highest = {one.level for one, its in stored if its.id == check.id}
        order = ["none", "watch", "urgent", "emergency"]
        assert check.level == max(highest, key=order.index)
