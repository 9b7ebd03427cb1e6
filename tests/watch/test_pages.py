"""The pages for monitoring, over real HTTP: red when something is wrong, and never a name."""

import asyncio
import re

import aiohttp
import pytest
from aiohttp import web

from bot.lookout import Lookout
from care.self_audit import Imbalance
from care.work import Work
from tests.walk.world import Stage, check_in_for, taps


async def get(found: Stage, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{found.house.port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_well_bot_is_healthy_and_ready(either: Stage) -> None:
    assert (await get(either, "/healthz"))[0] == 200
    assert (await get(either, "/readyz"))[0] == 200


async def test_a_tick_that_stands_still_is_not_healthy(clinic: Stage) -> None:
    clinic.house.ticker.ticked -= 60
    status, body = await get(clinic, "/healthz")
    assert (status, "tick" in body) == (503, True)


async def test_without_telegram_it_is_neither_healthy_nor_ready(clinic: Stage) -> None:
    await clinic.world.fault("status", "getUpdates", status=502)
    async with asyncio.timeout(40):
        while (await get(clinic, "/readyz"))[0] == 200:
            await asyncio.sleep(0.1)
    assert "telegram" in (await get(clinic, "/healthz"))[1]
    await clinic.world.clear_faults()


async def test_an_older_database_is_not_ready(clinic: Stage, monkeypatch) -> None:
    monkeypatch.setattr("bot.pages.newest_revision", lambda: "9999")
    assert (await get(clinic, "/readyz")) == (503, '{"ok":false,"wrong":"migrations"}')


async def test_metrics_measure_the_way_from_tap_to_clinic_and_name_nobody(either: Stage) -> None:
    await check_in_for(either, either.ben)
    await taps(either.ben, ("Yes, or not sure", "Tap all"), ("Breathless", None))
    await either.clinician.sees("Possible pneumothorax")
    await either.clinician.sees("Possible pneumothorax", in_chat=either.group)
    async with asyncio.timeout(10):
        while number(page := (await get(either, "/metrics"))[1], "alarm_seconds_count") < 2:
            await asyncio.sleep(0.05)
    assert number(page, "alarm_seconds_sum") < 20
    assert number(page, "check_in_lateness_seconds_count") == 1
    assert number(page, 'messages_total{fate="sent",kind="check_in"}') == 1
    assert number(page, 'alerts_open{level="emergency",state="open"}') == 1
    assert number(page, 'updates_total{how="done"}') > 5
    assert number(page, "on_duty") == 1
    for secret in ("Ben", "Dana", str(either.ben.id), "SANDBOX", "P-"):
        assert secret not in page


def number(page: str, name: str) -> float:
    """The sum of the samples whose name (with labels) contains these words."""
    pattern = rf"^symptom_diary_{re.escape(name)}\S* (\S+)$"
    return sum(float(value) for value in re.findall(pattern, page, re.M))


@pytest.mark.parametrize(
    ("wrong", "imbalanced", "called"),
    [(None, False, True), ("tick", False, False), (None, True, False)],
)
async def test_the_monitoring_service_is_called_only_while_all_is_well(
    work: Work, wrong: str | None, imbalanced: bool, called: bool
) -> None:
    calls: list[str] = []

    async def ping(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response()

    application = web.Application()
    application.router.add_get("/secret-path", ping)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/secret-path"
    lookout = Lookout(work, lambda: wrong, url, look_every=0.01, beat_every=0.05)
    if imbalanced:
        lookout.imbalances = frozenset({Imbalance("a", 1)})
    try:
        if called:
            async with asyncio.timeout(10):
                await asyncio.gather(_until(lambda: len(calls) >= 2), _cancelled(lookout, calls))
        else:
            await lookout._beat()
        assert bool(calls) is called
    finally:
        await runner.cleanup()


async def _until(what) -> None:
    while not what():
        await asyncio.sleep(0.01)


async def _cancelled(lookout: Lookout, calls: list[str]) -> None:
    running = asyncio.create_task(lookout.run())
    await _until(lambda: len(calls) >= 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_monitoring_service_that_is_away_ends_nothing_and_its_address_is_not_logged(
    work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    lookout = Lookout(work, lambda: None, "http://127.0.0.1:9/secret-path")
    await lookout._beat()
    assert "secret-path" not in "".join(capsys.readouterr())
