"""Pictures, voice and documents, in both directions."""

import aiohttp
import pytest

from sandbox.pictures import sample_picture, size_of
from sandbox.sight import Message
from sandbox.telegram import DEFAULT_TOKEN
from tests.sandbox.conftest import RefusedError


async def upload(api, method, **fields):
    form = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, tuple):
            form.add_field(name, value[1], filename=value[0])
        else:
            form.add_field(name, str(value))
    url = f"{api.url}/bot{DEFAULT_TOKEN}/{method}"
    async with api.session.post(url, data=form) as response:
        body = await response.json()
    if not body["ok"]:
        raise RefusedError(response.status, body)
    return body["result"]


async def test_a_persons_picture_can_be_downloaded(api, anna):
    await anna.sends_photo(caption="my arm")
    message = await api.only_update("message")
    assert message["caption"] == "my arm"
    photo = message["photo"][-1]
    assert (photo["width"], photo["height"]) == (96, 96)
    file = await api("getFile", file_id=photo["file_id"])
    url = f"{api.url}/file/bot{DEFAULT_TOKEN}/{file['file_path']}"
    async with api.session.get(url) as response:
        assert await response.read() == sample_picture()
    async with api.session.get(url.replace(DEFAULT_TOKEN, "1:X")) as response:
        assert response.status == 401


async def test_an_album_comes_as_messages_of_one_group(api, anna):
    await anna.sends_photo(caption="both arms", album_of=2)
    first, second = [update["message"] for update in await api.updates()]
    assert first["media_group_id"] == second["media_group_id"]
    assert first["caption"] == "both arms"
    assert "caption" not in second


async def test_voice_and_documents_arrive(api, anna):
    await anna.sends_voice()
    await anna.sends_document("letter.txt", b"Dear clinic", caption="see this")
    voice, letter = [update["message"] for update in await api.updates()]
    assert voice["voice"]["mime_type"] == "audio/ogg"
    assert letter["document"]["file_name"] == "letter.txt"
    assert letter["document"]["file_size"] == 11


async def test_an_uploaded_picture_is_seen_and_sent_again_by_its_id(world, api, anna, dr):
    sent = await upload(
        api, "sendPhoto", chat_id=anna.id, photo=("chart.png", sample_picture(64)),
        caption="<b>week</b>", parse_mode="HTML",
    )  # fmt: skip
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    seen = await anna.sees("week")
    assert await world.download(seen) == sample_picture(64)
    await api("sendPhoto", chat_id=dr.id, photo=sent["photo"][-1]["file_id"], caption="again")
    await dr.sees("again")
    with pytest.raises(RefusedError, match="wrong file identifier"):
        await api("sendPhoto", chat_id=dr.id, photo="nonsense")


async def test_a_document_keeps_its_name(world, api, anna):
    await upload(api, "sendDocument", chat_id=anna.id, document=("diary.csv", b"a,b\n"))
    await world.caught_up()
    message: Message = anna.view().messages[-1]
    assert message.view["document"]["file_name"] == "diary.csv"
    assert await world.download(message) == b"a,b\n"


async def test_what_is_no_picture_is_refused(api, anna):
    with pytest.raises(RefusedError, match="Bad Request: IMAGE_PROCESS_FAILED"):
        await upload(api, "sendPhoto", chat_id=anna.id, photo=("x.png", b"no picture"))
    with pytest.raises(RefusedError, match="there is no photo in the request"):
        await upload(api, "sendPhoto", chat_id=anna.id, photo="")


async def test_albums_are_uploaded_with_attached_names(api, anna):
    media = '[{"type":"photo","media":"attach://a"},{"type":"photo","media":"attach://b"}]'
    album = await upload(
        api, "sendMediaGroup", chat_id=anna.id, media=media,
        a=("a.png", sample_picture(8)), b=("b.png", sample_picture(16)),
    )  # fmt: skip
    assert [message["photo"][0]["width"] for message in album] == [8, 16]


async def test_a_caption_can_be_edited_and_has_1024_characters(api, anna):
    sent = await upload(
        api, "sendPhoto", chat_id=anna.id, photo=("a.png", sample_picture(8)), caption="one"
    )
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    await api("editMessageCaption", **place, caption="two")
    await anna.sees("two")
    with pytest.raises(RefusedError, match="message is not modified"):
        await api("editMessageCaption", **place, caption="two")
    with pytest.raises(RefusedError, match="message caption is too long"):
        await api("editMessageCaption", **place, caption="x" * 1025)
    with pytest.raises(RefusedError, match="there is no text in the message to edit"):
        await api("editMessageText", **place, text="three")


def test_the_size_of_a_jpeg_is_read_from_its_frame():
    frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00"
    assert size_of(frame) == (32, 16)
