"""What reaches the log, and what must not."""

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import HIDDEN, QUIET, Redactor, configure_logging

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
KEY = Fernet.generate_key().decode()
SANDBOX = "100001:SANDBOX"
PASSWORD = "pa\\ss'wörd\""
SECRETS = (TOKEN, KEY, SANDBOX, PASSWORD)


@pytest.fixture(autouse=True)
def _restore_logging():
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture(params=["console", "json"])
def lines(request):
    """To be called in the test, past pytest's own handlers; gives what was written since."""
    stream = io.StringIO()

    def configure():
        configure_logging("DEBUG", request.param, [SANDBOX, PASSWORD], stream)
        return stream.getvalue

    return configure


def log_everywhere(secret):
    ours, theirs = structlog.get_logger(), logging.getLogger("some.library")
    structlog.contextvars.bind_contextvars(bound=secret)
    ours.info(f"in the message {secret}")
    ours.info("as an argument %s", secret)
    ours.info("as a field", field=secret, deep={"a": [("b", secret)], secret: 1}, odd=Odd(secret))
    ours.info("in an address", url=f"https://api.telegram.org/bot{secret}/sendMessage")
    theirs.warning(f"in the message\n{secret}")
    theirs.warning("as an argument %s %r", secret, {"a": secret})
    theirs.warning("as an error %s", ValueError(secret))
    try:
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ValueError(f"wrong: {secret}") from error
    except ValueError:
        ours.exception("ours failed")
        theirs.exception("theirs failed")
        ours.warning("with a stack", exc_info=True, stack_info=True)
    theirs.warning("an argument that does not fit %d", secret)


class Odd:
    def __init__(self, secret):
        self.secret = secret

    def __str__(self):
        return f"<odd {self.secret}>"

    __repr__ = __str__


@pytest.mark.parametrize("secret", SECRETS, ids=["token", "key", "sandbox token", "password"])
def test_no_secret_shows_in_any_line_field_or_traceback(lines, secret, capsys):
    written = lines()
    log_everywhere(secret)

    shown = written() + "".join(capsys.readouterr())
    assert "in the message" in shown
    assert "Traceback" in shown
    assert HIDDEN in shown
    for form in {secret, repr(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
        assert form not in shown


def test_a_database_password_is_hidden_wherever_an_address_shows(lines):
    written = lines()
    structlog.get_logger().info("no luck", url="postgresql+asyncpg://me:hunter2@host/diary")

    assert "hunter2" not in written()
    assert "postgresql+asyncpg://me:" in written()
    assert "@host/diary" in written()


def test_the_values_of_a_failed_statement_are_hidden(lines):
    written = lines()
    try:
        raise RuntimeError("locked\n[SQL: INSERT x]\n[parameters: ('Anna]\\n', 5)]\n(Background)")
    except RuntimeError:
        structlog.get_logger().exception("failed")

    assert "Anna" not in written().split("RuntimeError:")[-1]
    assert "[SQL: INSERT x]" in written()


@pytest.mark.parametrize("name", ["httpx", "aiohttp.client", "telegram.ext", "aiosqlite"])
def test_libraries_that_log_addresses_or_words_show_warnings_only(lines, name):
    written = lines()
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble")

    assert "chatter" not in written()
    assert "trouble" in written()


def test_json_is_one_object_a_line_with_utc_time_level_and_logger():
    stream = io.StringIO()
    configure_logging("INFO", "json", (), stream)
    structlog.get_logger("bot.tick").info("tick", row=5, late=None, note="año\nnuevo")
    logging.getLogger("other").error("oops %s", "x")
    structlog.get_logger("bot.tick").debug("hidden")

    ours, theirs = map(json.loads, stream.getvalue().splitlines())
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "tick", "level": "info", "logger": "bot.tick", "row": 5, "late": None,
        "note": "año\nnuevo",
    }  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("oops x", "error", "other")
    assert theirs["timestamp"].endswith("Z")


def test_configuring_twice_writes_each_line_once():
    stream = io.StringIO()
    configure_logging("INFO", "console", (), stream)
    configure_logging("INFO", "console", (), stream)
    structlog.get_logger().info("once")

    assert stream.getvalue().count("once") == 1


def test_an_uncaught_error_is_logged_without_its_secrets():
    code = (
        "from bot.logs import configure_logging; configure_logging('INFO', 'json'); "
        f"raise RuntimeError('token {TOKEN}')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )

    assert done.returncode == 1
    assert TOKEN not in done.stderr
    assert json.loads(done.stderr)["event"] == "uncaught"


@given(st.text())
def test_text_without_a_secret_is_left_as_it_is(text):
    assert Redactor(["a-known-secret"])(text.replace("[", "").replace("@", "")) == text.replace(
        "[", ""
    ).replace("@", "")


@given(st.text(), st.text(), st.sampled_from([TOKEN, SANDBOX, KEY]))
def test_a_known_secret_is_found_between_any_neighbours(before, after, secret):
    assert secret not in Redactor([TOKEN, SANDBOX, KEY])(before + secret + after)


@given(st.integers(10**5, 10**12), st.text("abcXYZ019_-", min_size=30), st.text(max_size=5))
def test_what_looks_like_a_token_is_hidden_without_knowing_it(number, rest, around):
    token = f"{number}:{rest}"
    assert token not in Redactor()(f"{around}{token}/getMe")
    assert token not in Redactor()(f"bot{token}{around}")
