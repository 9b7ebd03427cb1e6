"""What happens on each event, a tap or a tick: the only rooms that decide what is said."""
