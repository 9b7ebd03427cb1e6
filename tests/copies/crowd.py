"""Thousands of patients like Ben, written in bulk: what is tested is what follows."""

from typing import Any

from sqlmodel import SQLModel, col, insert, select

from care.work import Work
from sandbox.telegram import Telegram
from storage.tables import CheckIn, OutboxRow, Patient, TreatmentSession

FIRST_ID = 1_000_000
KINDS = ("check_in", "reminder", "close_check_in")


async def crowd(work: Work, telegram: Telegram, size: int) -> list[int]:
    """`size` patients with Ben's session and its first check-in; returns their chats."""
    chats = [telegram.add_person(f"Patient {n}", started=True).id for n in range(size)]
    async with work.writing() as tx:
        patient = (await tx.session.exec(select(Patient))).one()
        session = (await tx.session.exec(select(TreatmentSession))).one()
        query = select(CheckIn).order_by(col(CheckIn.due_at))
        check = (await tx.session.exec(query)).first()
        rows = (
            await tx.session.exec(
                select(OutboxRow).where(
                    OutboxRow.check_in_id == check.id, col(OutboxRow.kind).in_(KINDS)
                )
            )
        ).all()
        await _clone(tx.session, Patient, [
            patient.model_dump() | {
                "id": FIRST_ID + n, "ref": f"crowd-{n}", "code": f"Q-{n:05}", "chat_id": chat,
            }
            for n, chat in enumerate(chats)
        ])  # fmt: skip
        await _clone(tx.session, TreatmentSession, [
            session.model_dump() | {
                "id": FIRST_ID + n, "patient_id": FIRST_ID + n, "visit_key": f"crowd-{n}",
            }
            for n in range(size)
        ])  # fmt: skip
        theirs = {"patient_id": 0, "session_id": 0}
        await _clone(tx.session, CheckIn, [
            check.model_dump() | dict.fromkeys(theirs, FIRST_ID + n) | {"id": FIRST_ID + n}
            for n in range(size)
        ])  # fmt: skip
        await _clone(tx.session, OutboxRow, [
            row.model_dump() | dict.fromkeys((*theirs, "check_in_id"), FIRST_ID + n) | {
                "id": FIRST_ID + n * len(rows) + i, "key": f"{row.key}#{n}",
            }
            for n in range(size) for i, row in enumerate(rows)
        ])  # fmt: skip
    return chats


async def _clone(session: Any, table: type[SQLModel], rows: list[dict]) -> None:
    for start in range(0, len(rows), 1_000):
        await session.exec(insert(table), params=rows[start : start + 1_000])
