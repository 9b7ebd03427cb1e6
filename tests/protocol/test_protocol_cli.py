"""`symptom-diary protocol sign|rehearse|show` against a clinic's database."""

from pathlib import Path

from tests.unit.test_operating import command
from tests.walk.world import stage_for


async def test_a_signature_from_the_command_line_stands_on_the_page_and_is_given_once(
    tmp_path: Path,
) -> None:
    async with stage_for(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'clinic.db'}") as found:
        settings = found.house.settings
    there = {"DATABASE_URL": settings.database_url, "ENCRYPTION_KEYS": settings.encryption_keys[0]}
    before = await command(tmp_path, "protocol", "show", "--markdown", **there)
    sign = ("protocol", "sign", "--name", "Dr Lee", "--role", "physiotherapist")
    signed = await command(tmp_path, *sign, **there)
    again = await command(tmp_path, *sign, **there)
    after = await command(tmp_path, "protocol", "show", "--markdown", **there)
    shipped = await command(tmp_path, "protocol", "show", "--markdown", "--shipped", **there)
    assert "NOT SIGNED" in before.out
    assert (signed.code, signed.out.strip()) == (
        0, "Version 1 is signed by Dr Lee, physiotherapist."
    )  # fmt: skip
    assert again.code == 1
    assert "signed already, by Dr Lee, physiotherapist" in again.err
    assert "NOT SIGNED" not in after.out
    assert "Dr Lee, physiotherapist" in after.out
    assert "NOT SIGNED" in shipped.out

    weaker = await command(tmp_path, "protocol", "rehearse", "--set", "steep_pain=9", **there)
    stricter = await command(tmp_path, "protocol", "rehearse", "--set", "high_pain=6", **there)
    unknown = await command(tmp_path, "protocol", "rehearse", "--set", "luck=7", **there)
    assert (weaker.code, stricter.code, unknown.code) == (1, 0, 2)
    assert "would weaken E3, E5" in weaker.err
    assert "high_pain: 7 -> 6" in stricter.out
    assert "there is no luck" in unknown.err
