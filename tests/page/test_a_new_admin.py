"""A new admin, with only the page: the schedule, the team, a file in, a file out, a patient."""

import re
import time
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from bot.demo import Stage, stage
from bot.play import join, record_session
from tests.page.conftest import chat, open_page
from tests.page.test_whole_check_in import click, keep

WIDE = {"width": 1600, "height": 1000}
A_MINUTE = 60.0


async def says(page: Page, found: Stage, words: str) -> None:
    """Type into the admin's chat and send it."""
    box = chat(page, found.admin).get_by_role("textbox", name="Message")
    await box.fill(words)
    await box.press("Enter")


async def reads(page: Page, found: Stage, words: str) -> None:
    newest = chat(page, found.admin).get_by_role("article").last
    await expect(newest).to_contain_text(re.compile(words), timeout=15_000)


async def sends_file(page: Page, found: Stage, name: str, content: str) -> None:
    await chat(page, found.admin).get_by_role("button", name="Attach").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="File…").click()
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    await (await chooser.value).set_files(file)


async def fifty_sessions(found: Stage) -> str:
    now = (await found.world.now()).replace(microsecond=0)
    lines = [f"V{n},{n},Patient {n},{now.isoformat()},arm,4" for n in range(50)]
    return "\n".join(["visit,mrn,name,start,region,pain", *lines])


async def schedules(page: Page, found: Stage) -> None:
    await says(page, found, "/schedule")
    await reads(page, found, "Schedule")
    await click(page, found.admin, "Presets", "24 h, 48 h, 72 h")
    await reads(page, found, "24 h, 48 h after the session → Check-ins: 24 h, 48 h, 72 h")
    await keep(chat(page, found.admin), "admin-schedule-diff")
    await click(page, found.admin, "Apply to new sessions")
    await reads(page, found, "It holds for new sessions")


async def puts_on_duty(page: Page, found: Stage) -> None:
    await says(page, found, "/team")
    await reads(page, found, "Alerts go to whoever is on duty")
    await click(page, found.admin, "Take Dana off duty", "Put Dana on duty")
    await reads(page, found, "Dana ● on duty")
    await keep(chat(page, found.admin), "admin-team")


async def imports(page: Page, found: Stage) -> None:
    await says(page, found, "/import")
    await reads(page, found, "Send me a CSV file")
    await sends_file(page, found, "visits.csv", await fifty_sessions(found))
    await reads(page, found, "50 sessions to import")
    await keep(chat(page, found.admin), "admin-import")
    await click(page, found.admin, "Import 50 sessions")
    await expect(chat(page, found.admin)).to_contain_text("50 sessions recorded", timeout=30_000)


async def opens_a_chart(page: Page, found: Stage, code: str) -> None:
    await says(page, found, f"/patient {code}")
    picture = chat(page, found.admin).get_by_role("img").last
    await expect(picture).to_be_visible(timeout=15_000)
    await keep(chat(page, found.admin), "admin-patient")


async def exports(page: Page, found: Stage) -> None:
    await says(page, found, "/export")
    await reads(page, found, "Patients by code only")
    await click(page, found.admin, "FHIR R4B, everything")
    file = chat(page, found.admin).locator("a.file").last
    await expect(file).to_contain_text("zip", timeout=30_000)
    await keep(chat(page, found.admin), "admin-export")


async def test_a_new_admin_does_each_of_their_jobs_in_the_chat_within_a_minute(
    browser: Browser, tmp_path: Path
) -> None:
    async with stage(tmp_path, port=0) as found:
        await found.world.limits(enabled=False)
        await join(found, found.ben)
        await record_session(found, "Neck, shoulder")
        page = await browser.new_page(viewport=WIDE, timezone_id="Europe/London")
        await open_page(page, found.url)
        code = await answered_once(page, found)
        took: dict[str, float] = {}
        for job in (schedules, puts_on_duty, imports, exports):
            began = time.monotonic()
            await job(page, found)
            took[job.__name__] = time.monotonic() - began
        began = time.monotonic()
        await opens_a_chart(page, found, code)
        took["opens_a_chart"] = time.monotonic() - began
        assert max(took.values()) < A_MINUTE, took
        await reads_the_digest(page, found)
        await page.close()


async def answered_once(page: Page, found: Stage) -> str:
    """Ben answers his first check-in; returns his code."""
    await found.world.forward(hours=24, minutes=1)
    for label, then in (
        ("No, none of these", "Check 2 of 5"), ("6", "Check 3 of 5"), ("Moderate", "Check 4 of 5"),
        ("None: normal", "Check 5 of 5"), ("Skin red", "Tap all"), ("Hot", "✓|☑|✅"),
        ("Done", "call today"),
    ):  # fmt: skip
        await click(page, found.ben, label)
        await expect(chat(page, found.ben)).to_contain_text(re.compile(then), timeout=15_000)
    card = chat(page, found.group)
    await expect(card).to_contain_text("Local infection signs", timeout=15_000)
    match = re.search(r"P-\w{4}", await card.inner_text())
    assert match is not None
    return match.group()


async def reads_the_digest(page: Page, found: Stage) -> None:
    await found.world.forward(hours=24)
    digest = chat(page, found.clinician).get_by_role("article").filter(has_text="Today ·").last
    await expect(digest).to_contain_text("Open alerts", timeout=15_000)
    await keep(chat(page, found.clinician), "admin-digest")
