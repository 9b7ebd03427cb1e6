"""A check-in as the patient lives it: five taps, follow-ups, corrections, the truth at the end."""

import pytest

from care import self_audit
from tests.walk.record import all_answers, check_ins, given
from tests.walk.world import (
    TO_BRUISING,
    TO_NEW,
    TO_PAIN,
    TO_SORENESS,
    WELL_UNTIL_NEW,
    Stage,
    check_in_for,
    taps,
)


async def test_a_well_patient_makes_five_taps_in_one_message(either: Stage) -> None:
    await check_in_for(either, either.ben)
    before = len(either.ben.view().messages)
    await taps(either.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected"))
    assert len(either.ben.view().messages) == before
    (check,) = await check_ins(either, "24h")
    assert (check.state, check.level, check.protocol_version) == ("complete", "none", 1)
    assert await given(either, "24h") == {
        "danger": "none", "pain": 3, "soreness": "mild", "bruising": "none",
        "new": frozenset({"none"}),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "question", "values"),
    [
        ((TO_PAIN, TO_SORENESS, TO_BRUISING, ("Large", "About the bruise"),
          ("Hard", "About"), ("Done", "NEW")), "bruise_signs", {"hard"}),
        ((TO_PAIN, TO_SORENESS, TO_BRUISING, ("I cannot see", "Touch the spots"),
          ("I cannot tell", "NEW")), "touch", "cannot_tell"),
        ((*WELL_UNTIL_NEW, ("Skin red", "About the skin"), ("Pus", "About"),
          ("Red streaks", "About"), ("Done", None)), "skin_signs", {"pus", "red_streaks"}),
        ((*WELL_UNTIL_NEW, ("Numb", "Where"), ("A small spot", "Where"),
          ("Done", "How is it")), "nerve_place", {"needle_spot"}),
        ((*WELL_UNTIL_NEW, ("Electric", "Where"), ("Leg", "Where"), ("Done", "How is it"),
          ("Getting worse", None)), "nerve_course", "worse"),
        ((*WELL_UNTIL_NEW, ("Weak or clumsy", "Which fits"), ("Sore, but", None)),
         "weakness", "works"),
        ((*WELL_UNTIL_NEW, ("Fever", "Temperature"), ("Under", None)), "temperature", "under_38"),
    ],
)  # fmt: skip
async def test_each_follow_up_can_be_answered_by_buttons(
    clinic: Stage, steps, question: str, values
) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *steps)
    stored = (await given(clinic, "24h"))[question]
    assert stored == (frozenset(values) if isinstance(values, set) else values)


async def test_several_new_things_are_ticked_in_one_list(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("More than one", "NEW"))
    assert "Done" not in clinic.ben.view().buttons[:12]
    await taps(clinic.ben, ("Weak", "NEW"), ("Tired", "NEW"), ("Weak", "NEW"), ("Weak", "NEW"))
    await taps(clinic.ben, ("Done", "Which fits"))
    assert (await given(clinic, "24h"))["new"] == {"weak", "minor"}


async def test_back_shows_the_question_before_and_a_correction_keeps_both(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, TO_PAIN, ("3", "How sore"), ("Back", "How bad"), ("4", "How sore"))
    kept = [entry for entry in await all_answers(clinic, "24h") if entry[0] == "pain"]
    assert kept == [("pain", ["3"], False), ("pain", ["4"], True)]


async def test_a_corrected_answer_never_lowers_the_level(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(
        clinic.ben, TO_PAIN, ("9", "This needs a call"), ("Mild", "bruising"), TO_NEW,
        ("No, nothing new", "answers are saved"), ("Change an answer", "Which answer"),
        ("Pain", "How bad"), ("2", "answers are saved"),
    )  # fmt: skip
    (check,) = await check_ins(clinic, "24h")
    assert (check.level, check.level_now) == ("urgent", "none")
    assert "U7" in check.rules


async def test_an_emergency_text_stands_alone_before_any_further_question(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, ("Yes, or not sure", "Which?"), ("Breathless", "emergency help NOW"))
    texts = [message.text for message in clinic.ben.view().messages]
    assert "The check is paused" in texts[-2]
    await taps(clinic.ben, ("Go on with the check", "Which?"), ("Done", "How bad"))
    await taps(clinic.ben, ("3", "How sore"))
    assert any("emergency help NOW" in message.text for message in clinic.ben.view().messages)


async def test_without_a_tap_the_emergency_text_comes_once_more_after_ten_minutes(
    clinic: Stage,
) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(
        clinic.ben, ("Yes, or not sure", "Which?"), ("Very ill", "emergency help NOW"),
        ("Go on with the check", "Which?"), ("Done", "How bad"),
    )  # fmt: skip
    await clinic.clinician.taps("I'm on it")
    await clinic.ben.sees("Your clinic saw this")
    await clinic.world.forward(minutes=11)
    await clinic.ben.sees("emergency help NOW")
    await clinic.world.forward(minutes=30)
    assert sum("help NOW" in m.text for m in clinic.ben.view().messages) == 2


async def test_getting_help_ends_the_repeats_and_shows_on_the_card(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(
        clinic.ben, ("Yes, or not sure", "Which?"), ("Very ill", "emergency help NOW"),
        ("I am getting help", "Do not wait for us"),
    )  # fmt: skip
    await clinic.clinician.sees("I am getting help")
    await clinic.world.forward(minutes=12)
    assert sum("help NOW" in m.text for m in clinic.ben.view().messages) == 1


async def test_the_next_question_is_the_first_unanswered_one_also_from_an_old_button(
    clinic: Stage,
) -> None:
    await check_in_for(clinic, clinic.ben)
    first = next(m for m in clinic.ben.view().messages if "Check 1 of 5" in m.text)
    await taps(clinic.ben, TO_PAIN, TO_SORENESS)
    stale = await clinic.ben.view().taps_data(first, "a:1:bruising:none")
    assert "moved on" in stale.text
    assert set(await given(clinic, "24h")) == {"danger", "pain"}


async def test_two_taps_on_the_same_answer_change_nothing(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    first = next(m for m in clinic.ben.view().messages if "Check 1 of 5" in m.text)
    for _ in range(2):
        await clinic.ben.view().taps_data(first, "a:1:danger:none")
    assert len(await all_answers(clinic, "24h")) == 1


async def test_soreness_worse_than_yesterdays_is_noticed_at_48_hours(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected"))
    await clinic.world.forward(hours=24)
    await clinic.ben.sees("48 hours after")
    await taps(clinic.ben, TO_PAIN, TO_SORENESS, ("Moderate", "bruising"), TO_NEW)
    await taps(clinic.ben, ("No, nothing new", "Soreness like this is common"))
    (check,) = await check_ins(clinic, "48h")
    assert (check.level, check.rules) == ("watch", ["W6"])


async def test_a_correction_that_asks_more_after_the_end_is_closed_in_the_end(
    clinic: Stage,
) -> None:
    await check_in_for(clinic, clinic.ben)
    await taps(clinic.ben, *WELL_UNTIL_NEW, ("No, nothing new", "All as expected"))
    await taps(clinic.ben, ("Change an answer", "Which answer"), ("new", "NEW"),
               ("Numb", "Where"))  # fmt: skip
    assert await self_audit.look(clinic.house.work) == frozenset()
    await clinic.world.forward(hours=18)
    (check,) = await check_ins(clinic, "24h")
    assert check.state in ("abandoned", "complete", "no_answer")
