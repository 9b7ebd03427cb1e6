"""How long names are kept, and which consent patients read: set in chat, then kept."""

from sqlmodel import select

import storage.people
from bot.play import join
from storage.tables import ConsentText, InboxUpdate, Patient
from tests.walk.test_settings import answers
from tests.walk.world import Stage, session_for


async def patients(found: Stage) -> list[Patient]:
    async with found.house.work.reading() as session:
        return await storage.people.patients_of(session, 1)


async def open_settings(found: Stage) -> None:
    await found.admin.sends("/settings")
    await found.admin.sees("Settings")


async def test_names_go_when_the_clinics_time_is_over_and_not_before(either: Stage) -> None:
    await session_for(either, either.ben)
    await open_settings(either)
    await answers(either, "Names are kept", "3 months")
    await either.admin.sees("3 months after the last session")
    await either.world.forward(days=60)
    assert [bool(one.name) for one in await patients(either)] == [True]
    await either.world.forward(days=30)
    await either.world.forward(days=3)
    await either.ben.sees("Your data is deleted. Receipt")
    (patient,) = await patients(either)
    assert (patient.name, patient.phone, patient.chat_id) == ("", "", None)


async def test_without_a_time_names_stay(clinic: Stage) -> None:
    await session_for(clinic, clinic.ben)
    await clinic.world.forward(days=300)
    await clinic.world.forward(days=300)
    assert [bool(one.name) for one in await patients(clinic)] == [True]


async def test_handled_updates_go_after_a_week_and_their_numbers_stay_known_until_then(
    either: Stage,
) -> None:
    await session_for(either, either.ben)

    async def kept() -> int:
        async with either.house.work.reading() as session:
            query = select(InboxUpdate).where(InboxUpdate.chat_id == either.ben.id)
            return len((await session.exec(query)).all())

    before = await kept()
    await either.world.forward(days=5)
    assert await kept() == before > 0
    await either.world.forward(days=4)
    assert await kept() == 0


async def test_new_words_of_the_clinic_make_a_new_version_of_the_consent(either: Stage) -> None:
    await join(either, either.anna)
    await open_settings(either)
    await answers(either, "Our words in the consent", "Dr Lee & Sam read your answers.")
    await either.admin.sees("from now on")
    await join(either, either.ben)
    assert [one.consent_version for one in await patients(either)] == [1, 2]
    said = [str(call) for call in await either.world.calls("sendMessage")]
    consents = [text for text in said if "Before you agree" in text]
    assert ["Dr Lee &amp; Sam read your answers." in text for text in consents] == [False, True]
    assert "Text version 2" in consents[-1]
    await open_settings(either)
    await either.admin.taps("See the consent")
    shown = await either.admin.sees("Text version 2")
    assert "1 patient agreed to version 1." in shown.text
    assert "1 patient agreed to version 2." in shown.text
    async with either.house.work.reading() as session:
        (kept,) = (await session.exec(select(ConsentText))).all()
    assert (kept.version, kept.words) == (2, "Dr Lee & Sam read your answers.")


async def test_too_many_words_are_refused_and_change_nothing(clinic: Stage) -> None:
    await open_settings(clinic)
    await answers(clinic, "Our words in the consent", "x" * 601)
    await clinic.admin.sees("I cannot use that")
    await answers(clinic, "Names are kept", "for ever")
    await clinic.admin.sees("I cannot use that")
    async with clinic.house.work.reading() as session:
        found = await storage.people.first_clinic(session)
    assert (found.consent_version, found.consent_words, found.retention_months) == (1, "", 0)
