"""The lookout: audits the bot's own books, and calls the monitoring service while all is well."""

import asyncio
import time
from collections.abc import Callable

import aiohttp
import structlog

from care import self_audit
from care.self_audit import Imbalance
from care.work import Work
from storage.trouble import away

log = structlog.get_logger()

LOOK_SECONDS = 20.0
HEARTBEAT_SECONDS = 60.0
ANSWER_WITHIN = 10.0


class Lookout:
    """Looks at the books every `look_every` seconds.

    What is out of balance at two looks in a row counts: between two transactions of a busy moment
    a step may be on its way.

    Attributes:
        imbalances: what counts now; empty when all is balanced.
        looked: the monotonic time of the last look that could be made.
    """

    def __init__(
        self,
        work: Work,
        well: Callable[[], str | None],
        heartbeat_url: str | None,
        *,
        look_every: float = LOOK_SECONDS,
        beat_every: float = HEARTBEAT_SECONDS,
    ) -> None:
        """`well` names what is wrong with the process itself, or None."""
        self._work = work
        self._well = well
        self._url = heartbeat_url
        self._look_every = look_every
        self._beat_every = beat_every
        self._seen: frozenset[Imbalance] = frozenset()
        self.imbalances: frozenset[Imbalance] = frozenset()
        self.looked = time.monotonic()

    async def run(self) -> None:
        """Look, and beat while balanced, until cancelled; no failure ends it."""
        beaten = -self._beat_every
        while True:
            try:
                await self.look()
            except Exception as error:
                if not away(error):
                    log.exception("self_audit_failed")
            if time.monotonic() - beaten >= self._beat_every:
                beaten = time.monotonic()
                await self._beat()
            await asyncio.sleep(self._look_every)

    async def look(self) -> None:
        """Look once; an imbalance that lasts is an error, and told to the admins once."""
        found = await self_audit.look(self._work)
        lasting, self._seen = found & self._seen, found
        new = lasting - self.imbalances
        if new:
            for imbalance in sorted(new):
                log.error("imbalance", rule=imbalance.rule, subject=imbalance.subject)
            if not self.imbalances:
                first = min(new)
                stamp = f"{self._work.clock.now().isoformat()}:{first.rule}:{first.subject}"
                await self_audit.tell_admins(self._work, lasting, stamp)
        elif self.imbalances and not lasting:
            log.warning("balanced_again")
        self.imbalances = lasting
        self.looked = time.monotonic()

    async def _beat(self) -> None:
        if self._url is None:
            return
        wrong = "imbalance" if self.imbalances else self._well()
        if wrong is not None:
            log.warning("no_heartbeat", why=wrong)
            return
        try:
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._url) as answer,
            ):
                if answer.status >= 400:
                    log.warning("heartbeat_refused", status=answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # Its words would name the address, which is a secret.
            log.warning("heartbeat_failed", error=type(error).__name__)
