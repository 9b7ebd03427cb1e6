"""`python -m sandbox`: the simulated Telegram on a port of this machine."""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import suppress

from sandbox.server import server_for
from sandbox.specification import Specification
from sandbox.telegram import DEFAULT_TOKEN, Telegram


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument(
        "--api-spec",
        default=os.environ.get("SANDBOX_API_SPEC", ""),
        help="machine-readable Bot API; calls it does not know become violations",
    )
    options = parser.parse_args()
    specification = Specification.load(options.api_spec) if options.api_spec else None
    telegram = Telegram(token=options.token, specification=specification)
    with socket.create_server((options.host, options.port)) as listener:
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        sys.stdout.write(f"The simulated Telegram is at {address} (token {options.token})\n")
        sys.stdout.flush()
        server = server_for(telegram, own_signals=True)
        with suppress(KeyboardInterrupt):
            asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
