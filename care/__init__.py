"""What it means for a patient: clinical rules and use cases; opens transactions, knows no
Telegram.
"""
