"""The page as a whole: phones, tabs, keyboard, and a connection that comes and goes."""

import json
import re

from playwright.async_api import expect

from sandbox.server import serving
from tests.page.conftest import PHONE, chat, open_page
from tests.sandbox.conftest import buttons


async def test_at_phone_width_tabs_show_one_chat_at_a_time_and_carry_the_marks(
    page, running, api, anna, dana
):
    await page.set_viewport_size(PHONE)
    await open_page(page, running.url)
    await expect(chat(page, anna)).to_be_visible()
    await expect(chat(page, dana)).to_be_hidden()
    await api("sendMessage", chat_id=dana.id, text="Anna has joined")
    tab = page.get_by_role("tab", name="Dana")
    await expect(tab.locator(".badge")).to_have_text("1")
    await tab.click()
    await expect(chat(page, dana)).to_be_visible()
    await expect(tab.locator(".badge")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_an_empty_sandbox_offers_the_usual_phones(page, running):
    await open_page(page, running.url)
    await page.get_by_role("button", name="Add the usual five").click()
    names = ["Anna", "Ben", "Clinic alerts", "Dana", "Alex"]
    await expect(page.locator("section.chat h2")).to_have_text(names)


async def test_the_page_begins_anew_when_another_sandbox_takes_the_address(page, running, world):
    async with serving() as first:
        for name in ("Carl", "Cleo", "Cora"):
            first.telegram.add_person(name)
        await open_page(page, first.url)
        await expect(page.locator("section.chat h2")).to_have_text(["Carl", "Cleo", "Cora"])
        port = int(first.url.rsplit(":", 1)[1])
    await expect(page.get_by_role("status").first).to_contain_text("connection")
    async with serving(port=port) as second:
        second.telegram.add_person("Dora")
        await expect(page.locator("section.chat h2")).to_have_text(["Dora"], timeout=10_000)


async def test_what_was_missed_while_the_stream_was_down_is_caught_up(page, running, api, anna):
    await open_page(page, running.url)
    await page.context.set_offline(True)
    await page.evaluate("window.stop()")
    await api("sendMessage", chat_id=anna.id, text="While you were away")
    await page.context.set_offline(False)
    await expect(chat(page, anna)).to_contain_text("While you were away", timeout=10_000)


async def test_the_page_asks_nothing_of_any_other_address(page, running, api, anna):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await open_page(page, running.url)
    assert asked
    assert all(url.startswith(running.url) for url in asked)


async def test_a_reader_of_a_former_sandbox_is_told_everything_of_this_one(running, api, anna):
    address = f"{running.url}/_/events?after=999"
    async with api.session.get(address) as response:
        lines = [(await response.content.readline()).decode() for _ in range(5)]
    first = next(line for line in lines if line.startswith("data: "))
    assert json.loads(first.removeprefix("data: "))["seq"] == 1


async def test_a_phone_is_added_by_hand(page, running, anna):
    await open_page(page, running.url)
    await page.get_by_role("button", name="Add a phone").click()
    dialog = page.get_by_role("dialog", name="Add a phone")
    await dialog.get_by_label("First name").fill("Cleo")
    await dialog.get_by_label("Who is it?").select_option(label="Clinician")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    cleo = page.get_by_role("region", name="Cleo")
    await expect(cleo.get_by_role("button", name="Start")).to_be_visible()
    await expect(cleo).to_have_class(re.compile("chat-active"))


async def test_the_keyboard_stays_where_it_is_when_a_tapped_message_changes(
    page, running, api, anna
):
    both = buttons({"Back": "b", "Next": "n"})
    sent = await api("sendMessage", chat_id=anna.id, text="1 of 5", reply_markup=both)
    await open_page(page, running.url)
    key = chat(page, anna).get_by_role("button", name="Next")
    await key.focus()
    await page.keyboard.press("Enter")
    await api(
        "editMessageText",
        chat_id=anna.id,
        message_id=sent["message_id"],
        text="2 of 5",
        reply_markup=both,
    )
    await expect(chat(page, anna)).to_contain_text("2 of 5")
    await expect(key).to_be_focused()


async def test_a_refusal_is_said_in_words(page, running, anna):
    await open_page(page, running.url)
    await chat(page, anna).get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("button", name="Block the bot").click()
    unblock = chat(page, anna).get_by_role("button", name="Unblock the bot")
    await unblock.click()
    await expect(chat(page, anna).get_by_role("textbox", name="Message")).to_be_visible()
    running.telegram.users[anna.id].deleted = True
    await chat(page, anna).get_by_role("textbox", name="Message").fill("Hello?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Anna has deleted the account")
    await expect(chat(page, anna).get_by_role("textbox", name="Message")).to_have_value("Hello?")
