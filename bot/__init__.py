"""The process: settings, wiring, command line, clock and the way in from Telegram; decides nothing."""
