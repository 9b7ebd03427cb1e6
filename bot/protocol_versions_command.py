"""`symptom-diary protocol sign|rehearse`: the signature, and other numbers tried on the past."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from rich.progress import Progress
from rich.table import Table
from sqlalchemy import make_url

import storage.people
from bot.clock import make_clock
from bot.commands import complain, errors, out, with_database
from bot.opening import in_force_in
from bot.settings import Settings, SettingsError, load_settings
from care.actors import RefusedError
from care.protocols import AlreadySignedError, in_force, sign_in
from care.rehearsal import Rehearsal, rehearse
from care.triage import Protocol, load_protocol
from care.triage.model import Thresholds
from care.triage.thresholds import (
    InvalidThresholdError,
    changed,
    differences,
    weakened,
)
from care.work import Work
from storage.cipher import Cipher
from storage.engine import Database
from storage.schema import newest_revision, revision
from storage.tables import Clinic

Job = Callable[[Work, Clinic, Protocol], Awaitable[int]]


def in_force_here() -> Protocol:
    """The version in force in the database that the settings name; the shipped one without it."""
    try:
        settings = load_settings()
    except SettingsError:
        return load_protocol()
    file = make_url(settings.database_url).database
    if settings.database_url.startswith("sqlite") and not Path(file or "").exists():
        return load_protocol()
    return asyncio.run(in_force_in(Database(settings.database_url)))


def sign(settings: Settings, name: str, role: str) -> int:
    """Sign the version in force; 1 when it is signed already or cannot be."""
    if not name.strip() or not role.strip():
        complain("A signature needs a name and a role: --name 'Dr Lee' --role physiotherapist")
        return 2

    async def job(work: Work, clinic: Clinic, protocol: Protocol) -> int:
        signer = f"{name.strip()}, {role.strip()}"
        async with work.writing() as tx:
            try:
                await sign_in(
                    tx, clinic.id or 0, protocol.version, signer=signer, by="command line"
                )
            except AlreadySignedError as error:
                when = f" on {error.at:%Y-%m-%d}" if error.at else ""
                complain(f"Version {protocol.version} is signed already, by {error.by}{when}.")
                return 1
            except RefusedError:
                complain(f"This clinic has no version {protocol.version}.")
                return 1
        out.print(f"Version {protocol.version} is signed by {signer}.", highlight=False)
        return 0

    return _with_clinic(settings, job)


def rehearse_changes(settings: Settings, wanted: list[str], days: int) -> int:
    """Print what changed numbers would have done; 1 when they would weaken an emergency rule, 2
    when they cannot be read.
    """

    async def job(work: Work, clinic: Clinic, protocol: Protocol) -> int:
        try:
            thresholds = _changed(protocol.thresholds, wanted)
        except InvalidThresholdError as error:
            complain(f"{error}.")
            return 2
        then = replace(protocol, thresholds=thresholds)
        with Progress(console=errors, transient=True) as bar:
            task = bar.add_task("judging again", total=None)

            async def tell(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            found = await rehearse(work, clinic.id or 0, then, days=days, progress=tell)
        _print(protocol, then, found)
        return _refused(then)

    return _with_clinic(settings, job)


def _changed(thresholds: Thresholds, wanted: list[str]) -> Thresholds:
    for one in wanted:
        name, equals, value = one.partition("=")
        if not equals or not value.strip().isdigit():
            raise InvalidThresholdError(f"{one!r} is no NUMBER=VALUE, like high_pain=6")
        thresholds = changed(thresholds, name.strip(), int(value))
    return thresholds


def _refused(then: Protocol) -> int:
    weaker = weakened(then.thresholds, load_protocol().thresholds)
    for one in weaker:
        rules = ", ".join(one.rules)
        complain(
            f"{one.name}={one.value:g} would weaken {rules}: emergencies would be missed. "
            f"It is refused as a version; at most {one.shipped:g}."
        )
    return 1 if weaker else 0


def _print(now: Protocol, then: Protocol, found: Rehearsal) -> None:
    for name, before, after in differences(now.thresholds, then.thresholds):
        out.print(f"{name}: {before:g} -> {after:g}", highlight=False)
    table = Table("Alerts a week", "as it was", "with these numbers")
    for level in ("emergency", "urgent"):
        weekly = [f"{found.a_week(counts, level):.2f}" for counts in (found.before, found.after)]
        table.add_row(level, *weekly)
    out.print(table)
    out.print(
        f"{found.judged} results of {found.days} days judged again, {found.kept} stand as they "
        f"are. New alerts: {found.gained}. Alerts that would not have been: {len(found.lost)}, "
        f"confirmed among them: {len(found.lost_confirmed)}.",
        highlight=False,
    )
    for one in found.lost:
        out.print(f"  lost: #{one.number} {one.code} ({one.outcome or 'open'})", highlight=False)


def _with_clinic(settings: Settings, job: Job) -> int:
    async def work(database: Database) -> int:
        if await revision(database) != newest_revision():
            complain("The database at DATABASE_URL is not up to date: run symptom-diary migrate.")
            return 1
        means = Work(database, make_clock(settings.clock_url), Cipher(settings.encryption_keys))
        async with means.reading() as session:
            clinic = await storage.people.first_clinic(session)
            protocol = await in_force(session, clinic) if clinic else None
        if clinic is None or protocol is None:
            complain("There is no clinic yet: start the bot once with ADMIN_IDS set.")
            return 1
        return await job(means, clinic, protocol)

    return asyncio.run(with_database(settings, work))
