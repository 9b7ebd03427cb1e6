"""`python -m bot`, the same as the command `symptom-diary`."""

import bot.environment  # noqa: F401  before anything imports telegram
from bot.cli import main

if __name__ == "__main__":
    main()
