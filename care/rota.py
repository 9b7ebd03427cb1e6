"""Whose private chat something goes to: on duty first, then the rota in order, then everyone."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
import storage.rota
from care.local_days import local
from storage.tables import Person


@dataclass(frozen=True)
class Rota:
    """A clinic's staff in the order of the rota, with who is away today."""

    members: tuple[Person, ...]
    away: frozenset[int]

    @property
    def there(self) -> list[Person]:
        """Those who can be written to and are not away."""
        return [one for one in self.members if one.reachable and one.id not in self.away]

    @property
    def on_duty(self) -> list[Person]:
        """Those on duty who can be written to and are not away."""
        return [one for one in self.there if one.on_duty]


@dataclass(frozen=True)
class Told:
    """Whom a round of paging reaches.

    Attributes:
        people: in the order of the rota.
        to: "duty", "next" or "everyone".
        no_one_on_duty: nobody was on duty, so everyone is told.
        absent: all of them are away; there is nobody else.
    """

    people: tuple[Person, ...]
    to: str
    no_one_on_duty: bool = False
    absent: bool = False


async def rota_of(session: AsyncSession, clinic_id: int, now: datetime) -> Rota:
    """The rota as it stands at `now` (aware): ordered people, then clinicians, then admins."""
    clinic = await storage.people.clinic(session, clinic_id)
    today = local(now, clinic.zone if clinic else "UTC").date()
    staff = await storage.people.staff(session, clinic_id)
    placed = sorted(staff, key=_place)
    away = await storage.rota.absent_on(session, clinic_id, today)
    return Rota(tuple(member for member, _ in placed), away)


def _place(found: tuple[Person, frozenset[str]]) -> tuple[bool, int, bool, int]:
    member, roles = found
    unplaced = member.rota_order is None
    return unplaced, member.rota_order or 0, "clinician" not in roles, member.id or 0


def everyone(rota: Rota, *, no_one_on_duty: bool = False) -> Told:
    """All who are there; those who are away only when there is nobody else."""
    there = rota.there
    if there:
        return Told(tuple(there), "everyone", no_one_on_duty)
    reachable = tuple(one for one in rota.members if one.reachable)
    return Told(reachable, "everyone", no_one_on_duty, absent=bool(reachable))


def whom(rota: Rota, number: int) -> Told:
    """Whom round `number` of paging tells: 0 those on duty, 1 the next on the rota as well, then
    everyone. Nobody on duty, or nobody next: everyone at once.
    """
    duty = rota.on_duty
    if not duty:
        return everyone(rota, no_one_on_duty=True)
    if number == 0:
        return Told(tuple(duty), "duty")
    after = next((one for one in rota.there if not one.on_duty), None)
    if number == 1 and after is not None:
        return Told((*duty, after), "next")
    return everyone(rota)


async def to_tell(session: AsyncSession, clinic_id: int, now: datetime) -> list[Person]:
    """Who is on duty and can be written to; everyone who can when nobody is."""
    return list(whom(await rota_of(session, clinic_id, now), 0).people)
