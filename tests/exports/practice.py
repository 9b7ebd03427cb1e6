"""A small practice whose patients answer, made with the use cases themselves."""

from datetime import timedelta

import storage.people
import storage.treatment
from care import alerts, checkins, joining, sessions, team
from care.actors import Actor, identify
from care.sessions import SessionFacts
from care.work import Work
from storage.tables import Alert, CheckIn, Clinic, TreatmentSession
from tests.clocks import FixedClock

ADMIN = 900_001
WELL = {"danger": "none", "pain": 3, "soreness": "mild", "bruising": "none", "new": ["none"]}


class Practice:
    """A clinic in Berlin with one admin, and what its patients do."""

    def __init__(self, work: Work, clock: FixedClock, clinic: Clinic, staff: Actor) -> None:
        self.work, self.clock, self.clinic, self.staff = work, clock, clinic, staff

    @classmethod
    async def found(cls, work: Work, clock: FixedClock) -> "Practice":
        first = team.FirstSettings(name="Riverside Physio", phone="555 0100", zone="Europe/Berlin")
        clinic = await team.prepare(work, (ADMIN,), first)
        async with work.reading() as session:
            staff = await identify(session, ADMIN)
        await team.set_duty(work, staff, on=True)
        await team.link_group(work, staff, -100)
        return cls(work, clock, clinic, staff)

    async def patient(self, chat: int, *, name: str = "", phone: str = "") -> Actor:
        """A patient who has joined from this chat."""
        link = await joining.new_patient(self.work, self.staff, name=name, phone=phone)
        stranger = Actor(chat)
        welcome = await joining.follow_link(self.work, stranger, link.token)
        await joining.agree(self.work, stranger, welcome.invite.id, name=name or "Somebody")
        async with self.work.reading() as session:
            return await identify(session, chat)

    async def session(self, patient: Actor, **facts: object) -> TreatmentSession:
        """A session given now."""
        given = {"at": self.clock.now(), "regions": ("limb",), "pain_before": 5, **facts}
        recorded = await sessions.record(
            self.work, self.staff, patient.patients[0].id, SessionFacts(**given)
        )
        return recorded.session

    async def opened(self, session: TreatmentSession, step: str = "24h") -> CheckIn:
        """The session's check-in as it is once its message was sent."""
        async with self.work.writing() as tx:
            rows = await storage.treatment.check_ins_of_session(tx.session, session.id)
            check = next(row for row in rows if row.step == step)
            check.state, check.opened_at = "open", tx.now
            tx.session.add(check)
            return check

    async def answers(self, patient: Actor, check: CheckIn, **answers: object) -> None:
        """The patient answers these questions in turn."""
        for question, value in answers.items():
            self.clock.forward(minutes=1)
            await checkins.answer(self.work, patient, check.id, question, value)

    async def check_in(self, chat: int, **answers: object) -> tuple[Actor, CheckIn]:
        """A new patient, a session, and the next day its check-in with these answers."""
        patient = await self.patient(chat)
        session = await self.session(patient)
        self.clock.forward(hours=24)
        check = await self.opened(session)
        await self.answers(patient, check, **answers)
        return patient, check

    async def alert(self, patient: Actor) -> Alert:
        async with self.work.reading() as session:
            found = await storage.alerts.alerts_of_patient(session, patient.patients[0].id)
        return found[0]

    async def deals_with(self, alert: Alert) -> None:
        """Somebody takes the alert and closes it."""
        self.clock.at += timedelta(minutes=5)
        await alerts.acknowledge(self.work, self.staff, alert.id)
        self.clock.at += timedelta(minutes=20)
        await alerts.close(self.work, self.staff, alert.id, "confirmed")
        await alerts.record_action(self.work, self.staff, alert.id, "=Called, told to come in")
