"""A simulated Telegram to try, show and test the product against: the Bot API over HTTP, in memory."""
