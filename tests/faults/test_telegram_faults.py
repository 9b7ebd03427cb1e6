"""Every way in which Telegram fails us: what the patient, the clinic and the record see.

docs/faults.md names each of these tests.
"""

import asyncio

import pytest
from sqlmodel import col, select

from sandbox.people import Group
from storage.tables import AuditEntry, Clinic, OutboxRow, Patient
from tests.walk.test_alerts import emergency
from tests.walk.world import TO_PAIN, Stage, check_in_for, session_for, taps

AGAIN = "In case you missed it"


async def rows(found: Stage, kind: str) -> list[OutboxRow]:
    async with found.house.work.reading() as session:
        query = select(OutboxRow).where(OutboxRow.kind == kind).order_by(col(OutboxRow.id))
        return list((await session.exec(query)).all())


async def actions(found: Stage) -> list[str]:
    async with found.house.work.reading() as session:
        query = select(AuditEntry.action).order_by(col(AuditEntry.id))
        return list((await session.exec(query)).all())


async def until(what, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.05)


def check_ins(found: Stage) -> list[str]:
    return [m.text for m in found.ben.view().messages if "Check 1 of 5" in m.text]


async def test_429_makes_check_ins_wait_and_alerts_go_first(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.anna)
    await session_for(clinic, clinic.ben)
    await clinic.world.fault("retry_after", "sendMessage", chat=clinic.ben.id, seconds=3, times=1)
    await clinic.world.forward(hours=22)
    (waiting,) = [row for row in await rows(clinic, "check_in") if row.error == "RetryAfter"]
    assert (waiting.state, waiting.uncertain) == ("due", False)
    await clinic.anna.taps("I'm worried")
    await clinic.clinician.sees("Patient worried")
    assert check_ins(clinic) == []
    await clinic.ben.sees("Check 1 of 5", timeout=20)
    assert [AGAIN in text for text in check_ins(clinic)] == [False]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_5xx_is_tried_again_and_marked_as_a_possible_repeat(
    clinic: Stage, status: int
) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.world.fault("status", "sendMessage", chat=clinic.ben.id, status=status, times=1)
    await clinic.world.forward(hours=22)
    await clinic.ben.sees("Check 1 of 5", timeout=20)
    assert [AGAIN in text for text in check_ins(clinic)] == [True]


@pytest.mark.parametrize("kind", ["timeout_after", "drop_after"])
async def test_no_answer_after_acceptance_repeats_with_a_mark(either: Stage, kind: str) -> None:
    await session_for(either, either.ben)
    await either.world.fault(kind, "sendMessage", chat=either.ben.id, times=1)
    await either.world.forward(hours=22)
    await until(lambda: _seen_twice(either), 60)
    assert [AGAIN in text for text in check_ins(either)] == [False, True]


async def _seen_twice(found: Stage) -> bool:
    return len(check_ins(found)) == 2


async def test_a_cut_connection_repeats_with_a_mark_because_nobody_knows(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.world.fault("drop_before", "sendMessage", chat=clinic.ben.id, times=1)
    await clinic.world.forward(hours=22)
    await clinic.ben.sees("Check 1 of 5", timeout=30)
    assert [AGAIN in text for text in check_ins(clinic)] == [True]


async def test_an_alert_card_that_may_have_arrived_says_possible_repeat(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.fault("drop_after", "sendMessage", chat=clinic.clinician.id, times=1)
    await clinic.ben.taps("I'm worried")
    await until(lambda: _cards(clinic, 2), 40)
    marked = ["ossible repeat" in m.text for m in clinic.clinician.view().messages
              if "Patient worried" in m.text]  # fmt: skip
    assert marked == [False, True]


async def _cards(found: Stage, number: int) -> bool:
    mine = [m for m in found.clinician.view().messages if "Patient worried" in m.text]
    return len(mine) == number


async def test_a_blocked_bot_is_noticed_at_once_and_its_return_too(either: Stage) -> None:
    await session_for(either, either.ben)
    await either.ben.blocks_bot()
    await either.clinician.sees("cannot be reached: the patient blocked me")
    await either.ben.unblocks_bot()
    await either.clinician.sees("can be reached again")
    assert [a for a in await actions(either) if "reachable" in a] == [
        "patient_unreachable", "patient_reachable",
    ]  # fmt: skip


async def test_a_block_that_telegram_did_not_report_is_noticed_when_sending(
    either: Stage,
) -> None:
    await session_for(either, either.ben)
    await either.world.fault(
        "status", "sendMessage", chat=either.ben.id, status=403, times=1,
        description="Forbidden: bot was blocked by the user",
    )  # fmt: skip
    await either.world.forward(hours=22)
    await either.clinician.sees("cannot be reached")
    (first, *_later) = await rows(either, "check_in")
    assert (first.state, "blocked" in first.error) == ("failed", True)


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "Forbidden: user is deactivated"), (400, "Bad Request: chat not found")],
)
async def test_a_deleted_account_or_a_chat_not_found_is_told_to_the_clinic(
    clinic: Stage, status: int, words: str
) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.world.fault(
        "status", "sendMessage", chat=clinic.ben.id, status=status, description=words
    )
    await clinic.world.forward(hours=22)
    await clinic.clinician.sees("cannot be reached")
    async with clinic.house.work.reading() as session:
        (patient,) = (await session.exec(select(Patient))).all()
    assert patient.unreachable_at is not None
    await clinic.world.clear_faults()


async def test_an_alert_of_a_patient_who_blocked_the_bot_keeps_escalating(clinic: Stage) -> None:
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.ben.blocks_bot()
    await clinic.clinician.sees("cannot be reached")
    await clinic.world.forward(minutes=15, seconds=10)
    await clinic.admin.sees("Possible sepsis")


async def test_the_bot_thrown_out_of_the_group_is_told_and_cards_go_to_private_chats(
    either: Stage,
) -> None:
    await either.group.remove_bot(either.admin)
    await either.admin.sees("can no longer write to the alert group")
    await emergency(either)
    await either.clinician.sees("Possible sepsis")
    assert "group_lost" in await actions(either)


async def test_a_group_that_refuses_without_a_word_is_noticed_when_sending(
    clinic: Stage,
) -> None:
    await clinic.world.fault(
        "status", "sendMessage", chat=clinic.group.id, status=403, times=1,
        description="Forbidden: bot was kicked from the group chat",
    )  # fmt: skip
    await emergency(clinic)
    await clinic.clinician.sees("Possible sepsis")
    await clinic.admin.sees("can no longer write to the alert group")


async def test_a_group_that_became_a_supergroup_gets_its_card_and_old_cards_still_change(
    either: Stage,
) -> None:
    await emergency(either)
    await either.clinician.sees("Possible sepsis", in_chat=either.group)
    await either.group.upgrade()
    await either.clinician.taps("I'm on it")
    await either.clinician.sees("Taken by", in_chat=either.group)
    await session_for(either, either.anna)
    await either.world.forward(hours=22)
    await either.anna.sees("Check 1 of 5")
    await either.anna.taps("I'm worried")
    await either.clinician.sees("Patient worried", in_chat=either.group)
    assert "group_moved" in await actions(either)


async def forum(found: Stage) -> tuple[Group, int]:
    """Alerts go to a topic of a forum from now on."""
    group = await found.world.group(
        "Clinic forum", members=[found.clinician, found.admin], is_forum=True
    )
    topic = await group.open_topic("Alerts")
    await group.add_bot(found.admin)
    async with found.house.work.database.writing() as session:
        (clinic,) = (await session.exec(select(Clinic))).all()
        clinic.group_chat_id, clinic.group_thread_id = group.id, topic
        session.add(clinic)
    return group, topic


async def test_a_closed_topic_loses_no_card_and_no_group(either: Stage) -> None:
    group, topic = await forum(either)
    await group.close_topic(topic)
    await check_in_for(either, either.ben)
    await either.ben.taps("I'm worried")
    await either.clinician.sees("Patient worried", in_chat=group)
    await either.admin.sees("go to the group's General topic")
    async with either.house.work.reading() as session:
        (clinic,) = (await session.exec(select(Clinic))).all()
    assert (clinic.group_chat_id, clinic.group_thread_id) == (group.id, None)
    assert "topic_lost" in await actions(either)


async def test_a_message_too_old_to_edit_is_sent_anew(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.fault(
        "status", "editMessageText", chat=clinic.ben.id, status=400, times=1,
        description="Bad Request: message can't be edited",
    )  # fmt: skip
    before = len(clinic.ben.view().messages)
    await taps(clinic.ben, TO_PAIN)
    assert len(clinic.ben.view().messages) == before + 1
    await taps(clinic.ben, ("3", "How sore"))


async def test_a_query_too_old_to_answer_keeps_the_tap(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.fault(
        "status", "answerCallbackQuery", status=400, times=1,
        description="Bad Request: query is too old and response timeout expired",
    )  # fmt: skip
    await taps(clinic.ben, TO_PAIN)


async def test_a_message_that_is_not_modified_is_no_failure(clinic: Stage) -> None:
    await check_in_for(clinic, clinic.ben)
    await clinic.world.fault(
        "status", "editMessageText", chat=clinic.ben.id, status=400, times=1,
        description="Bad Request: message is not modified",
    )  # fmt: skip
    before = len(clinic.ben.view().messages)
    await clinic.ben.taps("No, none of these")
    await asyncio.sleep(0.5)
    assert len(clinic.ben.view().messages) == before
    assert clinic.house.work.database.weather.fault is None
