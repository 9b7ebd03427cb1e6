"""Calls are held against the machine-readable Bot API."""

import pytest

from sandbox.specification import Specification
from sandbox.telegram import Telegram
from tests.sandbox.conftest import DESCRIPTION, RefusedError, buttons

SMALL = {
    "methods": {
        "sendMessage": {
            "fields": [
                {"name": "chat_id", "types": ["Integer", "String"], "required": True},
                {"name": "text", "types": ["String"], "required": True},
                {"name": "protect_content", "types": ["Boolean"], "required": False},
                {"name": "reply_markup", "types": ["Markup"], "required": False},
            ]
        },
        "getMe": {},
        "sendDice": {"fields": []},
    },
    "types": {
        "Markup": {"subtypes": ["Inline"]},
        "Inline": {
            "fields": [{"name": "rows", "types": ["Array of Integer"], "required": True}],
        },
    },
}


@pytest.fixture
def described():
    return Specification(SMALL)


def test_forms_and_json_are_read_alike():
    small = Specification(SMALL)
    form = {"chat_id": "5", "text": "5", "protect_content": "true", "reply_markup": '{"rows":[1]}'}
    native = {"chat_id": 5, "text": "x", "protect_content": True, "reply_markup": {"rows": [1]}}
    assert small.faults_of("sendMessage", form, set()) == []
    assert small.faults_of("SENDMESSAGE", native, set()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "red"}, "sendMessage has no parameter colour"),
        ({"protect_content": "perhaps"}, "sendMessage: protect_content is not Boolean"),
        ({"reply_markup": {"rows": ["a"]}}, "sendMessage: reply_markup is not Markup"),
        ({"reply_markup": {}}, "sendMessage: reply_markup is not Markup"),
        ({"reply_markup": {"rows": [], "x": 1}}, "sendMessage: reply_markup is not Markup"),
    ],
)
def test_what_the_description_does_not_know_is_a_fault(change, fault):
    call = {"chat_id": 5, "text": "x"} | change
    assert Specification(SMALL).faults_of("sendMessage", call, set()) == [fault]


async def test_an_unknown_parameter_is_refused_and_recorded_and_fails_the_world(world, api, anna):
    with pytest.raises(RefusedError, match="Bad Request: sendMessage has no parameter colour"):
        await api("sendMessage", chat_id=anna.id, text="x", colour="red")
    assert (await world.violations())[0]["reason"] == "sendMessage has no parameter colour"
    await world.caught_up()
    with pytest.raises(AssertionError, match="has no parameter colour"):
        world.assert_nothing_unexpected()


async def test_a_method_that_does_not_exist_is_not_found_and_recorded(world, api):
    with pytest.raises(RefusedError, match="Not Found") as no:
        await api("sendTelepathy")
    assert no.value.code == 404
    assert len(await world.violations()) == 1


async def test_a_method_the_sandbox_does_not_play_is_recorded(world, api):
    with pytest.raises(RefusedError):
        await api("sendDice")
    assert (await world.violations())[0]["reason"] == "the sandbox does not play sendDice"


async def test_markdown_is_recorded_because_the_sandbox_reads_html_only(running, world, api, anna):
    running.telegram.specification = None
    with pytest.raises(RefusedError):
        await api("sendMessage", chat_id=anna.id, text="*x*", parse_mode="MarkdownV2")
    assert len(await world.violations()) == 1


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description of the Bot API is not here")
def test_every_method_the_sandbox_plays_exists():
    from sandbox.bot_api import METHODS, WAITING_METHODS

    known = Specification.load(DESCRIPTION).methods
    assert {name.lower() for name in METHODS | WAITING_METHODS} <= set(known)


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the description of the Bot API is not here")
def test_real_buttons_fit_the_real_description():
    real = Specification.load(DESCRIPTION)
    call = {"chat_id": 1, "text": "x", "reply_markup": buttons({"A": "a"})}
    assert real.faults_of("sendMessage", call, set()) == []
    wrong = {"inline_keyboard": [[{"text": "A", "calback_data": "a"}]]}
    assert real.faults_of("sendMessage", call | {"reply_markup": wrong}, set())


def test_without_a_description_nothing_is_checked():
    assert Telegram().specification is None
