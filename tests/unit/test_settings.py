"""What each variable takes, and the sentence that a wrong one gets."""

import base64
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.settings import Settings, SettingsError, is_loopback, load_settings

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
# The same in every test process, which name their tests after them.
KEYS = [base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
LOOPBACK = {"TELEGRAM_API_URL": "http://127.0.0.1:8081"}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


@pytest.fixture
def load(monkeypatch):
    def load(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load_settings(None)

    return load


def test_everything_has_a_default_but_token_and_keys(load):
    settings = load()

    assert settings.database_url == "sqlite+aiosqlite:///symptom-diary.db"
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 8080)
    assert (settings.bot_token, settings.admin_ids, settings.encryption_keys) == (None, (), ())
    assert (settings.webhook_url, settings.clock_url, settings.heartbeat_url) == (None,) * 3
    assert (settings.log_level, settings.log_format) == ("INFO", "console")
    assert settings.allow_plaintext is False


@pytest.mark.parametrize(
    ("text", "ids"),
    [("1,2", (1, 2)), ("5", (5,)), ("", ()), ("  ", ()), (" 7 , 8,, 7", (7, 8)), (",", ())],
)
def test_admin_ids_are_a_comma_list_of_any_length(load, text, ids):
    assert load(ADMIN_IDS=text).admin_ids == ids


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_IDS", "1,Anna"),
        ("ADMIN_IDS", "-100123"),
        ("ADMIN_IDS", "0"),
        ("ADMIN_IDS", "1.5"),
        ("ADMIN_IDS", "[1,2]"),
        ("ADMIN_IDS", "99999999999999999999"),
        ("BOT_TOKEN", "Use-this-token"),
        ("BOT_TOKEN", f"{TOKEN} x"),
        ("DATABASE_URL", "symptom-diary.db"),
        ("DATABASE_URL", "mysql://me:hunter22@host/diary"),
        ("DATABASE_URL", "postgresql+asyncpg://me:hunter22@host:port/diary"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://api.telegram.org"),
        ("TELEGRAM_API_URL", "https://api.telegram.org:99999"),
        ("TELEGRAM_API_URL", "https://[::1"),
        ("TELEGRAM_API_URL", "https://api.telegram.org/bot"),
        ("WEBHOOK_URL", "http://clinic.example/hook"),
        ("WEBHOOK_URL", "clinic.example"),
        ("WEBHOOK_SECRET", "has spaces"),
        ("WEBHOOK_SECRET", "a" * 257),
        ("CLOCK_URL", "noon"),
        ("ALLOW_PLAINTEXT", "perhaps"),
        ("LISTEN", "8080"),
        ("LISTEN", "127.0.0.1:http"),
        ("LISTEN", "127.0.0.1:70000"),
        ("LISTEN", ":8080"),
        ("ENCRYPTION_KEYS", "short"),
        ("ENCRYPTION_KEYS", f"{KEYS[0]},{KEYS[1][:-2]}"),
        ("HEARTBEAT_URL", "monitor.example/abcdef"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_one_gets_one_sentence_with_its_name_and_what_it_takes(load, name, value):
    with pytest.raises(SettingsError) as caught:
        load(**{name: value})

    sentence = str(caught.value)
    takes = Settings.model_fields[name.lower()].description
    assert sentence.startswith(f"{name} takes {takes}, but ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("url", "better"),
    [
        ("sqlite:///diary.db", "sqlite+aiosqlite://"),
        ("postgres://me:pw@host/diary", "postgresql+asyncpg://"),
        ("postgresql://me:pw@host/diary", "postgresql+asyncpg://"),
    ],
)
def test_a_database_address_without_its_driver_is_told_which_one(load, url, better):
    with pytest.raises(SettingsError, match=re.escape(f"write {better} instead")):
        load(DATABASE_URL=url)


def test_several_wrong_ones_are_all_told_at_once(load):
    with pytest.raises(SettingsError) as caught:
        load(LISTEN="x", LOG_LEVEL="x", BOT_TOKEN="x")

    assert sorted(line.split()[0] for line in str(caught.value).splitlines()) == [
        "BOT_TOKEN", "LISTEN", "LOG_LEVEL"
    ]  # fmt: skip


@given(
    name=st.sampled_from([name.upper() for name in Settings.model_fields]),
    value=st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=12),
)
def test_no_sentence_repeats_what_was_set(name, value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, value)
        told = None
        try:
            load_settings(None)
        except SettingsError as error:
            told = error
    assert told is None or value.strip() not in str(told)
    assert told is None or told.__cause__ is None


def test_keys_are_kept_newest_first(load):
    settings = load(ENCRYPTION_KEYS=f" {KEYS[0]} , {KEYS[1]},")

    assert settings.encryption_keys == settings.require_keys() == tuple(KEYS)


def test_running_without_keys_must_be_asked_for(load):
    with pytest.raises(SettingsError, match=r"^ENCRYPTION_KEYS is not set: .*keys new.*ALLOW_PL"):
        load().require_keys()
    assert load(ALLOW_PLAINTEXT="true").require_keys() == ()


def test_a_missing_token_is_explained_only_where_one_is_needed(load):
    settings = load()
    with pytest.raises(SettingsError, match=r"^BOT_TOKEN is not set: talk to @BotFather .*\.env"):
        settings.require_token()
    assert load(BOT_TOKEN=TOKEN).require_token() == TOKEN


def test_a_webhook_needs_a_secret(load):
    with pytest.raises(SettingsError, match=r"^WEBHOOK_SECRET takes .* WEBHOOK_URL needs it\.$"):
        load(WEBHOOK_URL="https://clinic.example/hook")
    settings = load(WEBHOOK_SECRET="s3cret_-")
    assert settings.webhook_url == "https://clinic.example/hook"
    assert settings.webhook_secret == SecretStr("s3cret_-")


def test_a_webhook_on_this_machine_may_be_plain_http(load):
    settings = load(WEBHOOK_URL="http://127.0.0.1:8443/hook", WEBHOOK_SECRET="x")

    assert settings.webhook_url == "http://127.0.0.1:8443/hook"


def test_a_clock_is_refused_beside_the_real_telegram(load):
    clock = "http://127.0.0.1:8081/_/clock"
    with pytest.raises(SettingsError, match=r"^CLOCK_URL .* remove CLOCK_URL"):
        load(CLOCK_URL=clock)
    assert load(CLOCK_URL=clock, **LOOPBACK).clock_url == clock


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8081", True),
        ("http://127.3.2.1", True),
        ("http://[::1]:8081/x", True),
        ("https://api.telegram.org", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_only_this_machine_is_loopback(url, here):
    assert is_loopback(url) is here


def test_the_environment_wins_over_the_file_and_an_argument_over_both(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=ERROR\nLOG_FORMAT=json\nLISTEN=[::1]:1\nPTB_TIMEDELTA=1\n")
    monkeypatch.setenv("LOG_LEVEL", "warning")

    settings = load_settings(file, listen="127.0.0.2:0")

    assert (settings.log_level, settings.log_format) == ("WARNING", "json")
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.2", 0)
    assert load_settings(file).listen_host == "::1"


def test_a_file_that_is_not_there_is_empty_and_one_that_cannot_be_read_is_told(tmp_path):
    assert load_settings(tmp_path / "none").bot_token is None
    file = tmp_path / ".env"
    file.write_bytes(b"BOT_TOKEN=\xff\xfe\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file)


def test_no_secret_shows_when_settings_are_printed(load):
    settings = load(
        BOT_TOKEN=TOKEN,
        ENCRYPTION_KEYS=KEYS[0],
        WEBHOOK_SECRET="websecret",
        DATABASE_URL="postgresql+asyncpg://me:hunter%402@host/diary",
        HEARTBEAT_URL="https://monitor.example/ping-id",
    )

    assert set(settings.secrets) == {TOKEN, KEYS[0], "websecret", "hunter@2"}
    shown = f"{settings} {settings!r}"
    for secret in (TOKEN, KEYS[0], "websecret", "hunter", "ping-id"):
        assert secret not in shown


def test_the_example_file_names_every_setting_with_a_line_each_and_is_valid():
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {
        line.split("=")[0]: above for above, line in pairwise(lines) if re.match(r"[A-Z_]+=", line)
    }

    assert set(named) == {name.upper() for name in Settings.model_fields} | {"PTB_TIMEDELTA"}
    assert all(above.startswith("# ") for above in named.values())
    assert load_settings(ROOT / ".env.example") == load_settings(None)
