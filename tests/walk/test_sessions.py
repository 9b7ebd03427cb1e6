"""Recording a session: five taps, edited, cancelled; the check-ins and the patient follow."""

import storage.treatment
from tests.walk.record import check_ins
from tests.walk.world import Stage, join, record_session, session_for, taps


async def sessions(found: Stage) -> list:
    async with found.house.work.reading() as session:
        return await storage.treatment.sessions_of(session, 1)


async def test_a_known_patients_session_takes_five_taps(either: Stage) -> None:
    await session_for(either, either.ben)
    await either.clinician.sends("/session")
    await either.clinician.sees("Who was treated?")
    await taps(
        either.clinician,
        ("P-", "Where did the needles go"), ("Beside the spine", "Pain before"),
        ("7", "Any of these"), ("No risks", "When:"), ("Save", "Saved"),
    )  # fmt: skip
    newest = (await sessions(either))[0]
    assert (newest.regions, newest.risks, newest.pain_before) == (["spine"], [], 7)


async def test_several_areas_risks_time_and_high_risk_can_be_set(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await taps(
        clinic.clinician,
        ("Several areas", "Tap every area"), ("Neck", "Tap every area"),
        ("Arm or leg", "Tap every area"), ("Done", "Pain before"), ("Not known", "Any of these"),
        ("Bleeds easily", "Any of these"), ("Lung disease", "Any of these"), ("Done", "When:"),
        ("−1 h", "When:"), ("High risk", "High risk"), ("Save", "Saved"),
    )  # fmt: skip
    (kept,) = await sessions(clinic)
    assert (kept.regions, kept.risks, kept.pain_before, kept.high_risk) == (
        ["thorax", "limb"], ["bleed", "lung"], None, True,
    )  # fmt: skip
    assert 55 <= (await clinic.world.now() - kept.at).total_seconds() / 60 <= 62


async def test_save_tapped_twice_records_one_session(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await taps(
        clinic.clinician,
        ("Arm or leg", "Pain before"),
        ("5", "Any of these"),
        ("No risks", "When:"),
    )
    screen = next(m for m in clinic.clinician.view().messages if "Save" in m.labels)
    data = screen.buttons[0][0].data
    for _ in range(2):
        await clinic.clinician.view().taps_data(screen, data)
    assert len(await sessions(clinic)) == 1


async def test_a_session_in_the_future_is_refused_in_words(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await taps(
        clinic.clinician, ("Arm or leg", "Pain before"), ("5", "Any of these"),
        ("No risks", "When:"), ("+1 h", "When:"),
    )  # fmt: skip
    answer = await clinic.clinician.taps("Save")
    assert "future" in answer.text
    assert await sessions(clinic) == []


async def test_an_edited_time_moves_the_check_ins_and_tells_the_patient(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await record_session(clinic, "Arm or leg")
    before = {check.step: check.due_at for check in await check_ins(clinic)}
    await taps(clinic.clinician, ("Edit", "When:"), ("−1 h", "When:"), ("Save", "Saved"))
    await clinic.ben.sees("corrected your session")
    after = {c.step: c.due_at for c in await check_ins(clinic) if c.state == "planned"}
    assert set(after) == set(before)
    assert all(after[step] <= before[step] for step in before)
    assert len(await sessions(clinic)) == 1


async def test_a_cancelled_session_sends_nothing_more(clinic: Stage) -> None:
    await join(clinic, clinic.ben)
    await record_session(clinic, "Arm or leg")
    await taps(
        clinic.clinician,
        ("Cancel session", "Cancel this session"),
        ("Yes, cancel", "is cancelled"),
    )
    await clinic.ben.sees("cancelled the session")
    seen = len(clinic.ben.view().messages)
    await clinic.world.forward(hours=26)
    await clinic.world.forward(hours=24)
    assert len(clinic.ben.view().messages) == seen


async def test_a_session_recorded_late_asks_at_once_what_is_due_already(clinic: Stage) -> None:
    now = await clinic.world.now()
    await clinic.world.set_clock(now.replace(hour=14, minute=0))
    await join(clinic, clinic.ben)
    await taps(
        clinic.clinician, ("Arm or leg", "Pain before"), ("5", "Any of these"),
        ("No risks", "When:"), ("−1 d", "When:"), ("−1 h", "When:"), ("Save", "Saved"),
    )  # fmt: skip
    await clinic.ben.sees("Check 1 of 5")
