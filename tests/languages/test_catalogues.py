"""Every sentence of the code is there in every language, whole."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care.clinic import LANGUAGES
from handlers.language import LOCALES, _, languages, ngettext, speaking, spoken
from handlers.wording.moments import moment
from tests.languages.messages import catalogue, extracted, untranslated

CATALOGUES = sorted(LOCALES.glob("*.po"))
# The same in both languages: names, units and codes.
SAME_IN_SPANISH = {
    "FHIR R4B", "24 h, 48 h", "24 h, 48 h, 72 h", "{n} h", "No", "Pus", "{old} → {new}",
}  # fmt: skip


def ids(found) -> set:
    return {m.id if isinstance(m.id, str) else tuple(m.id) for m in found if m.id}


def forms(message) -> list[tuple[str, str]]:
    """Each form of the original beside each of its translations."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[-1], form) for form in message.string]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_sentence_is_translated_and_none_is_left_over(path: Path) -> None:
    found = catalogue(path)
    assert ids(extracted()) - ids(found) == set(), "make messages"
    assert ids(found) - ids(extracted()) == set(), "make messages"
    assert untranslated(found) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_fills_in_the_same_words_and_keeps_the_same_tags(path: Path) -> None:
    for message in catalogue(path):
        for original, translated in forms(message) if message.id else ():
            for pattern in (r"\{\w*\}", r"</?[a-z]+>", r"(?<![a-z<])/[a-z]+\b", r"\[[^\]]*\{"):
                assert set(re.findall(pattern, original)) == set(re.findall(pattern, translated))
            assert original[:1].isspace() == translated[:1].isspace()
            assert original.count("\n") == translated.count("\n")


def test_spanish_says_nothing_in_english() -> None:
    found = {m.id for m in catalogue(LOCALES / "es.po") if m.id and m.id == m.string}
    assert found <= SAME_IN_SPANISH | {name for name in found if not re.search(r"[a-z]{3}", name)}


def test_a_lost_translation_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    text = (LOCALES / "es.po").read_text("utf-8")
    path.write_text(text.replace('msgstr "Me encargo"', 'msgstr ""'), "utf-8")
    assert untranslated(catalogue(path)) == ["I'm on it"]


def test_the_languages_of_the_settings_are_those_with_a_catalogue() -> None:
    assert languages() == LANGUAGES == ("en", "es")


@pytest.mark.parametrize(
    ("code", "language"),
    [("es", "es"), ("es-MX", "es"), ("ES", "es"), ("en-GB", "en"), ("fr", "en"), (None, "en")],
)
def test_who_speaks_another_language_reads_english(code: str | None, language: str) -> None:
    assert spoken(code) == language


def test_numbers_and_days_are_said_as_the_language_says_them() -> None:
    at = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    with speaking("es"):
        assert ngettext("{n} hour", "{n} hours", 1) == "{n} hora"
        assert ngettext("{n} hour", "{n} hours", 2) == "{n} horas"
        assert ngettext("{n} hour", "{n} hours", 0) == "{n} horas"
        assert moment(at, "UTC", at) == "mar 14:30"
        assert _("I'm on it") == "Me encargo"
    assert moment(at, "UTC", at) == "Tue 14:30"
