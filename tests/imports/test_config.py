"""The clinic's settings as a file: what is written is read back, and nothing else is accepted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

import storage.people
from care import clinic as care_clinic
from care import config, schedules
from care.clinic import InvalidSettingError
from care.config import Change
from care.config_faults import ConfigError
from care.opening_hours import OpeningHours
from care.timing import Schedule
from storage.tables import AuditEntry, Clinic
from tests.exports.practice import Practice
from tests.exports.test_export_command import with_patient
from tests.unit.test_commands import run, said
from tests.unit.test_schedule_diff import clinic_schedules

KEY = Fernet.generate_key().decode()
HOURS = "schedule.check_ins_after_hours"
MORNING = datetime(2026, 3, 3, tzinfo=UTC)

numbers = st.from_regex(r"[+\d][\d ()/-]{1,28}\d", fullmatch=True).filter(str.isprintable)
names = st.text(min_size=2, max_size=80).filter(lambda name: name.strip() == name)
days = st.dictionaries(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    st.sampled_from([[], [["08:00", "18:00"]], [["07:30", "12:00"], ["13:00", "24:00"]]]),
)
closed = st.lists(st.dates().map(lambda day: day.isoformat()), unique=True, max_size=3)
weeks = st.builds(lambda week, dates: week | {"closed": dates}, days, closed)
clinics = st.builds(
    Clinic, name=names, phone=st.just("") | numbers, emergency_number=numbers,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    language=st.sampled_from(["en", "es"]), urgent_number=st.just("") | numbers,
    opening_hours=weeks, digest_hour=st.integers(0, 23), created_at=st.just(MORNING),
)  # fmt: skip


@given(clinics, clinic_schedules())
def test_what_is_written_is_read_back_whole(clinic: Clinic, schedule: Schedule) -> None:
    text = config.write(clinic, schedule)
    read = config.read(text)
    assert config._changes(clinic, schedule, read) == []
    other = Clinic(name="Other", created_at=MORNING)
    for key, value in read.values.items():
        setattr(other, key, value)
    assert config.write(other, read.schedule) == text


@given(st.sampled_from(sorted(care_clinic.SETTINGS)), st.text(max_size=40))
def test_the_file_takes_exactly_what_the_chat_takes(setting: str, value: str) -> None:
    if setting in ("opening_hours", "digest_hour", "retention_months") or value == "":
        return
    try:
        chat = care_clinic.SETTINGS[setting](value.strip())
    except InvalidSettingError:
        chat = None
    try:
        in_file = config._read_value(setting, value)
    except ConfigError:
        in_file = None
    assert chat == in_file


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("nam = 'Riverside'", "nam", "unknown"),
        ("id = 7", "id", "unknown"),
        ("consent_version = 7", "consent_version", "unknown"),
        ("name = 7", "name", "type"),
        ("name = 'R'", "name", "value"),
        ("phone = 'call us'", "phone", "value"),
        ("zone = 'Berlin'", "zone", "value"),
        ("digest_hour = 24", "digest_hour", "value"),
        ("digest_hour = true", "digest_hour", "type"),
        ("language = 'English'", "language", "value"),
        ("opening_hours = 'always'", "opening_hours", "type"),
        ("opening_hours.mo = []", "opening_hours.mo", "unknown"),
        ("opening_hours.mon = ['18:00-08:00']", "opening_hours", "value"),
        ("opening_hours.mon = ['08:00']", "opening_hours", "value"),
        ("opening_hours.mon = '08:00-12:00'", "opening_hours.mon", "type"),
        ("schedule.check_ins_after_hours = [0]", HOURS, "hours"),
        ("schedule.check_ins_after_hours = ['one']", HOURS, "type"),
        ("schedule.check_ins_after_hours = 24", HOURS, "type"),
        ("schedule.check_ins_after_hours = [24, 30]", HOURS, "apart"),
        ("schedule.check_ins_after_hours = []", HOURS, "steps"),
        ("schedule.late = 1", "schedule.late", "unknown"),
        ("schedule.window = '8-21'", "schedule.window", "value"),
        ("schedule.window = '21:00-08:00'", "schedule.window", "window"),
        ("schedule.closes_after_hours = 90", "schedule.closes_after_hours", "closing"),
        ("schedule.reminders_after_hours = [20]", "schedule.reminders_after_hours", "reminders"),
        ("schedule.same_clock_time = 'no'", "schedule.same_clock_time", "type"),
        ("schedule = 7", "schedule", "type"),
        ("name = ", "file", "toml"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_by_key_and_reason(
    text: str, key: str, reason: str
) -> None:
    with pytest.raises(ConfigError) as found:
        config.read(text)
    assert [(one.key, one.reason) for one in found.value.problems] == [(key, reason)]


async def test_a_file_changes_what_it_names_and_leaves_the_rest(practice: Practice) -> None:
    work, clinic_id = practice.work, practice.clinic.id
    wanted = config.read(
        "phone = '555 0199'\n"
        "[opening_hours]\nsat = ['09:00-12:00']\nclosed = ['2026-12-25']\n"
        "[schedule]\ncheck_ins_after_hours = [20, 168]\nwindow = '08:00-20:00'\n"
    )
    changes = await config.compare(work, clinic_id, wanted)
    assert changes == [
        Change("phone", "555 0100", "555 0199"),
        Change(
            "opening_hours",
            "; ".join(f"{day} 08:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")),
            "sat 09:00-12:00; closed 2026-12-25",
        ),
        Change(HOURS, "24, 48", "20, 168"),
        Change("schedule.window", "08:00-21:00", "08:00-20:00"),
    ]
    before = await config.export(work, clinic_id)
    assert await config.apply(work, "command_line", clinic_id, wanted) == changes
    assert await config.compare(work, clinic_id, wanted) == []
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        number, schedule = await schedules.current(session, clinic_id)
        entries = (await session.exec(select(AuditEntry))).all()
    assert (clinic.name, clinic.phone) == ("Riverside Physio", "555 0199")
    hours = OpeningHours.from_json(clinic.opening_hours)
    assert not hours.is_open(datetime(2026, 3, 3, 9, tzinfo=UTC), "UTC")
    assert hours.is_open(datetime(2026, 3, 7, 9, tzinfo=UTC), "UTC")
    assert [(step.id, step.hours) for step in schedule.steps] == [("20h", 20), ("168h", 168)]
    assert number == 2
    changed = [entry for entry in entries if entry.action == "setting_changed"]
    assert [entry.subject for entry in changed] == [f"setting:{one.key}" for one in changes]
    # Back again: the file from before restores what it holds.
    await config.apply(work, "command_line", clinic_id, config.read(before))
    assert await config.export(work, clinic_id) == before


async def test_the_next_session_follows_the_imported_schedule(practice: Practice) -> None:
    wanted = config.read("schedule.check_ins_after_hours = [72]")
    await config.apply(practice.work, "test", practice.clinic.id, wanted)
    anna = await practice.patient(1)
    session = await practice.session(anna)
    async with practice.work.reading() as reading:
        checks = await storage.treatment.check_ins_of_session(reading, session.id)
    assert [(check.step, (check.due_at - session.at).days) for check in checks] == [("72h", 3)]


def test_an_operator_exports_edits_and_imports_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.exports.test_export_command.KEY", KEY)
    with_patient(tmp_path)

    def call(*words: str):
        return run(tmp_path, "config", *words, ENCRYPTION_KEYS=KEY)

    shown = call("export")
    assert 'name = "Riverside Physio"' in shown.stdout, said(shown)
    assert call("export", "clinic.toml").returncode == 0
    assert (tmp_path / "clinic.toml").read_text() == shown.stdout
    assert "is there already" in said(call("export", "clinic.toml"))
    assert "Nothing to change" in call("import", "clinic.toml").stdout
    text = shown.stdout.replace("Riverside Physio", "[b]Hillside[/b]")
    (tmp_path / "clinic.toml").write_text(text)
    looked = call("import", "clinic.toml")
    assert looked.returncode == 1
    assert "[b]Hillside[/b]" in looked.stdout
    assert "Give --yes" in looked.stderr
    assert call("export").stdout == shown.stdout
    assert call("import", "clinic.toml", "--yes").returncode == 0
    assert call("export").stdout == text
    (tmp_path / "clinic.toml").write_text("phone = 'none'\ncolour = 'red'\n")
    refused = call("import", "clinic.toml", "--yes")
    assert refused.returncode == 2
    assert "phone: this cannot be used; for example: +44 20 7946 0000" in refused.stderr
    assert "colour: there is no such setting" in refused.stderr
    assert call("export").stdout == text
