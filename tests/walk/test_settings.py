"""An admin sets the clinic up in chat; a wrong value changes nothing."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import storage.people
from care.clinic import InvalidSettingError, parse_hours
from tests.walk.world import Stage, stage_for


async def clinic_of(found: Stage):
    async with found.house.work.reading() as session:
        return await storage.people.first_clinic(session)


async def answers(found: Stage, label: str, value: str) -> None:
    await found.admin.taps(label)
    question = await found.admin.sees("reply to this message")
    await found.admin.sends(value, reply_to=question)


async def test_an_admin_sets_each_value_by_button_and_reply(tmp_path: Path, database_url) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        await found.admin.sends("/settings")
        await found.admin.sees("Settings")
        for label, value, shown in (
            ("Time zone", "europe/london", "Europe/London"),
            ("Phone", "+44 20 7946 0000", "+44 20 7946 0000"),
            ("Urgent number", "111", "111"),
            ("Emergency number", "999", "999"),
            ("Opening hours", "Mon-Fri 08:00-18:00; Sat 09:00-12:00", "Sat 09:00-12:00"),
        ):
            await answers(found, label, value)
            await found.admin.sees(shown)
        clinic = await clinic_of(found)
        assert (clinic.zone, clinic.urgent_number) == ("Europe/London", "111")
        assert clinic.opening_hours["sat"] == [["09:00", "12:00"]]


async def test_a_wrong_value_is_asked_for_again_and_changes_nothing(
    tmp_path: Path, database_url
) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        before = await clinic_of(found)
        await found.admin.sends("/settings")
        await found.admin.sees("Settings")
        for label, value in (("Time zone", "Mars/Base"), ("Phone", "call me"), ("Name", "x")):
            await answers(found, label, value)
            await found.admin.sees("I cannot use that")
        after = await clinic_of(found)
        assert (after.zone, after.phone, after.name) == (before.zone, before.phone, before.name)


async def test_a_clinician_is_no_admin(tmp_path: Path, database_url) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.clinician.sends("/settings")
        await found.clinician.sees("This is not for you")


@pytest.mark.parametrize("value", ["", "Mon", "Mon 8-18", "Xyz 08:00-18:00", "Mon 18:00-08:00"])
def test_hours_that_cannot_be_read_are_refused(value: str) -> None:
    with pytest.raises(InvalidSettingError):
        parse_hours(value)


@given(st.text(max_size=60))
def test_any_text_for_hours_is_read_or_refused_in_one_way(value: str) -> None:
    with suppress(InvalidSettingError):
        assert parse_hours(value).to_json()
