"""What clinics' systems write, read without guessing."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.imports.moments import DayOrder, MomentError, order_of, read_moment
from care.imports.rows import Fault, read_rows
from care.imports.sheet import SheetError, read_sheet
from care.sessions import SessionFacts

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HEAD = "visit id,patient id,session time,regions,risks,pain before,high risk,clinician\n"
LINE = "V1,4711,2026-03-09 14:30,shoulder; leg,diabetes,6,no,Dana\n"


def rows_of(text: str, **options: object):
    return read_rows(read_sheet(text.encode()), "Europe/Berlin", NOW, **options)


def fault_of(text: str) -> Fault:
    rows, (fault,) = rows_of(text)
    assert rows == []
    return fault


def test_a_line_is_read_in_the_clinics_own_words_and_zone() -> None:
    (row,), faults = rows_of(HEAD + LINE)
    assert faults == []
    assert (row.visit_id, row.whose.external_id, row.clinician) == ("V1", "4711", "Dana")
    assert row.facts == SessionFacts(
        datetime(2026, 3, 9, 13, 30, tzinfo=UTC), ("thorax", "limb"), ("infection",), 6, False
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_any_common_encoding_separator_and_line_end_reads_the_same(
    encoding: str, delimiter: str, ending: str
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ending)
    writer.writerow(["Visit-ID", "Patient Name", "Session Time", "Note; or, so|on"])
    writer.writerow(["V1", "Jörg Müller", "2026-03-09 14:30", 'said "hm", \nthen | left; \t'])
    writer.writerow(["V2", "Zoë", "2026-03-09 15:30", ""])
    sheet = read_sheet(written.getvalue().encode(encoding))
    assert [line.cells["name"] for line in sheet.lines] == ["Jörg Müller", "Zoë"]
    assert [line.number for line in sheet.lines] == [2, 4]
    assert sheet.ignored == ("Note; or, so|on",)


def test_columns_can_be_named_by_hand_before_any_synonym() -> None:
    text = b"Patient,Besuch,Wann\n4711,V1,2026-03-09 14:30\n"
    mapping = {"Besuch": "visit_id", "wann": "at"}
    (line,) = read_sheet(text, mapping).lines
    assert line.cells == {"patient_id": "4711", "visit_id": "V1", "at": "2026-03-09 14:30"}
    with pytest.raises(SheetError, match="no_column datum"):
        read_sheet(text, {"Datum": "at"})
    with pytest.raises(SheetError, match="unknown_field colour"):
        read_sheet(text, {"Wann": "colour"})
    with pytest.raises(SheetError, match="twice visit_id"):
        read_sheet(b"visit,appointment,start\n1,2,3\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"visit id,start\n", "empty"),
        (b"name,start\n1,2\n", "no_visit_id"),
        (b"visit id,name\n1,2\n", "no_time"),
        (b"PK\x03\x04" + bytes(50), "workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "workbook"),
        (b"visit\x00id,name\n1,2\n", "not_text"),
        (bytes(range(256)) * 4, "not_text"),
        (b'visit,name\n1,"never closed\n', "unreadable"),
        (b"v" * (20 * 2**20 + 1), "too_large"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(SheetError) as found:
        read_sheet(data)
    assert found.value.code == code


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for each in (data, b"visit,patient,start\n" + data):
        with suppress(SheetError):
            read_rows(read_sheet(each), "Europe/Berlin", NOW)


@pytest.mark.parametrize(
    ("cells", "code", "value"),
    [
        (",4711,2026-03-09 14:30,,,,,", "no_visit_id", ""),
        ("V1,,2026-03-09 14:30,,,,,", "no_patient", ""),
        ("V1,4711,,,,,,", "no_at", ""),
        ("V1,4711,yesterday,,,,,", "at_no_moment", "yesterday"),
        ("V1,4711,2026-03-09,,,,,", "at_no_time", "2026-03-09"),
        ("V1,4711,2026-02-30 10:00,,,,,", "at_no_moment", "2026-02-30 10:00"),
        ("V1,4711,03/04/2026 10:00,,,,,", "at_day_or_month", "03/04/2026 10:00"),
        ("V1,4711,2026-03-11 10:00,,,,,", "future", "2026-03-11 10:00"),
        ("V1,4711,2026-01-11 10:00,,,,,", "too_old", "2026-01-11 10:00"),
        ("V1,4711,2026-03-09 14:30,elbow-ish,,,,", "unknown_region", "elbow-ish"),
        ("V1,4711,2026-03-09 14:30,,brave,,,", "unknown_risk", "brave"),
        ("V1,4711,2026-03-09 14:30,,,11,,", "pain", "11"),
        ("V1,4711,2026-03-09 14:30,,,none,,", "pain", "none"),
        ("V1,4711,2026-03-09 14:30,,,,perhaps,", "high_risk", "perhaps"),
        ("V1,4711,2026-03-09 14:30,,,,,,,extra", "too_many_cells", ""),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_reason(
    cells: str, code: str, value: str
) -> None:
    assert fault_of(HEAD + cells + "\n") == Fault(2, code, value)


def test_good_lines_are_kept_beside_bad_ones_and_a_visit_counts_once() -> None:
    text = HEAD + LINE + "V2,,,,,,,\n" + LINE + LINE.replace("V1", "V3")
    rows, faults = rows_of(text)
    assert [row.visit_id for row in rows] == ["V1", "V3"]
    assert faults == [Fault(3, "no_patient"), Fault(4, "same_visit", "2")]


def test_day_and_time_may_stand_in_columns_of_their_own() -> None:
    (row,), _ = rows_of("visit,mrn,date,time\nV1,4711,09.03.2026,8:05\n")
    assert row.facts.at == datetime(2026, 3, 9, 7, 5, tzinfo=UTC)


def test_one_date_that_can_only_be_read_one_way_settles_the_file() -> None:
    text = "visit,mrn,start\nV1,1,03/02/2026 10:00\nV2,2,02/25/2026 10:00\n"
    rows, faults = rows_of(text)
    assert faults == []
    assert [f"{row.facts.at:%d %b}" for row in rows] == ["02 Mar", "25 Feb"]


def test_a_file_that_contradicts_itself_settles_nothing() -> None:
    assert order_of(["25/02/2026 10:00", "02/25/2026 10:00"]) is None
    with pytest.raises(MomentError, match="day_or_month"):
        read_moment("03/04/2026 10:00", "UTC", None)
    assert read_moment("03/03/2026 2:30 pm", "UTC", None).hour == 14


def test_hours_that_a_clock_shows_twice_or_never_need_an_offset() -> None:
    berlin = "Europe/Berlin"
    with pytest.raises(MomentError, match="never"):
        read_moment("2026-03-29 02:30", berlin, None)
    with pytest.raises(MomentError, match="twice"):
        read_moment("2026-10-25 02:30", berlin, None)
    first = read_moment("2026-10-25T02:30+02:00", berlin, None)
    second = read_moment("2026-10-25T02:30:00+01:00", berlin, None)
    assert second - first == timedelta(hours=1)
    assert read_moment("2026-10-25T01:30Z", berlin, None) == second


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    st.sampled_from(DayOrder),
)
def test_every_time_that_a_clock_shows_once_is_read_back(
    wall: datetime, zone: str, order: DayOrder
) -> None:
    wall = wall.replace(second=0, microsecond=0)
    shapes = {"dmy": "%d/%m/%Y %H:%M", "mdy": "%m/%d/%Y %I:%M %p"}
    for text in (wall.isoformat(), f"{wall:%d.%m.%Y %H:%M}", f"{wall:{shapes[order]}}"):
        try:
            read = read_moment(text, zone, order)
        except MomentError as error:
            assert error.code in ("twice", "never")  # noqa: PT017
        else:
            assert read.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
