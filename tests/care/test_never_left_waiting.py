"""Whatever happens to an alert, its patient learns that it was seen, or that nobody has."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

import storage.alerts
import storage.outbox
import storage.people
from care import alerts, forgotten, lifecycle, steps, team
from care.actors import Actor, RefusedError, identify
from care.alerts import Finding, raise_alert
from care.forgotten import NotYoursError
from care.outbox import KINDS
from care.reports import new_report
from care.triage import Level
from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import migrate
from storage.tables import Alert, OutboxRow, Patient
from tests.clocks import FixedClock

# A Friday evening before the clocks go back in Europe: closed hours and a long night are ahead.
FRIDAY = datetime(2026, 10, 23, 16, 30, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("raise"), st.sampled_from(["U1", "U10", "E1", "E4"])),
        st.tuples(st.sampled_from(["take", "still", "note", "close"]), st.integers(0, 1)),
        st.tuples(st.just("hand_over"), st.integers(0, 1)),
        st.tuples(st.just("stop"), st.just(0)),
        st.tuples(st.just("duty_off"), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.sampled_from([1, 16, 61, 125, 900, 3600])),
    ),
    min_size=1,
    max_size=12,
)


class Course:
    """One patient's alert, two members of staff, and the outbox driven by hand."""

    def __init__(self, work: Work, clock: FixedClock, staff: list[Actor], patient: Patient):
        self.work, self.clock, self.staff, self.patient = work, clock, staff, patient

    async def happen(self, what: str, value: str | int) -> None:
        if what == "raise":
            await self.rises(str(value))
        elif what == "wait":
            await self.waits(timedelta(minutes=int(value)))
        elif what == "stop":
            chat = Actor(telegram_id=1, patients=(self.patient,))
            await lifecycle.stop(self.work, chat)
        elif what == "duty_off":
            await team.set_duty(self.work, self.staff[int(value)], on=False)
        else:
            alert = await self.newest()
            if alert is not None:
                await self.acts(what, alert, self.staff[int(value)])

    async def rises(self, rule: str) -> None:
        level = Level.emergency if rule.startswith("E") else Level.urgent
        async with self.work.writing() as tx:
            clinic = await storage.people.clinic(tx.session, self.patient.clinic_id)
            check = await new_report(tx, self.patient, None)
            await raise_alert(tx, self.patient, clinic, check, Finding(level, (rule,)))

    async def acts(self, what: str, alert: Alert, who: Actor) -> None:
        number = alert.id or 0
        try:
            if what == "take":
                await alerts.acknowledge(self.work, who, number)
            elif what == "note":
                await alerts.record_action(self.work, who, number, "called")
            elif what == "close":
                await alerts.close(self.work, who, number, "unclear")
            elif what == "hand_over":
                await alerts.hand_over(self.work, who, number, who.staff()[0].id or 0)
            else:
                await forgotten.still_on_it(self.work, who, number, alert.generation)
        except (NotYoursError, RefusedError):
            pass

    async def waits(self, span: timedelta) -> None:
        """Let time pass: every timed step and message of this patient's alerts, when it is due."""
        until = self.clock.at + span
        while True:
            row = await self.next_row()
            if row is None or row.due_at > until:
                break
            self.clock.at = max(self.clock.at, row.due_at)
            async with self.work.writing() as tx:
                current = await storage.outbox.row(tx.session, row.id)
                current.state, current.ended_at = "sent", tx.now
                tx.session.add(current)
                await tx.session.flush()
                if not KINDS[row.kind].sends:
                    await steps.take(tx, current)
        self.clock.at = until

    async def next_row(self) -> OutboxRow | None:
        async with self.work.reading() as session:
            query = (
                select(OutboxRow)
                .where(
                    OutboxRow.state == "due",
                    OutboxRow.patient_id == self.patient.id,
                    col(OutboxRow.alert_id).is_not(None),
                )
                .order_by(col(OutboxRow.due_at), col(OutboxRow.priority), col(OutboxRow.id))
                .limit(1)
            )
            return (await session.exec(query)).first()

    async def newest(self) -> Alert | None:
        async with self.work.reading() as session:
            found = await storage.alerts.alerts_of_patient(session, self.patient.id)
        return found[0] if found else None

    async def told(self, alert: Alert, kind: str) -> bool:
        """Whether this row was written for the alert as it stands, and not called off."""
        key = f"{kind}:{alert.id}:{alert.generation}"
        async with self.work.reading() as session:
            row = await storage.outbox.by_key(session, key)
        return row is not None and row.state in ("due", "sent")

    async def promise(self) -> None:
        """What must hold of every alert of this patient at any moment."""
        async with self.work.reading() as session:
            every = await storage.alerts.alerts_of_patient(session, self.patient.id)
            coming = {(row.alert_id, row.kind) for row in await storage.outbox.due_rows(session)}
        for alert in every:
            seen, nobody = await self.told(alert, "seen"), await self.told(alert, "nobody_read")
            if alert.state == "acknowledged":
                assert seen
                assert (alert.id, "forgotten_reopen") in coming
                assert (alert.id, "escalate") not in coming
            elif alert.state == "open":
                assert (alert.id, "escalate") in coming
                assert (alert.id, "forgotten_reopen") not in coming
                assert nobody or self.clock.at <= alert.deadline_at
            else:
                assert seen
                assert not {(alert.id, kind) for kind in ("escalate", "forgotten_reopen")} & coming


async def course(url: str, events: list[tuple[str, str | int]]) -> None:
    database = Database(url)
    clock = FixedClock(FRIDAY)
    work = Work(database, clock, Cipher((KEY,)))
    try:
        clinic = await team.prepare(work, (7, 8))
        async with work.writing() as tx:
            # Few rounds: many say nothing new here, and each takes time.
            found = await storage.people.clinic(tx.session, clinic.id)
            found.emergency_repeat_minutes = found.urgent_repeat_minutes = 1440
            tx.session.add(found)
            for number in (7, 8):
                member = await storage.people.known_person(tx.session, clinic.id, number)
                member.reachable = member.on_duty = True
                tx.session.add(member)
            count = len(await storage.people.patients_of(tx.session, clinic.id))
            patient = Patient(
                clinic_id=clinic.id, ref=f"r{count}", code=f"P-{count}", created_at=tx.now
            )
            tx.session.add(patient)
        async with work.reading() as session:
            staff = [await identify(session, number) for number in (7, 8)]
        played = Course(work, clock, staff, patient)
        for what, value in events:
            await played.happen(what, value)
            await played.promise()
        await played.waits(timedelta(days=4))
        await played.promise()
    finally:
        await database.dispose()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EVENTS)
@example([("raise", "E1"), ("close", 0)])
@example([("raise", "U1"), ("wait", 16), ("raise", "E4"), ("take", 0), ("wait", 125)])
def test_no_patient_with_an_open_alert_is_left_without_seen_or_nobody(
    prepared_url: str, events: list[tuple[str, str | int]]
) -> None:
    asyncio.run(course(prepared_url, events))


@pytest.fixture
def prepared_url(database_url: str) -> str:
    """A migrated database's address, for many event loops in turn."""

    async def prepare() -> None:
        database = Database(database_url)
        await migrate(database)
        await database.dispose()

    asyncio.run(prepare())
    return database_url


def test_taking_an_alert_twice_in_one_instant_keeps_its_clock(prepared_url: str) -> None:
    events = [("raise", "E1"), ("take", 0), ("note", 0), ("still", 0), ("hand_over", 1),
              ("hand_over", 0), ("note", 0)]  # fmt: skip
    asyncio.run(course(prepared_url, events))
