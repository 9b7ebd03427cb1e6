"""The protocol as a governed thing: replay, versions, rehearsal, signature."""
