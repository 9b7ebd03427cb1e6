"""An export's memory does not grow with what is exported."""

from pathlib import Path

import pytest

from benchmarks.exports import fill, peak
from care.work import Work
from tests.thorough import thorough


@pytest.mark.parametrize("style", [pytest.param("csv", marks=thorough), "fhir"])
async def test_ten_times_the_check_ins_need_no_more_memory(
    work: Work, tmp_path: Path, style: str
) -> None:
    await fill(work, 400)
    few = await peak(work, style, tmp_path / "few")
    await fill(work, 4_000, begin=400)
    many = await peak(work, style, tmp_path / "many")
    assert many < 1.3 * few, (few, many)
