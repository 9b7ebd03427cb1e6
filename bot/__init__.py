"""The process: settings, wiring, command line, clock, the way in; decides nothing."""
