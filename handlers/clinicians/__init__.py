"""What clinicians see and do."""
