"""Who is behind a chat, and what they may do."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

import storage.people
from care.work import Work
from storage.tables import Patient, Person


class RefusedError(Exception):
    """What was asked for is not theirs, or does not exist, which must look the same."""


@dataclass(frozen=True)
class Actor:
    """A Telegram user as this bot knows them.

    Attributes:
        telegram_id: the user; for private chats also the chat.
        clinic_id: their clinic, or None for a stranger.
        person: their staff row, when they have a role in force.
        roles: "clinician", "admin", both or none.
        patients: the patients who share this private chat.
    """

    telegram_id: int
    clinic_id: int | None = None
    person: Person | None = None
    roles: frozenset[str] = frozenset()
    patients: tuple[Patient, ...] = ()

    @property
    def is_stranger(self) -> bool:
        """True for somebody without any role here."""
        return not self.roles and not self.patients

    @property
    def is_staff(self) -> bool:
        """True for clinicians and admins."""
        return bool(self.roles)

    @property
    def is_admin(self) -> bool:
        """True for admins."""
        return "admin" in self.roles

    @property
    def language(self) -> str:
        """The language they read."""
        if self.patients:
            return self.patients[0].language
        return self.person.language if self.person else "en"

    @property
    def name(self) -> str:
        """How the audit log names them: an id, never a name."""
        if self.person is not None:
            return f"person:{self.person.id}"
        if self.patients:
            return f"patient:{self.patients[0].ref}"
        return f"telegram:{self.telegram_id}"

    def staff(self) -> tuple[Person, int]:
        """Their staff row and clinic.

        Raises:
            RefusedError: they are no staff.
        """
        if self.person is None or self.clinic_id is None or self.person.id is None:
            raise RefusedError("not staff")
        return self.person, self.clinic_id


async def identify(session: AsyncSession, telegram_id: int) -> Actor:
    """Look a Telegram user up: staff by user id, patients by the private chat with the same id."""
    staff = await storage.people.person_by_telegram(session, telegram_id)
    patients = tuple(await storage.people.patients_in_chat(session, telegram_id))
    person, roles = staff if staff else (None, frozenset[str]())
    clinic_id = person.clinic_id if person else patients[0].clinic_id if patients else None
    return Actor(telegram_id, clinic_id, person, roles, patients)


async def refuse(work: Work, actor: Actor, what: str) -> None:
    """Leave an audit line that somebody tried what is not theirs.

    A stranger leaves it in the oldest clinic's chain; before there is a clinic there is nothing to
    protect.
    """
    async with work.writing() as tx:
        clinic_id = actor.clinic_id
        if clinic_id is None:
            clinic = await storage.people.first_clinic(tx.session)
            clinic_id = clinic.id if clinic else None
        if clinic_id is not None:
            tx.audit(clinic_id, actor.name, "refused", what)
