"""Sessions from the clinic's own system, read from a file with columns."""
