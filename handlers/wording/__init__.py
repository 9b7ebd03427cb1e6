"""What people read: questions, advice, cards, times. Texts only; nothing here reads or decides."""
