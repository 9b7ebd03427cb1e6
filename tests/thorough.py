"""What `make test` does with a few and `make thorough` with many."""

import os

import pytest

THOROUGH = bool(os.environ.get("THOROUGH"))

# Shown on SQLite in every run and on PostgreSQL too in a thorough one: their queries run on
# PostgreSQL in every run as well, in the tests of `storage` and in the walks.
MOSTLY_ON_SQLITE = (
    "tests/care/test_never_left_waiting.py",
    "tests/care/test_rota.py",
    "tests/exports/test_fhir.py",
    "tests/exports/test_memory.py",
    "tests/faults/test_outages.py",
    "tests/ground/test_copying.py",
    "tests/ground/test_keys.py",
    "tests/watch/test_self_audit.py",
)

# The same again at another moment.
thorough = pytest.mark.skipif(not THOROUGH, reason="`make thorough` does this as well")


def kept(item: pytest.Item) -> bool:
    """Whether a collected test is part of this run."""
    if THOROUGH:
        return True
    path = item.nodeid.partition("::")[0]
    return not (path in MOSTLY_ON_SQLITE and "postgresql" in item.name)
