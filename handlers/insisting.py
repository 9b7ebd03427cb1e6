"""Writing down what has happened outside, however long the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from storage.trouble import away

SECONDS = 1.0

P = ParamSpec("P")
T = TypeVar("T")


def until_written(write: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Have `write` tried every second while the database is away: a message that Telegram has
    taken must not be sent again because nobody noted it. Each try is a transaction of its own.
    """

    @wraps(write)
    async def insist(*args: P.args, **kwargs: P.kwargs) -> T:
        while True:
            try:
                return await write(*args, **kwargs)
            except Exception as error:
                if away(error) is None:
                    raise
            await asyncio.sleep(SECONDS)

    return insist
