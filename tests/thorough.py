"""What `make test` does with a few and `make thorough` with many."""

import os

import pytest

THOROUGH = bool(os.environ.get("THOROUGH"))

# Shown on SQLite in every run and on PostgreSQL too in a thorough one: their queries run on
# PostgreSQL in every run as well, in the tests of `storage` and in the walks.
MOSTLY_ON_SQLITE = (
    "tests/care/test_never_left_waiting.py",
    "tests/care/test_rota.py",
    "tests/drill/test_drill.py",
    "tests/exports/test_fhir.py",
    "tests/exports/test_memory.py",
    "tests/exports/test_csv.py",
    "tests/faults/test_outages.py",
    "tests/faults/test_telegram_faults.py",
    "tests/ground/test_commands.py",
    "tests/ground/test_copying.py",
    "tests/ground/test_keys.py",
    "tests/imports/test_importing.py",
    "tests/protocol/test_protocol_command.py",
    "tests/walk/test_access.py",
    "tests/walk/test_audit_command.py",
    "tests/walk/test_away.py",
    "tests/walk/test_closed_check_in.py",
    "tests/walk/test_diary.py",
    "tests/walk/test_forgotten.py",
    "tests/walk/test_in_spanish.py",
    "tests/walk/test_merged_check_ins.py",
    "tests/walk/test_notes_and_reports.py",
    "tests/walk/test_patient_course.py",
    "tests/walk/test_retention.py",
    "tests/walk/test_schedule.py",
    "tests/walk/test_settings.py",
    "tests/walk/test_silence.py",
    "tests/walk/test_team.py",
    "tests/walk/test_who_is_told.py",
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
