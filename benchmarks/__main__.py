"""`make bench`: every comparison, a line each."""

import bot.environment  # isort: skip  # noqa: F401

import asyncio

from benchmarks import claims, notes, transport
from bot.logs import configure_logging


def main() -> None:
    """Run all and print what was measured."""
    configure_logging("WARNING")
    ours, theirs, ratio = asyncio.run(transport.compare())
    print(f"transport: {ours:.0f}/s on aiohttp, {theirs:.0f}/s on httpx, ratio {ratio:.2f}")
    ours, theirs, ratio = asyncio.run(claims.compare())
    print(f"outbox: {ours:.2f} ms a claim of 40, {theirs:.2f} ms a SELECT, ratio {ratio:.2f}")
    took = notes.compare()
    print(
        f"notes: {took.ours:.0f} us a typical note (95 of 100 under {took.slowest:.0f}), "
        f"{took.theirs:.1f} us a keyword scan, ratio {took.ours / took.theirs:.0f}"
    )


main()
