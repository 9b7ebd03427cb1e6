"""What is marked for translators is found, wherever in the code it stands."""

from pathlib import Path

import pytest

from tests.languages import messages


def test_a_sentence_inside_an_f_string_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "words.py").write_text(
        "text = f\"<b>{_('Settings')}</b>\" + ngettext('{n} day', '{n} days', 2)\n"
    )
    monkeypatch.setattr(messages, "HANDLERS", tmp_path)
    assert {found.id for found in messages.extracted() if found.id} == {
        "Settings",
        ("{n} day", "{n} days"),
    }
