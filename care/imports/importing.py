"""Recording the sessions of a file: looked at first, then each in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import storage.imports
import storage.people
import storage.treatment
from care import joining, sessions
from care.actors import Actor, RefusedError
from care.imports.directory import Directory, Known, plain_name, read_directory
from care.imports.rows import CellError, Fault, VisitRow
from care.joining import Link
from care.sessions import InvalidSessionError
from care.work import Tx, Work
from storage.tables import TreatmentSession

# Told after each line: lines so far, lines in all.
Progress = Callable[[int, int], None]


def no_progress(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Importer(Actor):
    """Whoever imports: recorded sessions are the named clinician's, audit lines are `by`."""

    by: str = ""

    @property
    def name(self) -> str:
        """How the audit log names them."""
        return self.by


@dataclass(frozen=True)
class NewLink:
    """The link of a patient who came in with this line, to be handed to them."""

    row: VisitRow
    code: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Difference:
    """A visit that is recorded otherwise than the file says; the record was left as it is."""

    line: int
    visit_id: str
    fields: tuple[str, ...]


@dataclass
class Outcome:
    """What an import did, or would do.

    Attributes:
        recorded: sessions recorded now.
        there: visits that were recorded before and are the same.
        late: of the recorded ones, those whose check-ins are all over.
        patients: new patients.
        links: a link for each new patient.
        differences: visits recorded otherwise.
        faults: lines that were left out.
        remarks: lines that were used, with something to look at.
    """

    recorded: int = 0
    there: int = 0
    late: int = 0
    patients: int = 0
    links: list[NewLink] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)


async def rehearse(work: Work, clinic_id: int, rows: list[VisitRow]) -> Outcome:
    """What `record_all` would do; nothing is written."""
    directory, outcome = await read_directory(work, clinic_id), Outcome()
    async with work.reading() as session:
        known = await storage.imports.sessions_by_visits(
            session, clinic_id, [row.visit_key for row in rows]
        )
    for row in rows:
        try:
            patient = directory.find(row.whose)
        except CellError as error:
            outcome.faults.append(Fault(row.line, error.code, error.value))
            continue
        before = known.get(row.visit_key)
        if before is not None:
            _compare(outcome, before, row, patient)
            continue
        if patient is None:
            outcome.patients += 1
            directory.add(_stranger(row, -outcome.patients))
        outcome.recorded += 1
        _remark(outcome, row, directory)
    return outcome


async def record_all(
    work: Work,
    importer: Importer,
    rows: list[VisitRow],
    *,
    on_link: Callable[[NewLink], None] = lambda _link: None,
    progress: Progress = no_progress,
) -> Outcome:
    """Record every session that is not there yet, and say what became of each line.

    Args:
        work: the means to work with.
        importer: who imports; their staff row records what names no clinician of ours.
        rows: from `care.imports.rows.read_rows`.
        on_link: told each new patient's link once it is stored; it is kept nowhere else.
        progress: told after each line.
    """
    _person, clinic_id = importer.staff()
    directory, outcome = await read_directory(work, clinic_id), Outcome()
    for done, row in enumerate(rows, start=1):
        try:
            link = await _record(work, importer, row, directory, outcome)
        except CellError as error:
            outcome.faults.append(Fault(row.line, error.code, error.value))
        except InvalidSessionError as error:
            outcome.faults.append(Fault(row.line, "impossible", str(error)))
        else:
            if link is not None:
                outcome.links.append(link)
                on_link(link)
        progress(done, len(rows))
    return outcome


async def _record(
    work: Work, importer: Importer, row: VisitRow, directory: Directory, outcome: Outcome
) -> NewLink | None:
    known = directory.find(row.whose)
    try:
        async with work.writing() as tx:
            written = await _write(tx, importer, row, known, directory)
    except storage.imports.CONFLICT:
        # Another import was faster: its session is the one that counts, and is there now.
        async with work.writing() as tx:
            written = await _write(tx, importer, row, known, directory)
    if written.before is not None:
        _compare(outcome, written.before, row, known)
        return None
    outcome.recorded += 1
    outcome.late += written.late
    _remark(outcome, row, directory)
    directory.add(written.patient)
    if written.link is None:
        return None
    outcome.patients += 1
    return NewLink(row, written.patient.code, written.link.token, written.link.expires_at)


@dataclass(frozen=True)
class _Written:
    """What one transaction did; `before` is the session that was there already."""

    patient: Known
    before: TreatmentSession | None = None
    link: Link | None = None
    late: bool = False


async def _write(
    tx: Tx, importer: Importer, row: VisitRow, known: Known | None, directory: Directory
) -> _Written:
    _person, clinic_id = importer.staff()
    before = await storage.treatment.session_by_visit(tx.session, clinic_id, row.visit_key)
    if before is not None:
        return _Written(known or _stranger(row, 0), before)
    link = None
    if known is None:
        patient, link = await joining.add_patient(
            tx,
            importer,
            name=row.whose.name,
            phone=row.whose.phone,
            external_id=row.whose.external_id,
        )
        known = replace(_stranger(row, patient.id or 0), code=patient.code)
    else:
        known = await _completed(tx, clinic_id, known, row)
    clinician = directory.staff.get(plain_name(row.clinician))
    recorded = await sessions.record_in(tx, importer, known.id, row.facts, visit_key=row.visit_key)
    recorded.session.clinician_id = clinician.id if clinician else None
    tx.session.add(recorded.session)
    return _Written(known, None, link, await _settle(tx, recorded.session))


async def _completed(tx: Tx, clinic_id: int, known: Known, row: VisitRow) -> Known:
    """The clinic's own id is kept with a patient who had none, so that the next line finds it."""
    if known.external_id or not row.whose.external_id:
        return known
    patient = await storage.people.patient(tx.session, clinic_id, known.id)
    if patient is None:
        raise RefusedError("no such patient")
    patient.external_id = tx.cipher.seal(row.whose.external_id)
    tx.session.add(patient)
    return replace(known, external_id=row.whose.external_id)


async def _settle(tx: Tx, session: TreatmentSession) -> bool:
    """True when every check-in is over: missed then, not today, so that no digest lists them."""
    checks = await storage.treatment.check_ins_of_session(tx.session, session.id or 0)
    for check in checks:
        if check.state == "missed":
            check.ended_at = check.closes_at
            tx.session.add(check)
    return all(check.state == "missed" for check in checks)


def _stranger(row: VisitRow, patient_id: int) -> Known:
    whose = row.whose
    return Known(patient_id, whose.code, whose.external_id, whose.name, whose.phone)


def _remark(outcome: Outcome, row: VisitRow, directory: Directory) -> None:
    if row.clinician and plain_name(row.clinician) not in directory.staff:
        outcome.remarks.append(Fault(row.line, "unknown_clinician", row.clinician))
    if not row.facts.regions:
        outcome.remarks.append(Fault(row.line, "no_regions"))


def _compare(
    outcome: Outcome, before: TreatmentSession, row: VisitRow, known: Known | None
) -> None:
    facts = row.facts
    pairs = {
        "cancelled": (before.cancelled_at is not None, False),
        "patient": (before.patient_id, known.id if known else None),
        "at": (before.at, facts.at),
        "regions": (set(before.regions), set(facts.regions)),
        "risks": (set(before.risks), set(facts.risks)),
        "pain_before": (before.pain_before, facts.pain_before),
        "high_risk": (before.high_risk, facts.high_risk),
    }
    fields = tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)
    if fields:
        outcome.differences.append(Difference(row.line, row.visit_id, fields))
    else:
        outcome.there += 1
