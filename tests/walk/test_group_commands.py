"""In a group the bot takes taps, never commands: what they answer is for one person's eyes."""

from pathlib import Path

from tests.walk.world import stage_for


async def test_a_command_in_the_group_is_answered_with_the_way_to_the_private_chat(
    tmp_path: Path, database_url
) -> None:
    async with stage_for(tmp_path, database_url) as found:
        await found.world.limits(enabled=False)
        await found.clinician.sends("/patients@symptom_diary_bot", in_chat=found.group)
        answer = await found.clinician.sees("in our private chat", in_chat=found.group)
        assert answer.labels == ["Open the chat"]


async def test_an_anonymous_group_admin_gets_the_same_sentence(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    async with stage_for(tmp_path, url) as found:
        await found.world.limits(enabled=False)
        await found.group.upgrade()
        await found.clinician.sends("/alerts", in_chat=found.group, anonymously=True)
        await found.admin.sees("in our private chat", in_chat=found.group)
