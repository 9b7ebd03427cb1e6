"""What somebody who only has the page's address sees and can do."""

import asyncio
import re

import aiohttp
from playwright.async_api import expect

from sandbox.telegram import DEFAULT_TOKEN
from tests.page.conftest import PICTURE, chat, open_page
from tests.sandbox.conftest import Api, buttons


async def tapped(api: Api, **answer: object) -> dict:
    """Wait for the next tap, answer it and return it."""
    async with asyncio.timeout(5):
        while True:
            for update in await api.updates(timeout=1):
                if query := update.get("callback_query"):
                    await api("answerCallbackQuery", callback_query_id=query["id"], **answer)
                    return query


async def said(api: Api) -> dict:
    """Wait for the next message that somebody wrote, and return it."""
    async with asyncio.timeout(5):
        while True:
            for update in await api.updates(timeout=1):
                if "message" in update:
                    return update["message"]


async def test_a_message_from_the_bot_appears_without_a_reload(page, running, api, anna):
    await open_page(page, running.url)
    await api("sendMessage", chat_id=anna.id, text="<b>Check</b> 1 of 5", parse_mode="HTML")
    message = chat(page, anna).get_by_role("article").last
    await expect(message.locator(".words")).to_have_text("Check 1 of 5")
    await expect(message.locator("strong")).to_have_text("Check")
    await expect(message.locator("time")).to_have_text(re.compile(r"^[A-Z][a-z]{2} \d\d:\d\d$"))


async def test_a_tap_on_a_button_reaches_the_bot_and_its_answer_is_shown(page, running, api, anna):
    await api("sendMessage", chat_id=anna.id, text="Pain?", reply_markup=buttons({"3": "p3"}))
    await api.updates()
    await open_page(page, running.url)
    await chat(page, anna).get_by_role("button", name="3", exact=True).click()
    query = await tapped(api, text="Noted: 3")
    assert (query["data"], query["from"]["id"]) == ("p3", anna.id)
    await expect(chat(page, anna).locator(".note")).to_have_text("Noted: 3")


async def test_an_alert_stays_until_it_is_confirmed(page, running, api, anna):
    await api("sendMessage", chat_id=anna.id, text="Any?", reply_markup=buttons({"Yes": "y"}))
    await open_page(page, running.url)
    await chat(page, anna).get_by_role("button", name="Yes").click()
    await tapped(api, text="Call 999.", show_alert=True)
    alert = chat(page, anna).get_by_role("alertdialog")
    await expect(alert).to_contain_text("Call 999.")
    await page.keyboard.press("Enter")
    await expect(alert).to_have_count(0)


async def test_an_edit_replaces_the_message_in_place_and_is_marked(page, running, api, anna):
    sent = await api(
        "sendMessage", chat_id=anna.id, text="One", reply_markup=buttons({"Old": "old"})
    )
    await open_page(page, running.url)
    before = await chat(page, anna).get_by_role("article").count()
    await api(
        "editMessageText",
        chat_id=anna.id,
        message_id=sent["message_id"],
        text="Two",
        reply_markup=buttons({"New": "new"}),
    )
    message = chat(page, anna).locator(f'[data-message-id="{sent["message_id"]}"]')
    await expect(message.locator(".words")).to_have_text("Two")
    await expect(message).to_have_class(re.compile("flash"))
    await expect(message.locator(".edited")).to_be_visible()
    await expect(message.locator(".key")).to_have_text(["New"])
    await expect(chat(page, anna).get_by_role("article")).to_have_count(before)


async def test_what_is_new_is_marked_until_the_chat_is_looked_at(page, running, api, anna, dana):
    await open_page(page, running.url)
    badge = chat(page, anna).locator(".badge")
    await expect(badge).to_be_hidden()
    await api("sendMessage", chat_id=anna.id, text="Hello")
    await expect(badge).to_have_text("1")
    await expect(page).to_have_title(re.compile(r"^\(1\)"))
    await expect(chat(page, dana).locator(".badge")).to_be_hidden()
    await chat(page, anna).get_by_role("log").click()
    await expect(badge).to_be_hidden()


async def test_an_hour_more_moves_the_clock_by_an_hour(page, running, api, anna):
    await open_page(page, running.url)
    before = running.telegram.clock.now()
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.get_by_role("status").first).to_contain_text("now.")
    moved = (running.telegram.clock.now() - before).total_seconds()
    assert 3600 <= moved < 3610
    shown = await page.locator("#clock-now").get_attribute("datetime")
    assert f"{running.telegram.clock.now():%Y-%m-%dT%H:%M}" == shown[:16]


async def test_no_next_event_is_said_and_not_passed_over(page, running, anna):
    await open_page(page, running.url)
    await page.get_by_role("button", name="to next event").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is due")


async def test_a_photo_from_the_bot_appears_as_a_picture(page, running, api, anna):
    await open_page(page, running.url)
    form = aiohttp.FormData({"chat_id": str(anna.id), "caption": "Scan this"})
    form.add_field("photo", PICTURE, filename="qr.png", content_type="image/png")
    async with api.session.post(
        f"{running.url}/bot{DEFAULT_TOKEN}/sendPhoto", data=form
    ) as response:
        assert response.status == 200
    image = chat(page, anna).get_by_role("img", name="Photo: Scan this")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 48


async def test_an_invitation_link_opens_as_the_phone_one_chooses(page, running, api, dana, ben):
    link = "https://t.me/symptom_diary_bot?start=Zx81"
    await api("sendMessage", chat_id=dana.id, text=f"Scan this: {link}")
    await api.updates()
    await open_page(page, running.url)
    await expect(chat(page, ben).get_by_role("button", name="Start")).to_be_visible()
    await chat(page, dana).get_by_role("link", name=link).click()
    await page.get_by_role("dialog").get_by_role("button", name="Ben").click()
    message = await said(api)
    assert (message["text"], message["from"]["first_name"]) == ("/start Zx81", "Ben")
    await expect(chat(page, ben).get_by_role("article")).to_contain_text("/start Zx81")


async def test_one_writes_replies_and_sends_photos_as_the_person_of_the_chat(
    page, running, api, anna
):
    sent = await api("sendMessage", chat_id=anna.id, text="How are you?")
    await api.updates()
    await open_page(page, running.url)
    mine = chat(page, anna)
    message = mine.locator(f'[data-message-id="{sent["message_id"]}"]')
    await message.hover()
    await message.get_by_role("button", name="Reply or more").click()
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(mine.get_by_role("textbox", name="Message")).to_be_focused()
    await page.keyboard.type("Fine, thanks")
    await page.keyboard.press("Enter")
    reply = await said(api)
    assert reply["text"] == "Fine, thanks"
    assert reply["reply_to_message"]["message_id"] == sent["message_id"]
    await expect(mine.locator(".quote-text")).to_have_text("How are you?")
    await mine.get_by_role("button", name="Attach").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Photo or picture").click()
    file = {"name": "skin.png", "mimeType": "image/png", "buffer": PICTURE}
    await (await chooser.value).set_files(file)
    assert (await said(api))["photo"][-1]["width"] == 48


async def test_the_number_is_shared_by_its_button(page, running, api, anna):
    button = {"text": "Share my phone number", "request_contact": True}
    keyboard = {"keyboard": [[button]], "one_time_keyboard": True}
    await open_page(page, running.url)
    await api.updates()
    await api("sendMessage", chat_id=anna.id, text="Your number?", reply_markup=keyboard)
    key = chat(page, anna).get_by_role("button", name="Share my phone number")
    await key.click()
    assert (await said(api))["contact"]["phone_number"] == "+447700900101"
    await expect(key).to_have_count(0)


async def test_the_commands_of_the_bot_are_offered(page, running, api, anna):
    command = {"command": "report", "description": "Report a problem"}
    await api("setMyCommands", commands=[command])
    await api.updates()
    await open_page(page, running.url)
    await chat(page, anna).get_by_role("textbox", name="Message").fill("/re")
    await expect(chat(page, anna).get_by_role("option")).to_contain_text("Report a problem")
    await page.keyboard.press("Enter")
    assert (await said(api))["text"] == "/report"


async def test_a_list_of_commands_that_comes_late_does_not_cover_what_was_sent_meanwhile(
    page, running, api, anna
):
    await api("setMyCommands", commands=[{"command": "report", "description": "A problem"}])
    await api.updates()
    await open_page(page, running.url)
    held = asyncio.Event()

    async def late(route):
        await held.wait()
        await route.continue_()

    await page.route("**/commands**", late)
    box = chat(page, anna).get_by_role("textbox", name="Message")
    await box.fill("/report")
    await box.press("Enter")
    assert (await said(api))["text"] == "/report"
    held.set()
    await page.wait_for_timeout(500)
    await expect(chat(page, anna).get_by_role("listbox")).to_be_hidden()


async def test_a_group_is_seen_by_its_clinician_until_another_is_chosen(
    page, running, api, dana, group
):
    card = buttons({"I'm on it": "ack"})
    await api("sendMessage", chat_id=group.id, text="Urgent: P-014", reply_markup=card)
    await open_page(page, running.url)
    clinic = chat(page, group)
    await expect(clinic).to_have_attribute("data-person-id", str(dana.id))
    await clinic.get_by_role("button", name="I'm on it").click()
    assert (await tapped(api))["from"]["first_name"] == "Dana"
    await clinic.get_by_label("Seen by").select_option(label="Alex")
    await clinic.get_by_role("button", name="I'm on it").click()
    assert (await tapped(api))["from"]["first_name"] == "Alex"


async def test_words_that_look_like_markup_are_shown_as_words(page, running, api, anna):
    words = "<img src=x onerror=\"document.title='taken'\"> & <b>"
    await open_page(page, running.url)
    await api("sendMessage", chat_id=anna.id, text=words)
    message = chat(page, anna).get_by_role("article").last
    await expect(message.locator(".words")).to_have_text(words)
    await expect(message.locator("img")).to_have_count(0)
