"""Imported first, for its effect: what python-telegram-bot reads from the environment by itself.

It asks `os.getenv` for PTB_TIMEDELTA, which a `.env` file never reaches. Without it every flood
limit arrives as a deprecation warning in place of the error.
"""

import os

os.environ.setdefault("PTB_TIMEDELTA", "1")
