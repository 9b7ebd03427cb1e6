"""The clocks, the simulated one against a small real HTTP server that speaks its long poll."""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from aiohttp import web

import bot.clock
from bot.clock import SandboxClock, SystemClock, make_clock

ROOT = Path(__file__).parents[2]
NEW_YEAR = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


class Town:
    """A town clock: answers polls as the simulated Telegram does, and notes each one."""

    def __init__(self):
        self.base, self.at = NEW_YEAR, asyncio.get_running_loop().time()
        self.version = 3
        self.polls = []
        self.news = asyncio.Condition()
        self.broken = None

    def now(self):
        return self.base + timedelta(seconds=asyncio.get_running_loop().time() - self.at)

    async def answer(self, request):
        async with self.news:
            self.polls.append(dict(request.query))
            self.news.notify_all()
            if self.broken is not None:
                return self.broken()
            if request.query.get("after") == str(self.version):
                await self.news.wait_for(lambda: request.query["after"] != str(self.version))
            return web.json_response({"now": self.now().isoformat(), "version": self.version})

    async def move(self, **span):
        """Jump, and return once a poll has acknowledged it."""
        async with self.news:
            self.base += timedelta(**span)
            self.version += 1
            self.news.notify_all()
        return await self.polled(after=str(self.version))

    async def polled(self, **wanted):
        """Wait for a poll with these parameters."""

        def found():
            return next((p for p in self.polls if wanted.items() <= p.items()), None)

        async with self.news, asyncio.timeout(5):
            await self.news.wait_for(found)
            return found()


@asynccontextmanager
async def town(port=0):
    place = Town()
    app = web.Application()
    app.router.add_get("/_/clock", place.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    place.port = runner.addresses[0][1]
    place.url = f"http://127.0.0.1:{place.port}/_/clock"
    try:
        yield place
    finally:
        await runner.cleanup()


@asynccontextmanager
async def following(place, **options):
    clock = SandboxClock(place.url, **options)
    await clock.start()
    try:
        yield clock
    finally:
        await clock.stop()


def near(moment, expected):
    return abs((moment - expected).total_seconds()) < 1


async def test_the_machines_clock_is_aware_utc_and_never_jumps():
    clock = SystemClock()
    calls = []
    clock.on_jump(calls.append)
    await clock.start()

    assert clock.now().tzinfo is UTC
    assert near(clock.now(), datetime.now(UTC))
    assert await clock.sleep_until_change(0.01) is False
    assert clock.monotonic() <= clock.monotonic()
    await clock.stop()
    assert calls == []


def test_a_clock_address_decides_which_clock_it_is():
    assert isinstance(make_clock(None), SystemClock)


async def test_after_starting_it_shows_the_other_sides_time_and_goes_on_by_itself():
    async with town() as place, following(place) as clock:
        first = clock.now()
        await asyncio.sleep(0.3)

        assert near(first, NEW_YEAR)
        assert near(clock.now(), place.now())
        assert clock.now() - first >= timedelta(seconds=0.29)
        assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("span", [{"hours": 24}, {"days": 400}, {"hours": -3}])
async def test_a_jump_moves_the_time_but_not_the_watchdogs(span):
    async with town() as place, following(place) as clock:
        watchdog = clock.monotonic()
        await place.move(**span)

        assert near(clock.now(), NEW_YEAR + timedelta(**span))
        assert 0 <= clock.monotonic() - watchdog < 5


async def test_a_jump_is_acknowledged_only_after_its_consequences():
    done = []

    async with town() as place, following(place) as clock:

        async def send_what_is_due():
            await asyncio.sleep(0.2)
            done.append((clock.now(), len([p for p in place.polls if p.get("after") == "4"])))

        clock.on_jump(send_what_is_due)
        await place.move(hours=24)

        ((at, acknowledged),) = done
        assert near(at, NEW_YEAR + timedelta(hours=24, seconds=0.2))
        assert acknowledged == 0


async def test_several_consequences_come_in_order_and_one_that_fails_stops_none():
    done = []

    async def first():
        done.append("first")
        raise RuntimeError("a bug")

    async def second():
        done.append("second")

    async with town() as place, following(place) as clock:
        clock.on_jump(first)
        clock.on_jump(second)
        await place.move(hours=1)
        await place.move(hours=1)

    assert done == ["first", "second"] * 2


async def test_a_slow_consequence_is_waited_for_a_bounded_time_and_then_finishes(monkeypatch):
    monkeypatch.setattr(bot.clock, "CALLBACK_SECONDS", 0.1)
    release, done = asyncio.Event(), asyncio.Event()

    async def slow():
        await release.wait()
        done.set()

    async with town() as place, following(place) as clock:
        clock.on_jump(slow)
        await place.move(hours=1)
        assert not done.is_set()
        release.set()
        await asyncio.wait_for(done.wait(), 1)


async def test_a_consequence_that_never_ends_does_not_hold_up_stopping(monkeypatch):
    monkeypatch.setattr(bot.clock, "CALLBACK_SECONDS", 0.1)
    ended = []

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async with town() as place, asyncio.timeout(3), following(place) as clock:
        clock.on_jump(endless)
        await place.move(hours=1)

    assert ended == [True]


async def test_each_poll_says_when_the_next_thing_is_due_and_who_asks():
    moments = [datetime(2030, 1, 2, 14, 0, tzinfo=timezone(timedelta(hours=2))), None]

    async def next_due():
        return moments[0] if len(moments) > 1 else None

    async with town() as place, following(place, next_due=next_due):
        first = await place.polled(after="3")
        moments.pop()
        moments.append("none any more")
        moments.pop(0)
        second = await place.move(seconds=0)

    assert first["next_due"] == "2030-01-02T12:00:00+00:00"
    assert second["next_due"] == ""
    assert re.fullmatch(r"bot-\d+-[0-9a-f]+", first["follower"])
    assert len({poll["follower"] for poll in place.polls}) == 1


async def test_a_new_version_without_a_jump_is_acknowledged_and_has_no_consequences():
    calls = []

    async def called():
        calls.append(1)

    async with town() as place, following(place) as clock:
        clock.on_jump(called)
        await place.move(seconds=0)

    assert calls == []


async def test_not_knowing_what_is_due_next_is_reported_as_nothing():
    async def broken():
        raise RuntimeError("the database is away")

    async with town() as place, following(place, next_due=broken) as clock:
        poll = await place.move(hours=5)

        assert poll["next_due"] == ""
        assert near(clock.now(), NEW_YEAR + timedelta(hours=5))


async def test_a_sleeper_wakes_when_the_clock_jumps():
    async with town() as place, following(place) as clock:
        sleeper = asyncio.create_task(clock.sleep_until_change(10))
        assert await clock.sleep_until_change(0.05) is False
        await place.move(hours=1)

        assert await asyncio.wait_for(sleeper, 1) is True


async def test_without_the_other_side_it_keeps_the_last_time_and_comes_back_with_the_new():
    calls = []

    async def called():
        calls.append(1)

    async with town() as place:
        clock = SandboxClock(place.url)
        clock.on_jump(called)
        await clock.start()
    try:
        await asyncio.sleep(0.3)
        assert near(clock.now(), NEW_YEAR + timedelta(seconds=0.3))
        async with town(place.port) as again:
            again.base += timedelta(days=2)
            await again.polled(after="3")
            assert near(clock.now(), again.now())
            assert calls == [1]
            await clock.stop()
    finally:
        await clock.stop()


async def test_started_before_the_other_side_it_shows_the_machines_time_until_then():
    async with town() as place:
        pass
    clock = SandboxClock(place.url)
    await clock.start()
    try:
        assert near(clock.now(), datetime.now(UTC))
        async with town(place.port) as place:
            await place.polled(after="3")
            assert near(clock.now(), place.now())
            await clock.stop()
    finally:
        await clock.stop()


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(text="<html>"),
        lambda: web.json_response([]),
        lambda: web.json_response({"now": "2030-01-01T12:00:00", "version": 9}),
        lambda: web.json_response({"now": "soon", "version": 9}),
        lambda: web.json_response({"now": "2030-01-01T12:00:00+00:00", "version": None}),
        lambda: web.json_response({"version": 9}),
    ],
)
async def test_nonsense_from_the_other_side_changes_nothing_and_ends_nothing(nonsense):
    async with town() as place, following(place) as clock:
        await place.polled(after="3")
        place.broken = nonsense
        async with place.news:
            place.version += 1
            place.polls.clear()
            place.news.notify_all()
        await place.polled(after="4")
        assert near(clock.now(), place.now())
        place.broken = None
        await place.move(hours=1)
        assert near(clock.now(), place.now())


async def test_the_address_of_the_server_alone_is_enough():
    async with town() as place:
        place.url = place.url.removesuffix("/_/clock")
        async with following(place) as clock:
            assert near(clock.now(), NEW_YEAR)


async def test_starting_and_stopping_twice_is_harmless():
    async with town() as place, following(place) as clock:
        await clock.start()
        await clock.stop()
        assert near(clock.now(), NEW_YEAR)


def test_nothing_else_reads_the_machines_clock_for_product_time():
    reads = re.compile(r"datetime\.now\(|\.utcnow\(|\btime\.time\(|date\.today\(")
    rooms = ("bot", "handlers", "care", "storage")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in files if reads.search(path.read_text())}

    assert found == {"bot/clock.py"}
