"""The clinic's settings as a file: what is written is read back, and nothing else is accepted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

import storage.config
import storage.people
from care import clinic as care_clinic
from care import config
from care.clinic import InvalidSettingError
from care.config import Change, ConfigError
from care.opening_hours import OpeningHours
from storage.tables import AuditEntry, Clinic, ScheduleStep
from tests.exports.practice import Practice
from tests.exports.test_export_command import with_patient
from tests.unit.test_commands import run, said

KEY = Fernet.generate_key().decode()
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
step_names = st.from_regex("[a-z0-9]{1,12}", fullmatch=True)
steps = st.lists(
    st.builds(
        ScheduleStep,
        clinic_id=st.just(1),
        step=step_names,
        hours=st.floats(0.5, 720),
        active=st.just(True),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step.step,
)


@given(clinics, steps)
def test_what_is_written_is_read_back_whole(clinic: Clinic, schedule: list[ScheduleStep]) -> None:
    text = config.write(clinic, schedule)
    read = config.read(text)
    assert config._changes(clinic, schedule, read) == []
    other = Clinic(name="Other", created_at=MORNING)
    for key, value in read.values.items():
        setattr(other, key, value)
    rows = [ScheduleStep(clinic_id=1, step=one.step, hours=one.hours, active=one.active)
            for one in read.schedule]  # fmt: skip
    assert config.write(other, rows) == text


@given(st.sampled_from(sorted(care_clinic.SETTINGS)), st.text(max_size=40))
def test_the_file_takes_exactly_what_the_chat_takes(setting: str, value: str) -> None:
    if setting in ("opening_hours", "digest_hour") or value == "":
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
        ("[[schedule]]\nstep = '24h'\nhours = 0", "schedule.1.hours", "value"),
        ("[[schedule]]\nstep = '24h'\nhours = 'one'", "schedule.1.hours", "type"),
        ("[[schedule]]\nstep = 'a day'\nhours = 24", "schedule.1.step", "value"),
        ("[[schedule]]\nstep = '24h'\nhours = 24\nlate = 1", "schedule.1.late", "unknown"),
        ("[[schedule]]\nstep = '24h'\nhours = 24\nactive = false", "schedule", "none"),
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
        "[[schedule]]\nstep = '24h'\nhours = 20\n"
        "[[schedule]]\nstep = '7d'\nhours = 168\n"
    )
    changes = await config.compare(work, clinic_id, wanted)
    assert changes == [
        Change("phone", "555 0100", "555 0199"),
        Change(
            "opening_hours",
            "; ".join(f"{day} 08:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")),
            "sat 09:00-12:00; closed 2026-12-25",
        ),
        Change("schedule 24h", "24 h", "20 h"),
        Change("schedule 48h", "48 h", "off"),
        Change("schedule 7d", "", "168 h"),
    ]
    before = await config.export(work, clinic_id)
    assert await config.apply(work, "command_line", clinic_id, wanted) == changes
    assert await config.compare(work, clinic_id, wanted) == []
    async with work.reading() as session:
        clinic = await storage.people.clinic(session, clinic_id)
        rows = await storage.config.all_steps(session, clinic_id)
        entries = (await session.exec(select(AuditEntry))).all()
    assert (clinic.name, clinic.phone) == ("Riverside Physio", "555 0199")
    hours = OpeningHours.from_json(clinic.opening_hours)
    assert not hours.is_open(datetime(2026, 3, 3, 9, tzinfo=UTC), "UTC")
    assert hours.is_open(datetime(2026, 3, 7, 9, tzinfo=UTC), "UTC")
    assert [(row.step, row.hours, row.active) for row in rows] == [
        ("24h", 20.0, True), ("48h", 48.0, False), ("7d", 168.0, True),
    ]  # fmt: skip
    changed = [entry for entry in entries if entry.action == "setting_changed"]
    assert [entry.subject for entry in changed] == [f"setting:{one.key}" for one in changes]
    # Back again: the file from before restores what it holds.
    await config.apply(work, "command_line", clinic_id, config.read(before))
    assert (await config.export(work, clinic_id)).split("[[schedule]]")[0] == before.split(
        "[[schedule]]"
    )[0]


async def test_the_next_session_follows_the_imported_schedule(practice: Practice) -> None:
    wanted = config.read("[[schedule]]\nstep = '3d'\nhours = 72\n")
    await config.apply(practice.work, "test", practice.clinic.id, wanted)
    anna = await practice.patient(1)
    session = await practice.session(anna)
    async with practice.work.reading() as reading:
        checks = await storage.treatment.check_ins_of_session(reading, session.id)
    assert [(check.step, (check.due_at - session.at).days) for check in checks] == [("3d", 3)]


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
