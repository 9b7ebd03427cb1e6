"""The FHIR export: resources streamed into NDJSON files, or into transaction bundles."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import storage.exports
from care.exports.fhir_alerts import alert_resources, communication
from care.exports.fhir_checkins import Response, patient_resource, session_resources
from care.exports.fhir_codes import Codes, Json
from care.exports.fhir_definitions import definitions
from care.exports.folder import Folder
from care.exports.reading import Progress, Reading, Wish, begin, no_progress, note
from care.outbox import CARD_KINDS
from care.protocols import numbered
from care.work import Work
from storage.tables import Alert, Answer, CheckIn, OutboxRow, Patient, TreatmentSession

# A server takes a transaction whole; this many resources are a few hundred kilobytes.
BUNDLE_SIZE = 500

# Looks at a resource and raises when it is not what FHIR R4B allows.
Check = Callable[[Json], None]
Built = AsyncIterator[tuple[str, int, int, Iterable[Json]]]


class Sink(ABC):
    """Where resources go."""

    def __init__(self, folder: Folder, check: Check | None) -> None:
        self.folder = folder
        self.check = check
        self.written: Counter[str] = Counter()

    def take(self, resources: Iterable[Json]) -> None:
        """Check and write these; runs in a thread."""
        for resource in resources:
            if self.check is not None:
                self.check(resource)
            self.written[str(resource["resourceType"])] += 1
            self.put(resource)

    @abstractmethod
    def put(self, resource: Json) -> None:
        """Write one resource."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is left."""


class Lines(Sink):
    """A file for each resource type, a resource on each line."""

    def put(self, resource: Json) -> None:
        """Add a line."""
        self.folder.file(f"{resource['resourceType']}.ndjson").write(_dump(resource) + "\n")

    def finish(self) -> None:
        """Nothing is left: each line is written at once."""


class Bundles(Sink):
    """Transaction bundles, for a server to take in order; sent again, they change nothing.

    What is referred to stands in the same bundle or in an earlier one.
    """

    def __init__(self, folder: Folder, check: Check | None, base: str) -> None:
        super().__init__(folder, check)
        self._base = base
        self._entries: list[Json] = []
        self._number = 0

    def put(self, resource: Json) -> None:
        """Add an entry, and write the bundle when it is full."""
        place = f"{resource['resourceType']}/{resource['id']}"
        self._entries.append(
            {
                "fullUrl": f"{self._base}/{place}",
                "resource": resource,
                "request": {"method": "PUT", "url": place},
            }
        )
        if len(self._entries) >= BUNDLE_SIZE:
            self.finish()

    def finish(self) -> None:
        """Write the bundle that is not full yet."""
        if not self._entries:
            return
        self._number += 1
        bundle: Json = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": self._entries,
        }
        if self.check is not None:
            self.check(bundle)
        self.folder.write(f"bundle-{self._number:05}.json", _dump(bundle) + "\n")
        self._entries = []


def _dump(resource: Json) -> str:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":"))


_TABLES = (OutboxRow, Alert, Answer, CheckIn, TreatmentSession, Patient)


async def export_fhir(
    work: Work, wish: Wish, codes: Codes, sink: Sink, progress: Progress = no_progress
) -> dict[str, int]:
    """Write every resource into the sink's folder, leave the audit line, and publish it.

    Returns:
        the number of resources of each type.

    Raises:
        NothingToExportError: there is no such clinic.
        InvalidResourceError: `sink.check` found one that FHIR does not allow.
    """
    reading = await begin(work, wish, _TABLES)
    sink.take(definitions(codes, map(numbered, range(1, reading.clinic.protocol_version + 1))))
    for part in (_patients, _sessions, _check_ins, _alerts, _communications):
        async for what, done, total, resources in part(reading, codes):
            await asyncio.to_thread(sink.take, resources)
            progress(what, done, total)
    sink.finish()
    written = dict(sorted(sink.written.items()))
    await note(work, wish, "fhir", sum(written.values()))
    manifest: dict[str, object] = {
        "format": "fhir", "fhirVersion": "4.3.0", "base": codes.base,
        "resources": written, "chosen": wish.as_detail(),
    }  # fmt: skip
    await asyncio.to_thread(sink.folder.publish, manifest)
    return written


async def _patients(reading: Reading, codes: Codes) -> Built:
    done, total = 0, await reading.total(Patient)
    async for page in reading.pages(Patient):
        done += len(page)
        # Generators everywhere: built in the thread that writes, so that no tap waits for it.
        yield "patients", done, total, (patient_resource(codes, found) for found, _ in page)


async def _sessions(reading: Reading, codes: Codes) -> Built:
    done, total = 0, await reading.total(TreatmentSession)
    async for page in reading.pages(TreatmentSession):
        done += len(page)
        built = (
            resource
            for session, patient in page
            if patient
            for resource in session_resources(codes, session, patient)
        )
        yield "sessions", done, total, built


async def _check_ins(reading: Reading, codes: Codes) -> Built:
    done, total = 0, await reading.total(CheckIn)
    async for page in reading.pages(CheckIn):
        ids = [check.id for check, _ in page]
        async with reading.work.reading() as session:
            answers = await storage.exports.answers_of(session, ids, upto=reading.tops[Answer])
        by_check: dict[int, list[Answer]] = defaultdict(list)
        for answer in answers:
            by_check[answer.check_in_id].append(answer)
        done += len(page)
        built = (
            resource
            for check, patient in page
            if patient
            for resource in Response(
                codes, numbered(check.protocol_version), check, patient,
                tuple(by_check[check.id]),
            ).resources()
        )  # fmt: skip
        yield "check-ins", done, total, built


async def _alerts(reading: Reading, codes: Codes) -> Built:
    protocol = numbered(reading.clinic.protocol_version)
    done, total = 0, await reading.total(Alert)
    async for page in reading.pages(Alert):
        done += len(page)
        built = (
            resource
            for alert, patient in page
            if patient
            for resource in alert_resources(codes, alert, patient, protocol)
        )
        yield "alerts", done, total, built


async def _communications(reading: Reading, codes: Codes) -> Built:
    protocol = numbered(reading.clinic.protocol_version)
    done, total = 0, await reading.total(OutboxRow, CARD_KINDS)
    async for page in reading.pages(OutboxRow, CARD_KINDS):
        ids = sorted({row.alert_id for row, _ in page if row.alert_id})
        async with reading.work.reading() as session:
            found = await storage.exports.alerts_by_id(session, ids)
        alerts: dict[int | None, Any] = {alert.id: alert for alert in found}
        done += len(page)
        built = (
            communication(codes, row, alerts[row.alert_id], patient, protocol)
            for row, patient in page
            if patient and row.alert_id in alerts
        )
        yield "alerts sent", done, total, built
