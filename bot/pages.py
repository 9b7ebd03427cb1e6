"""The pages for machines that watch: is it alive, is it ready, and how much of everything."""

import asyncio
import time

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.app import House
from storage.schema import newest_revision, revision

# A loop that has not turned for so long (seconds) is dead.
TICK_WITHIN, LOOK_WITHIN = 10.0, 90.0
ANSWER_WITHIN = 3.0


def wrong_with_the_process(house: House) -> str | None:
    """What is wrong with the process itself; None when its loops turn and Telegram answers."""
    now = time.monotonic()
    if now - house.ticker.ticked > TICK_WITHIN:
        return "tick"
    if now - house.lookout.looked > LOOK_WITHIN:
        return "self-audit"
    if house.copies.on_duty and not house.way_in.healthy:
        return "telegram"
    return None


def pages(house: House) -> list[Route]:
    """/healthz: 200 while all is well, else 503 and why. /readyz: 200 while it can serve.
    /metrics: for Prometheus.
    """

    async def healthz(_request: Request) -> Response:
        wrong = wrong_with_the_process(house)
        found = sorted({imbalance.rule for imbalance in house.lookout.imbalances})
        well = wrong is None and not found
        body = {
            "ok": well,
            "wrong": wrong,
            "balanced": not found,
            "imbalances": found,
            "on_duty": house.copies.on_duty,
        }
        return JSONResponse(body, status_code=200 if well else 503)

    async def readyz(_request: Request) -> Response:
        why = await _not_ready(house)
        return JSONResponse({"ok": why is None, "wrong": why}, status_code=503 if why else 200)

    async def metrics(_request: Request) -> Response:
        house.metrics.duty.set(house.copies.on_duty)
        house.metrics.copies.set(house.courier.limits.copies)
        house.metrics.imbalances.clear()
        for imbalance in house.lookout.imbalances:
            house.metrics.imbalances.labels(imbalance.rule).inc()
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                page = await house.metrics.page()
        except Exception as error:  # noqa: BLE001 - each driver has errors of its own
            return Response(f"# {type(error).__name__}\n", status_code=503)
        return Response(page, media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


async def _not_ready(house: House) -> str | None:
    if not house.ready.is_set():
        return "starting, standing by, or stopping"
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            at = await revision(house.work.database)
    except Exception:  # noqa: BLE001 - each driver has errors of its own
        return "database"
    if at != newest_revision():
        return "migrations"
    if house.copies.on_duty and not house.way_in.healthy:
        return "telegram"
    return None
