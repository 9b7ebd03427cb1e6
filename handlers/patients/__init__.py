"""What patients see and do."""
