"""A tap on a check-in that time has closed: the answer is kept, in a report."""

import storage.treatment
from tests.walk.record import check_ins
from tests.walk.world import TO_PAIN, WELL_UNTIL_NEW, Stage, check_in_for, taps


async def kept(found: Stage) -> dict[str, list[str]]:
    """The answers in force in the newest report."""
    report = (await check_ins(found, "report"))[-1]
    async with found.house.work.reading() as session:
        rows = await storage.treatment.answers(session, report.id)
    return {row.question: row.value for row in rows}


async def test_a_danger_sign_tapped_after_closing_time_is_an_emergency(either: Stage) -> None:
    await check_in_for(either, either.ben, "Neck, shoulder")
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"))
    await either.world.forward(hours=26)
    await taps(either.ben, ("Breathless", "Please get emergency help NOW"))
    await either.clinician.sees("Possible pneumothorax")
    assert await kept(either) == {"danger": ["yes"], "danger_signs": ["breathless"]}


async def test_a_later_answer_tapped_after_closing_time_is_kept_and_the_rest_is_asked(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, TO_PAIN)
    pain = either.ben.view().messages[-1]
    await either.world.forward(hours=26)
    nine = next(b.data for row in pain.buttons for b in row if b.text == "9")
    await either.ben.view().taps_data(pain, nine)
    report = await either.ben.sees("Check 1 of 5 · Report")
    assert await kept(either) == {"pain": ["9"]}
    await either.ben.view().taps_data(report, report.buttons[0][0].data)
    await either.ben.sees("How sore")


async def test_a_sign_on_an_old_screen_outweighs_the_none_given_meanwhile(either: Stage) -> None:
    await check_in_for(either, either.ben, "Neck, shoulder")
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"))
    old = either.ben.view().messages[-1]
    (check,) = await check_ins(either, "24h")
    await either.world.forward(hours=26)
    await either.ben.view().taps_data(old, f"a:{check.id}:danger:none")
    await either.ben.sees("Check 2 of 5 · Report")
    sign = next(b.data for row in old.buttons for b in row if "Breathless" in b.text)
    await either.ben.view().taps_data(old, sign)
    await either.ben.sees("Please get emergency help NOW")
    await either.clinician.sees("Possible pneumothorax")
    assert await kept(either) == {"danger": ["yes"], "danger_signs": ["breathless"]}


async def test_a_danger_that_a_correction_brings_back_runs_out_of_time_again(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    await taps(
        either.ben,
        ("Yes, or not sure", "Tap all, then Done"), ("Back", "ANY of these now"), TO_PAIN,
        *WELL_UNTIL_NEW[1:], ("No, nothing new", "All as expected"),
        ("Change an answer", "Which answer"), ("Danger", "ANY of these now"),
        ("Yes, or not sure", "Tap all, then Done"),
    )  # fmt: skip
    await either.world.forward(minutes=3)
    await either.ben.sees("Please get emergency help NOW")
    await either.clinician.sees("Danger sign, not specified")


async def test_a_danger_told_in_the_last_minute_is_an_emergency_after_the_check_closed(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben)
    (check,) = await check_ins(either, "24h")
    left = check.closes_at - await either.world.now()
    await either.world.forward(seconds=int(left.total_seconds()) - 60)
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"))
    await either.world.forward(minutes=1, seconds=5)
    assert [one.state for one in await check_ins(either, "24h")] == ["abandoned"]
    await either.world.forward(minutes=1)
    await either.ben.sees("Please get emergency help NOW")
    await either.clinician.sees("Danger sign, not specified")


async def test_a_sign_on_an_old_screen_counts_though_the_check_closed_with_none(
    either: Stage,
) -> None:
    await check_in_for(either, either.ben, "Neck, shoulder")
    await taps(either.ben, ("Yes, or not sure", "Tap all, then Done"))
    old = either.ben.view().messages[-1]
    sign = next(b.data for row in old.buttons for b in row if "Breathless" in b.text)
    await taps(either.ben, ("Back", "ANY of these now"), TO_PAIN)
    await either.world.forward(hours=26)
    await either.ben.view().taps_data(old, sign)
    await either.ben.sees("Please get emergency help NOW")
    await either.clinician.sees("Possible pneumothorax")
    assert await kept(either) == {"danger": ["yes"], "danger_signs": ["breathless"]}
