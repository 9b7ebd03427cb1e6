"""What goes wrong on demand."""

import asyncio
import time

import aiohttp
import pytest

from sandbox.errors import ControlError
from tests.sandbox.conftest import RefusedError


async def test_a_status_fault_hits_only_its_method_chat_and_number_of_times(world, api, anna, dr):
    await world.fault("status", "sendMessage", chat=anna.id, status=502, times=1)
    await api("sendMessage", chat_id=dr.id, text="fine")
    await api("sendChatAction", chat_id=anna.id, action="typing")
    with pytest.raises(RefusedError, match="Bad Gateway") as no:
        await api("sendMessage", chat_id=anna.id, text="lost")
    assert no.value.code == 502
    await api("sendMessage", chat_id=anna.id, text="fine again")
    await world.caught_up()
    assert [m.text for m in anna.view().messages if m.from_bot] == ["fine again"]


async def test_a_flood_can_be_ordered(world, api, anna):
    await world.fault("retry_after", seconds=7, times=1)
    with pytest.raises(RefusedError) as no:
        await api("sendMessage", chat_id=anna.id, text="x")
    assert no.value.parameters == {"retry_after": 7}


@pytest.mark.parametrize(("kind", "arrives"), [("timeout_before", False), ("timeout_after", True)])
async def test_a_time_out_leaves_open_whether_the_message_arrived(world, api, anna, kind, arrives):
    await world.fault(kind, "sendMessage", times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await api("sendMessage", chat_id=anna.id, text="perhaps")
    await world.caught_up()
    assert ("perhaps" in [m.text for m in anna.view().messages]) is arrives
    await api("sendMessage", chat_id=anna.id, text="works again")


@pytest.mark.parametrize(("kind", "arrives"), [("drop_before", False), ("drop_after", True)])
async def test_a_dropped_connection_leaves_open_whether_the_message_arrived(
    world, api, anna, kind, arrives
):
    await world.fault(kind, "sendMessage", times=1)
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await api("sendMessage", chat_id=anna.id, text="perhaps")
    await world.caught_up()
    assert ("perhaps" in [m.text for m in anna.view().messages]) is arrives
    await api("sendMessage", chat_id=anna.id, text="works again")


async def test_a_slow_answer_comes_after_its_seconds(world, api):
    await world.fault("slow", "getMe", seconds=0.2, times=1)
    started = time.monotonic()
    await api("getMe")
    assert time.monotonic() - started >= 0.2


async def test_faults_are_listed_and_cleared_and_stay_without_times(world, api):
    await world.fault("status", "getMe")
    for _ in range(2):
        with pytest.raises(RefusedError):
            await api("getMe")
    assert [fault["kind"] for fault in await world.wire.get("faults")] == ["status"]
    await world.clear_faults()
    await api("getMe")
    with pytest.raises(ControlError, match="kind of a fault"):
        await world.fault("earthquake")


async def test_every_call_is_in_the_log_with_its_fate(world, api, anna):
    await world.fault("status", "getMe", times=1)
    with pytest.raises(RefusedError):
        await api("getMe")
    await api("sendMessage", chat_id=anna.id, text="hi")
    with pytest.raises(RefusedError):
        await api("sendMessage", chat_id=-5, text="hi")
    fates = [(call["method"], call["ok"], call.get("error")) for call in await world.calls()]
    assert fates == [
        ("getMe", False, "fault status"),
        ("sendMessage", True, None),
        ("sendMessage", False, "Bad Request: chat not found"),
    ]
    assert (await world.calls("sendMessage", after=2))[0]["params"]["chat_id"] == -5
