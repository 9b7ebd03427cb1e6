"""FHIR R4B: every resource is valid, refers to what is there, and says no more than was said."""

import json
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from care import checkins
from care.exports.fhir_codes import DEFAULT_BASE, Codes
from care.exports.fhir_definitions import definitions
from care.exports.fhir_files import BUNDLE_SIZE, Bundles, Lines, export_fhir
from care.exports.fhir_validation import InvalidResourceError, require_valid
from care.exports.folder import new_folder
from care.exports.reading import Wish
from care.triage import load_protocol
from handlers.wording.exported import WORDS
from tests.exports.practice import WELL, Practice

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
UNWELL = {"danger": "none", "pain": 9, "soreness": "severe", "bruising": "cannot_see",
          "touch": "yes", "new": ["skin", "fever", "numb", "weak"], "skin_signs": ["hot"],
          "nerve_place": ["arm"], "nerve_course": "same", "weakness": "works",
          "temperature": "38_or_more"}  # fmt: skip
DANGER = ["breathless", "chest_pain", "dry_cough", "passed_out"]
# Required by FHIR 4.3.0; fhir.resources checks shapes, not these.
STATUSES = {
    "CodeSystem": {"active"}, "Questionnaire": {"draft", "active"},
    "QuestionnaireResponse": {"in-progress", "completed", "amended", "entered-in-error",
                              "stopped"},
    "Observation": {"preliminary", "final", "corrected", "entered-in-error"},
    "Procedure": {"completed", "not-done"}, "Flag": {"active", "inactive"},
    "Task": {"requested", "in-progress", "completed"},
    "Communication": {"preparation", "completed", "not-done"},
}  # fmt: skip


async def export(practice: Practice, out: Path) -> list[dict]:
    codes = Codes(DEFAULT_BASE, practice.clinic.id, WORDS)
    with new_folder(out) as folder:
        sink = Lines(folder, require_valid)
        await export_fhir(practice.work, Wish(practice.clinic.id, "test"), codes, sink)
    return lines_of(out)


def lines_of(out: Path) -> list[dict]:
    return [
        json.loads(line)
        for path in sorted(out.glob("*.ndjson"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def of(resources: list[dict], kind: str) -> list[dict]:
    return [found for found in resources if found["resourceType"] == kind]


def observations(resources: list[dict], system: str, code: str) -> list[dict]:
    wanted = {"system": system, "code": code}
    return [
        found
        for found in of(resources, "Observation")
        if any(wanted.items() <= coding.items() for coding in found["code"]["coding"])
    ]


def references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


@pytest.fixture
async def busy(practice: Practice) -> Practice:
    """One patient well, one unwell with a closed alert, one in danger, one silent, one halfway."""
    await practice.check_in(1, **WELL)
    ben, _ = await practice.check_in(2, **UNWELL)
    await practice.deals_with(await practice.alert(ben))
    cleo, check = await practice.check_in(3, danger="yes")
    for sign in DANGER:
        await checkins.tick(practice.work, cleo, check.id, "danger_signs", sign, on=True)
    await practice.check_in(4, danger="none", pain=2)
    silent = await practice.patient(5)
    session = await practice.session(silent, pain_before=None)
    row = await practice.opened(session)
    async with practice.work.writing() as tx:
        row.state, row.ended_at = "no_answer", tx.now
        tx.session.add(row)
    return practice


@pytest.fixture
async def resources(busy: Practice, tmp_path: Path) -> list[dict]:
    return await export(busy, tmp_path / "fhir")


async def test_every_resource_is_valid_and_every_reference_leads_to_one(
    resources: list[dict],
) -> None:
    there = {f"{found['resourceType']}/{found['id']}" for found in resources}
    assert len(there) == len(resources)
    assert set().union(*map(references, resources)) <= there
    for found in resources:
        require_valid(found)
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", found["id"])
        if found["resourceType"] != "Patient":
            assert found["status"] in STATUSES[found["resourceType"]]
    assert {found["resourceType"] for found in resources} == {*STATUSES, "Patient"}


async def test_every_code_of_ours_is_defined_in_a_code_system(resources: list[dict]) -> None:
    defined = {
        (system["url"], concept["code"])
        for system in of(resources, "CodeSystem")
        for concept in system["concept"]
    }

    def codings(value: object) -> set[tuple[str, str]]:
        if isinstance(value, dict):
            own = {(value["system"], value["code"])} if {"system", "code"} <= set(value) else set()
            return own.union(*map(codings, value.values()))
        return set().union(*map(codings, value)) if isinstance(value, list) else set()

    used = set().union(*map(codings, resources))
    ours = {found for found in used if found[0].startswith(DEFAULT_BASE)}
    assert len(ours) > 60
    assert ours <= defined


async def test_responses_say_how_far_they_are_and_silence_never_looks_well(
    resources: list[dict],
) -> None:
    found = of(resources, "QuestionnaireResponse")
    assert sorted(one["status"] for one in found) == [
        "completed", "completed", "in-progress", "in-progress", "stopped",
    ]  # fmt: skip
    (stopped,) = [one for one in found if one["status"] == "stopped"]
    assert "item" not in stopped
    assert "source" not in stopped
    its = {"reference": f"QuestionnaireResponse/{stopped['id']}"}
    assert not [one for one in of(resources, "Observation") if its in one.get("derivedFrom", ())]
    well = next(one for one in found if one["status"] == "completed")
    assert [item["linkId"] for item in well["item"]] == list(WELL)
    assert well["questionnaire"] == f"{DEFAULT_BASE}/Questionnaire/check-in-v1|1"


async def test_pain_is_a_number_with_the_verified_code_and_never_an_answer_list(
    resources: list[dict],
) -> None:
    pain = observations(resources, LOINC, "72514-3")
    after = [one["valueQuantity"]["value"] for one in pain if "derivedFrom" in one]
    assert sorted(after) == [2, 3, 9]
    assert {one["valueQuantity"]["code"] for one in pain} == {"{score}"}
    before = [one for one in pain if "partOf" in one]
    assert [one["valueQuantity"]["value"] for one in before] == [5, 5, 5, 5]
    assert "LA6113-0" not in json.dumps(resources)


@pytest.mark.parametrize(
    ("code", "local"),
    [("68962001", "soreness"), ("44077006", "numb"), ("26544005", "weak"),
     ("386661006", "fever"), ("267036007", "breathless"), ("29857009", "chest_pain"),
     ("49727002", "dry_cough"), ("271594007", "passed_out")],
)  # fmt: skip
async def test_a_verified_snomed_code_stands_second_to_ours(
    resources: list[dict], code: str, local: str
) -> None:
    found = observations(resources, SNOMED, code)
    assert found
    for one in found:
        ours, theirs = one["code"]["coding"]
        assert ours["code"] == local
        assert ours["system"].startswith(DEFAULT_BASE)
        assert theirs["code"] == code


async def test_a_band_is_no_measured_temperature(resources: list[dict]) -> None:
    assert observations(resources, LOINC, "8310-5") == []
    (found,) = observations(resources, f"{DEFAULT_BASE}/CodeSystem/questions", "temperature")
    (coding,) = found["valueCodeableConcept"]["coding"]
    assert coding["code"] == "38_or_more"


async def test_what_could_not_be_seen_is_absent_and_not_normal(resources: list[dict]) -> None:
    found = observations(resources, f"{DEFAULT_BASE}/CodeSystem/questions", "bruising")
    (unseen,) = [one for one in found if "dataAbsentReason" in one]
    assert "valueCodeableConcept" not in unseen


async def test_ticks_of_danger_count_before_done_is_tapped(resources: list[dict]) -> None:
    (found,) = observations(resources, SNOMED, "267036007")
    assert found["status"] == "preliminary"
    assert found["valueBoolean"] is True
    (response,) = [
        one for one in of(resources, "QuestionnaireResponse")
        if f"QuestionnaireResponse/{one['id']}" == found["derivedFrom"][0]["reference"]
    ]  # fmt: skip
    ticks = next(item for item in response["item"] if item["linkId"] == "danger_signs")
    assert {answer["valueCoding"]["code"] for answer in ticks["answer"]} == set(DANGER)


async def test_the_flag_falls_and_the_task_ends_when_the_alert_is_closed(
    resources: list[dict],
) -> None:
    flags = {one["status"]: one for one in of(resources, "Flag")}
    assert set(flags) == {"active", "inactive"}
    assert "end" in flags["inactive"]["period"]
    assert "end" not in flags["active"]["period"]
    tasks = {one["status"]: one for one in of(resources, "Task")}
    assert set(tasks) == {"requested", "completed"}
    (output,) = tasks["completed"]["output"]
    assert output["valueCodeableConcept"]["coding"][0]["code"] == "confirmed"
    about = {one["about"][0]["reference"] for one in of(resources, "Communication")}
    assert about == {f"Flag/{one['id']}" for one in flags.values()}


async def test_no_name_phone_or_word_is_in_it(practice: Practice, tmp_path: Path) -> None:
    anna = await practice.patient(7, name="Anna Karenina", phone="+44 7700 900101")
    await practice.session(anna)
    text = json.dumps(await export(practice, tmp_path / "fhir"))
    assert "Karenina" not in text
    assert "900101" not in text
    assert anna.patients[0].code in text


async def test_a_correction_amends_the_response_and_withdraws_what_no_longer_holds(
    practice: Practice, tmp_path: Path
) -> None:
    anna, check = await practice.check_in(1, **UNWELL)
    before = await export(practice, tmp_path / "before")
    await practice.answers(anna, check, pain=6, new=["numb"])
    after = await export(practice, tmp_path / "after")
    (response,) = of(after, "QuestionnaireResponse")
    assert response["status"] == "amended"
    assert "temperature" not in {item["linkId"] for item in response["item"]}
    pain = [one for one in observations(after, LOINC, "72514-3") if "derivedFrom" in one]
    assert [(one["status"], one["valueQuantity"]["value"]) for one in pain] == [("corrected", 6)]
    (fever,) = observations(after, SNOMED, "386661006")
    assert fever["status"] == "entered-in-error"
    (numb,) = observations(after, SNOMED, "44077006")
    assert numb["status"] == "corrected"
    gone = {one["id"] for one in before} - {one["id"] for one in after}
    assert gone == set()


async def test_exporting_again_writes_the_very_same_bytes(busy: Practice, tmp_path: Path) -> None:
    await export(busy, tmp_path / "one")
    busy.clock.at += timedelta(days=3)
    await export(busy, tmp_path / "two")
    for path in (tmp_path / "one").glob("*"):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


async def test_two_clinics_never_share_an_id() -> None:
    ids = [
        Codes(base, clinic, WORDS).id("Patient", 1)
        for base in (DEFAULT_BASE, "https://fhir.riverside.example")
        for clinic in (1, 2)
    ]
    assert len(set(ids)) == 4


async def test_bundles_are_transactions_whose_references_come_first(
    busy: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("care.exports.fhir_files.BUNDLE_SIZE", 20)
    codes = Codes(DEFAULT_BASE, busy.clinic.id, WORDS)
    with new_folder(tmp_path / "out") as folder:
        sink = Bundles(folder, require_valid, DEFAULT_BASE)
        written = await export_fhir(busy.work, Wish(busy.clinic.id, "test"), codes, sink)
    bundles = bundles_in(tmp_path / "out")
    sizes = [len(bundle["entry"]) for bundle in bundles]
    assert sum(sizes) == sum(written.values())
    assert all(size == 20 for size, _ in pairwise(sizes))
    known: set[str] = set()
    for bundle in bundles:
        assert bundle["type"] == "transaction"
        known |= {entry["request"]["url"] for entry in bundle["entry"]}
        assert {entry["request"]["method"] for entry in bundle["entry"]} == {"PUT"}
        assert references(bundle) <= known
    assert BUNDLE_SIZE == 500


def bundles_in(out: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(out.glob("bundle-*.json"))]


def test_the_questionnaire_asks_what_the_protocol_asks() -> None:
    protocol = load_protocol(1)
    codes = Codes(DEFAULT_BASE, 1, WORDS)
    (asked,) = [
        found
        for found in definitions(codes, [protocol])
        if found["resourceType"] == "Questionnaire"
    ]
    require_valid(asked)
    assert asked["status"] == "draft"
    items = {item["linkId"]: item for item in asked["item"]}
    assert list(items) == [*protocol.questions, "week_check"]
    for name, question in protocol.questions.items():
        options = [one["valueCoding"]["code"] for one in items[name].get("answerOption", ())]
        assert options == ([] if question.kind == "score" else list(question.values))
        conditions = {
            (one["question"], one["answerCoding"]["code"])
            for one in items[name].get("enableWhen", ())
        }
        assert conditions == {(question.after, value) for value in question.when}


def test_a_resource_that_fhir_does_not_allow_is_named_with_its_fault() -> None:
    with pytest.raises(InvalidResourceError, match=r"Flag/x: .*subject"):
        require_valid({"resourceType": "Flag", "id": "x", "status": "active",
                       "code": {"text": "no subject"}})  # fmt: skip
