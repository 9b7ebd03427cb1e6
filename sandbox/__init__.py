"""A simulated Telegram to try, show and test a bot against: the Bot API over HTTP, in memory."""
