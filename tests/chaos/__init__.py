"""Crash tests: the real bot killed again and again, and what became of every answer."""
