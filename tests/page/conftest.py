"""The real page in a real browser over the real sandbox; the test plays the bot over HTTP."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright

from sandbox.people import Group, Person, World
from sandbox.pictures import sample_picture
from sandbox.server import Running, serving
from tests.sandbox.conftest import Api

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = ViewportSize(width=1600, height=900)
PHONE = ViewportSize(width=390, height=844)
PICTURE = sample_picture(48)


def browser_path() -> str:
    """Find Chromium; without it tests are skipped with a reason, and fail in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("No Chromium on this machine, and CI must try the page. Install chromium.")
    if found is None:
        pytest.skip("No Chromium on this machine (Debian: apt-get install chromium).")
    return str(Path(found))


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


@pytest.fixture
async def api(running: Running) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(running.url, session)


@pytest.fixture
async def world(running: Running) -> AsyncIterator[World]:
    async with World.connect(running.url) as world:
        yield world


@pytest.fixture
async def anna(world: World) -> Person:
    anna = await world.person("Anna", role="patient", phone="+447700900101")
    await anna.starts()
    return anna


@pytest.fixture
async def ben(world: World) -> Person:
    """A patient who has not met the bot."""
    return await world.person("Ben", role="patient")


@pytest.fixture
async def dana(world: World) -> Person:
    dana = await world.person("Dana", role="clinician")
    await dana.starts()
    return dana


@pytest.fixture
async def group(world: World, dana: Person) -> Group:
    """A group whose creator is no clinician, with the bot in it."""
    alex = await world.person("Alex", role="admin")
    group = await world.group("Clinic alerts", [alex, dana])
    await group.add_bot(alex)
    return group


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = browser_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, running: Running) -> AsyncIterator[Page]:
    """An empty tab of desktop size; a fault in the page's scripts fails the test."""
    page = await browser.new_page(viewport=DESKTOP, timezone_id="Europe/London")
    page.set_default_timeout(5000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert not faults


async def open_page(page: Page, url: str) -> None:
    """Open the page and wait until it is live."""
    await page.goto(url)
    await page.wait_for_selector("body[data-live]")


def chat(page: Page, whose: Person | Group) -> Locator:
    """Return the chat of a person with the bot, or of a group."""
    return page.locator(f'section[data-chat-id="{whose.id}"]')
