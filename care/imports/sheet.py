"""A file with columns, as other systems write it: bytes to lines with named cells."""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LARGEST_BYTES = 20 * 2**20
_LONGEST_CELL = 10_000
_DELIMITERS = (",", ";", "\t", "|")
# How files begin that are no text: a zip (Excel's .xlsx), an old Excel workbook, a PDF.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

# What a column may be called, written in lower case with single spaces.
SYNONYMS: dict[str, frozenset[str]] = {
    "visit_id": frozenset(
        {"visit", "visit no", "visit number", "appointment", "appointment id", "encounter",
         "encounter id", "session id", "booking id"}
    ),
    "patient_code": frozenset({"code", "diary code", "patient code"}),
    "patient_id": frozenset(
        {"patient", "patient no", "patient number", "external id", "external patient id", "mrn",
         "medical record number", "client id", "chart no", "chart number"}
    ),
    "name": frozenset({"patient name", "full name", "client", "client name"}),
    "phone": frozenset({"mobile", "telephone", "phone number", "patient phone", "cell"}),
    "at": frozenset(
        {"session time", "session at", "datetime", "date time", "date and time", "start",
         "start time", "appointment time", "timestamp"}
    ),
    "date": frozenset({"session date", "day", "appointment date", "visit date"}),
    "time": frozenset({"hour", "clock"}),
    "regions": frozenset({"region", "area", "areas", "body region", "treated area", "site"}),
    "risks": frozenset({"risk", "risk factors", "flags"}),
    "pain_before": frozenset({"pain", "pain score", "nrs", "vas", "pre pain", "baseline pain"}),
    "high_risk": frozenset({"high risk session", "highrisk"}),
    "clinician": frozenset({"therapist", "practitioner", "provider", "staff", "physio"}),
}  # fmt: skip


class SheetError(Exception):
    """Nothing of the file can be read. `code` says why, `detail` what it is about.

    Codes: empty, too_large, workbook, not_text, no_column, twice, unknown_field, unreadable,
    no_visit_id, no_time.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Line:
    """One line: where it stands in the file (from 1), and its cells by field."""

    number: int
    cells: Mapping[str, str]
    # False when it has more cells than the heading.
    whole: bool = True


@dataclass(frozen=True)
class Sheet:
    """A file that was read: its lines, and the columns that nothing is read from."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


def read_sheet(data: bytes, mapping: Mapping[str, str] | None = None) -> Sheet:
    """The lines of a CSV file in any common encoding and with any common separator.

    Args:
        data: the whole file.
        mapping: names of columns to fields, before any synonym.

    Raises:
        SheetError: nothing of it can be read.
    """
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(_rows(reader))
    except csv.Error:
        raise SheetError("unreadable", str(reader.line_num)) from None
    if not rows:
        raise SheetError("empty")
    heading = [cell.strip() for cell in rows[0][1]]
    fields = _fields(heading, mapping or {})
    lines = tuple(_line(number, row, fields) for number, row in rows[1:])
    if not lines:
        raise SheetError("empty")
    ignored = tuple(name for name, field in zip(heading, fields, strict=True) if not field)
    return Sheet(lines, ignored)


def _decoded(data: bytes) -> str:
    if not data.strip():
        raise SheetError("empty")
    if len(data) > LARGEST_BYTES:
        raise SheetError("too_large")
    if data.startswith(_WORKBOOKS):
        raise SheetError("workbook")
    try:
        text = _text(data)
    except UnicodeDecodeError:
        raise SheetError("not_text") from None
    if any(sign < " " and sign not in "\t\r\n\f\v" for sign in text):
        raise SheetError("not_text")
    return text


def _text(data: bytes) -> str:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16")
    if data.startswith(BOM_UTF8):
        return data.decode("utf-8-sig")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # What Windows programs of western countries write; five bytes of it mean nothing.
        return data.decode("cp1252")


def _delimiter(text: str) -> str:
    """The separator that stands most often in the heading, outside quotes."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", heading)
    return max(_DELIMITERS, key=bare.count)


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the line it begins on."""
    begins = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = getattr(reader, "line_num", begins) + 1


def _fields(heading: list[str], mapping: Mapping[str, str]) -> list[str]:
    """The field that each column fills; an empty string for a column of no use."""
    wanted = {_plain(column): field for column, field in mapping.items()}
    unknown = [field for field in wanted.values() if field not in SYNONYMS]
    if unknown:
        raise SheetError("unknown_field", unknown[0])
    absent = set(wanted) - {_plain(name) for name in heading}
    if absent:
        raise SheetError("no_column", sorted(absent)[0])
    taken = set(wanted.values())
    fields = [wanted.get(_plain(name)) or _field(name, taken) for name in heading]
    for field in filter(None, fields):
        if fields.count(field) > 1:
            raise SheetError("twice", field)
    if "visit_id" not in fields:
        raise SheetError("no_visit_id")
    if not {"at", "date"} & set(fields):
        raise SheetError("no_time")
    return fields


def _field(name: str, taken: set[str]) -> str:
    plain = _plain(name)
    for field, others in SYNONYMS.items():
        if field not in taken and (plain == field.replace("_", " ") or plain in others):
            return field
    return ""


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())


def _line(number: int, row: list[str], fields: list[str]) -> Line:
    cells = {
        field: cell.strip()[:_LONGEST_CELL]
        for field, cell in zip(fields, row, strict=False)
        if field
    }
    spare = row[len(fields) :]
    return Line(number, cells, not any(cell.strip() for cell in spare))
