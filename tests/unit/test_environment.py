"""The process starts with what python-telegram-bot reads from the environment by itself."""

import os
import subprocess
import sys


def test_a_flood_limit_is_an_error_and_no_warning_however_the_process_began():
    code = (
        "import bot.transport; from telegram.error import RetryAfter; "
        "print(RetryAfter(7).retry_after)"
    )
    bare = {key: value for key, value in os.environ.items() if key != "PTB_TIMEDELTA"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=bare, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("0:00:07\n", "")
