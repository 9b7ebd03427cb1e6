"""A line of the file as a session: every cell read, every fault named."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from care.imports.moments import DayOrder, MomentError, order_of, read_moment
from care.imports.sheet import Line, Sheet
from care.sessions import OLDEST, REGIONS, RISKS, SessionFacts

_AHEAD = timedelta(minutes=5)
_SPLIT = re.compile(r"[;,/|+&]|\band\b")
_NONE = frozenset({"", "-", "none", "no", "n/a", "na", "unknown", "?"})
# "none" is missing on purpose: it may mean no pain, and it may mean not asked.
_NO_SCORE = frozenset({"", "-", "n/a", "na", "unknown", "?"})
_YES = frozenset({"yes", "y", "true", "1", "x", "high"})
_NO = frozenset({"", "-", "no", "n", "false", "0", "low", "normal"})
# Words of the protocol for its codes; any other word is a fault, because a place or a risk that
# is misread would silence a rule.
_REGION_WORDS = {
    "lower neck": "thorax", "neck": "thorax", "shoulder": "thorax", "upper back": "thorax",
    "chest": "thorax", "chest wall": "thorax", "flank": "thorax",
    "beside the spine": "spine", "paraspinal": "spine", "lower back": "spine",
    "shoulder blade": "thorax", "lumbar": "spine",
    **dict.fromkeys(
        ("arm", "leg", "arm or leg", "elbow", "forearm", "wrist", "hand", "thigh", "knee",
         "calf", "ankle", "foot"),
        "limb",
    ),
    "head": "other", "face": "other", "abdomen": "other", "hip": "other",
}  # fmt: skip
_RISK_WORDS = {
    "bleeding": "bleed", "anticoagulant": "bleed", "bleeding disorder": "bleed",
    "diabetes": "infection", "immunosuppressed": "infection", "steroids": "infection",
    "chemotherapy": "infection", "dialysis": "infection",
    "copd": "lung", "past pneumothorax": "lung", "lung surgery": "lung",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be used, or what about it deserves a look.

    `code` is worded in `handlers.wording.imports`; `value` is what the line says.
    """

    line: int
    code: str
    value: str = ""


class CellError(ValueError):
    """One cell cannot be used."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


@dataclass(frozen=True)
class Whose:
    """What a line says about the patient; empty where it says nothing."""

    code: str = ""
    external_id: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class VisitRow:
    """A line that makes sense: the visit, the patient, the facts and the clinician's name."""

    line: int
    visit_id: str
    whose: Whose
    facts: SessionFacts
    clinician: str

    @property
    def visit_key(self) -> str:
        """The session's key in the diary, so that no visit is recorded twice."""
        return f"visit:{self.visit_id}"


def read_rows(
    sheet: Sheet, zone: str, now: datetime, order: DayOrder | None = None
) -> tuple[list[VisitRow], list[Fault]]:
    """The sessions in a file, and a fault for each line that is none.

    Args:
        sheet: the file.
        zone: the clinic's, for times without an offset.
        now: the present moment (aware UTC).
        order: day or month first; what the file itself tells unless given.
    """
    order = order or order_of(_when(line) for line in sheet.lines)
    rows: list[VisitRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line in sheet.lines:
        try:
            row = _row(line, zone, now, order)
        except CellError as error:
            faults.append(Fault(line.number, error.code, error.value))
            continue
        first = seen.setdefault(row.visit_id, line.number)
        if first == line.number:
            rows.append(row)
        else:
            faults.append(Fault(line.number, "same_visit", str(first)))
    return rows, faults


def _when(line: Line) -> str:
    cells = line.cells
    return cells.get("at") or f"{cells.get('date', '')} {cells.get('time', '')}".strip()


def _row(line: Line, zone: str, now: datetime, order: DayOrder | None) -> VisitRow:
    cells = line.cells
    if not line.whole:
        raise CellError("too_many_cells")
    visit_id = cells.get("visit_id", "")
    if not visit_id:
        raise CellError("no_visit_id")
    if len(visit_id) > 100:
        raise CellError("long_visit_id")
    whose = Whose(
        cells.get("patient_code", ""),
        cells.get("patient_id", ""),
        cells.get("name", ""),
        cells.get("phone", ""),
    )
    if whose == Whose():
        raise CellError("no_patient")
    facts = SessionFacts(
        at=_moment(line, zone, now, order),
        regions=_codes(cells.get("regions", ""), REGIONS, _REGION_WORDS, "region"),
        risks=_codes(cells.get("risks", ""), RISKS, _RISK_WORDS, "risk"),
        pain_before=_pain(cells.get("pain_before", "")),
        high_risk=_yes_or_no(cells.get("high_risk", "")),
    )
    return VisitRow(line.number, visit_id, whose, facts, cells.get("clinician", ""))


def _moment(line: Line, zone: str, now: datetime, order: DayOrder | None) -> datetime:
    text = _when(line)
    if not text:
        raise CellError("no_at")
    try:
        moment = read_moment(text, zone, order)
    except MomentError as error:
        raise CellError(f"at_{error.code}", text) from None
    if moment > now + _AHEAD:
        raise CellError("future", text)
    if moment < now - OLDEST:
        raise CellError("too_old", text)
    return moment


def _codes(text: str, codes: tuple[str, ...], words: dict[str, str], what: str) -> tuple[str, ...]:
    found = set()
    for part in _SPLIT.split(_phrase(text, words).lower()):
        word = " ".join(part.split())
        if word in _NONE:
            continue
        code = word if word in codes else words.get(word)
        if code is None:
            raise CellError(f"unknown_{what}", part.strip())
        found.add(code)
    return tuple(code for code in codes if code in found)


def _phrase(text: str, words: dict[str, str]) -> str:
    """A cell that is one known phrase, whatever stands in it; else the cell."""
    whole = " ".join(text.lower().split())
    return words.get(whole, text)


def _pain(text: str) -> int | None:
    plain = text.lower().removesuffix("/10").strip()
    if plain in _NO_SCORE:
        return None
    found = re.fullmatch(r"(\d{1,2})(?:[.,]0+)?", plain)
    if found is None or int(found[1]) > 10:
        raise CellError("pain", text)
    return int(found[1])


def _yes_or_no(text: str) -> bool:
    plain = text.lower()
    if plain not in _YES | _NO:
        raise CellError("high_risk", text)
    return plain in _YES
