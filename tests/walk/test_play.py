"""The played demo tells the truth: it fails when the rule, the tap or the card is missing."""

from functools import partial

import pytest

import bot.play
import storage.alerts
from bot import demo
from care.triage import rules
from handlers.clinicians import messages
from handlers.delivery import Nothing
from handlers.rendering import RENDERERS
from sandbox import limits
from sandbox.sight import Pattern
from tests.thorough import thorough


@pytest.fixture
def _impatient(monkeypatch) -> None:
    """What never comes is waited for three seconds, not ten."""
    from sandbox.phones import View

    patient = View.sees

    async def sees(self: View, wanted: Pattern, timeout: float = 3.0):  # noqa: ASYNC109
        return await patient(self, wanted, timeout)

    monkeypatch.setattr(View, "sees", sees)


@pytest.fixture
def _unlimited(monkeypatch) -> None:
    """Telegram's flood limits, which make most of the time, are for the play that ends well."""
    monkeypatch.setattr(limits, "LimitSettings", partial(limits.LimitSettings, enabled=False))


async def test_the_play_ends_well_and_prints_what_happened(capsys) -> None:
    assert await demo.main(play=True, port=0) == 0
    printed = capsys.readouterr().out
    for words in ("All as expected", "Possible pneumothorax", "Your clinic saw this", "alerts"):
        assert words in printed


@pytest.mark.usefixtures("_impatient", "_unlimited")
@thorough
async def test_the_play_fails_without_the_rule_for_breathlessness(monkeypatch, capsys) -> None:
    monkeypatch.setitem(rules.CONDITIONS, "E1", lambda *_: False)
    assert await demo.main(play=True, port=0) == 1
    assert "no emergency alert was raised" in capsys.readouterr().out


@pytest.mark.usefixtures("_impatient", "_unlimited")
@thorough
async def test_the_play_fails_when_the_acknowledgement_is_dropped(monkeypatch, capsys) -> None:
    async def dropped(*_args: object) -> bool:
        return False

    monkeypatch.setattr(storage.alerts, "acknowledge", dropped)
    assert await demo.main(play=True, port=0) == 1
    assert "not acknowledged" in capsys.readouterr().out


@pytest.mark.usefixtures("_impatient", "_unlimited")
@thorough
async def test_the_play_fails_when_no_card_is_delivered(monkeypatch, capsys) -> None:
    async def nothing(_job: object) -> Nothing:
        return Nothing("lost on the way")

    for kind in ("card_private", "card_group"):
        assert kind in messages.RENDERERS
        monkeypatch.setitem(RENDERERS, kind, nothing)
    assert await demo.main(play=True, port=0) == 1
    assert "no 'delivered'" in capsys.readouterr().out


def test_a_message_without_a_link_is_no_invitation() -> None:
    with pytest.raises(bot.play.PlayFailedError):
        bot.play.token_in("hello")
