"""Ten kills on each database: no answer and no alert is lost, and no repeat goes unmarked."""

import random
from pathlib import Path

import pytest

from tests.chaos.episode import Stakes, play
from tests.chaos.plan import plan

SEED, KILLS, PATIENTS = 7, 10, 3


async def test_ten_kills_lose_no_answer_no_alert_and_no_check_in(
    tmp_path: Path, database_url: str
) -> None:
    episode = await play(Stakes(tmp_path, database_url, SEED, KILLS, PATIENTS))
    assert episode.judgement.findings == [], episode.judgement.findings
    assert episode.kills.total() == KILLS
    assert episode.judgement.counts["stored"] > 10
    assert episode.judgement.counts["check-ins"] >= PATIENTS


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_makes_the_same_plan_again(seed: int) -> None:
    again = plan(random.Random(seed), 40)
    assert plan(random.Random(seed), 40) == again
    assert {scene.what for scene in again} >= {"claimed", "sent", "random", "burst", "received"}
