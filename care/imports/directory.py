"""Who a line of the file speaks of: the clinic's patients and staff, opened in memory.

Names, phones and the clinic's own ids are stored sealed, and sealed values cannot be searched.
"""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass, field

import storage.imports
import storage.people
from care.imports.rows import CellError, Whose
from care.work import Work
from storage.cipher import Cipher
from storage.tables import Patient, Person


def plain_name(name: str) -> str:
    """A name for comparing: no case, single spaces."""
    return " ".join(name.casefold().split())


def plain_phone(phone: str) -> str:
    """A phone for comparing: its digits, without the zeros or the plus it begins with."""
    return re.sub(r"\D", "", phone).lstrip("0")


@dataclass(frozen=True)
class Known:
    """A patient as the directory finds them: their id and code, and what they were found by."""

    id: int
    code: str
    external_id: str
    name: str
    phone: str


@dataclass
class Directory:
    """The patients by every way of naming one, and the staff by name."""

    people: dict[int, Known] = field(default_factory=dict)
    by_code: dict[str, int] = field(default_factory=dict)
    by_external: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_phone: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    staff: dict[str, Person] = field(default_factory=dict)

    def add(self, known: Known) -> None:
        """Enter a patient, or enter them again as they are now."""
        self.people[known.id] = known
        self.by_code[known.code.upper()] = known.id
        if known.external_id:
            self.by_external[known.external_id] = known.id
        if plain_name(known.name):
            self.by_name[plain_name(known.name)].add(known.id)
        if plain_phone(known.phone):
            self.by_phone[plain_phone(known.phone)].add(known.id)

    def find(self, whose: Whose) -> Known | None:
        """The patient a line speaks of; None for somebody new.

        By code, else by the clinic's own id, else by what the line has of name and phone. A code
        must be known; a new id with the name and phone of somebody without an id is that person.

        Raises:
            CellError: the code is unknown, or more than one patient fits.
        """
        if whose.code:
            if whose.code.upper() not in self.by_code:
                raise CellError("unknown_code", whose.code)
            known = self.people[self.by_code[whose.code.upper()]]
            if whose.external_id and known.external_id not in ("", whose.external_id):
                raise CellError("other_patient", whose.external_id)
            return known
        if whose.external_id in self.by_external:
            return self.people[self.by_external[whose.external_id]]
        return self._by_person(whose)

    def _by_person(self, whose: Whose) -> Known | None:
        name, phone = plain_name(whose.name), plain_phone(whose.phone)
        named, called = self.by_name.get(name, set()), self.by_phone.get(phone, set())
        if whose.external_id:
            fitting = {one for one in named & called if not self.people[one].external_id}
        elif name and phone:
            # Somebody of that name whose phone nobody wrote down yet is the same person.
            fitting = (named & called) or {one for one in named if not self.people[one].phone}
        else:
            fitting = named or called
        if len(fitting) > 1:
            raise CellError("several_patients", whose.name or whose.phone)
        return self.people[next(iter(fitting))] if fitting else None


async def read_directory(work: Work, clinic_id: int) -> Directory:
    """Everyone the clinic knows, opened in a thread."""
    found = Directory()
    async with work.reading() as session:
        async for page in storage.imports.patients(session, clinic_id):
            for known in await asyncio.to_thread(_opened, page, work.cipher):
                found.add(known)
        for member, _roles in await storage.people.staff(session, clinic_id):
            found.staff[plain_name(work.cipher.open(member.name))] = member
            found.staff[f"{member.id}"] = member
    found.staff.pop("", None)
    return found


def _opened(page: list[Patient], cipher: Cipher) -> list[Known]:
    return [
        Known(
            patient.id or 0,
            patient.code,
            cipher.open(patient.external_id),
            cipher.open(patient.name),
            cipher.open(patient.phone),
        )
        for patient in page
    ]
