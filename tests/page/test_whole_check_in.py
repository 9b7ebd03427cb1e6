"""A visitor with only the address plays a patient; the card appears in the clinic's chat."""

import asyncio
import os
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from bot.demo import Stage, stage
from bot.play import join, record_session
from sandbox.people import Group, Person
from tests.page.conftest import DESKTOP, PHONE, chat, open_page

# Set it to a folder to keep pictures of what was seen, as they stand in the documents.
PICTURES = os.environ.get("KEEP_PICTURES")


async def keep(page: Page | Locator, name: str) -> None:
    if PICTURES:
        # Let what has just appeared stop moving.
        await asyncio.sleep(0.8)
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def click(page: Page, whose: Person | Group, *labels: str) -> None:
    """Click one inline button after another, each on the newest message that has it."""
    for label in labels:
        button = chat(page, whose).get_by_role("button", name=label).last
        await expect(button).to_be_visible(timeout=10_000)
        await button.click()
        # As a person does: look at what changed before the next tap.
        await page.wait_for_timeout(400)


async def prepared(found: Stage) -> None:
    await found.world.limits(enabled=False)
    await join(found, found.ben)
    await record_session(found, "Neck, shoulder")


async def test_a_whole_check_in_clicked_in_the_browser_brings_the_card_to_the_clinic(
    browser: Browser, tmp_path: Path
) -> None:
    async with stage(tmp_path, port=0) as found:
        await prepared(found)
        page = await browser.new_page(viewport=DESKTOP, timezone_id="Europe/London")
        await open_page(page, found.url)
        await keep(page, "page-joined")
        await page.get_by_role("button", name="+1 h").click()
        await page.get_by_role("button", name="+1 h").click()
        await found.world.forward(minutes=2)
        await expect(chat(page, found.ben)).to_contain_text("Mild soreness", timeout=10_000)
        await page.get_by_role("button", name="+1 day").click()
        await expect(chat(page, found.ben)).to_contain_text("Check 1 of 5", timeout=10_000)
        await keep(chat(page, found.ben), "check-in-question-1")
        await click(page, found.ben, "No, none of these")
        await expect(chat(page, found.ben)).to_contain_text("Check 2 of 5")
        await click(page, found.ben, "6", "Moderate")
        await click(page, found.ben, "None: normal", "Skin red", "Hot", "Swollen")
        await keep(chat(page, found.ben), "check-in-skin")
        await click(page, found.ben, "Done")
        for clinic in (found.group, found.clinician):
            card = chat(page, clinic)
            await expect(card).to_contain_text("Local infection signs", timeout=10_000)
        await expect(chat(page, found.ben)).to_contain_text("This needs a call today")
        await keep(page, "page-alert")
        await click(page, found.clinician, "I'm on it")
        await expect(chat(page, found.ben)).to_contain_text("Your clinic saw this", timeout=10_000)
        await expect(chat(page, found.group)).to_contain_text("Taken by Dana", timeout=10_000)
        await keep(page, "page-acknowledged")
        await page.close()


async def test_a_check_in_can_be_played_at_phone_width(browser: Browser, tmp_path: Path) -> None:
    async with stage(tmp_path, port=0) as found:
        await prepared(found)
        await found.world.forward(hours=24, minutes=1)
        page = await browser.new_page(viewport=PHONE, timezone_id="Europe/London")
        await open_page(page, found.url)
        await page.get_by_role("tab", name="Ben").click()
        await expect(chat(page, found.ben)).to_contain_text("Check 1 of 5", timeout=10_000)
        await keep(page, "phone-question-1")
        await click(page, found.ben, "Yes, or not sure", "Breathless")
        await expect(chat(page, found.ben)).to_contain_text("Please get emergency help NOW")
        await keep(page, "phone-emergency")
        await page.get_by_role("tab", name="Dana").click()
        await expect(chat(page, found.clinician)).to_contain_text("Possible pneumothorax")
        await keep(page, "phone-card")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
        await page.close()
