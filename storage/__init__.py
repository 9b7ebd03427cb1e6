"""Tables, queries and migrations: all SQL is here; decides nothing, never commits."""
