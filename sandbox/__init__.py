"""A simulated Telegram to try, show and test a bot against; stands alone."""
