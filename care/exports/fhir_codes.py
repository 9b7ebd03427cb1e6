"""The vocabulary of the FHIR export: systems, codes, identifiers and stable ids.

A project-local code comes first everywhere; a LOINC or SNOMED CT code stands second, and only
where it was verified.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Json = dict[str, object]

# A name that is reserved, so that it can belong to nobody else; a clinic may give its own.
DEFAULT_BASE = "https://symptom-diary.example/fhir"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"
SURVEY: Json = {"system": f"{_HL7}/observation-category", "code": "survey", "display": "Survey"}
SAFETY: Json = {"system": f"{_HL7}/flag-category", "code": "safety", "display": "Safety"}
ABSENT_REASONS = f"{_HL7}/data-absent-reason"

PAIN_SCORE: Json = {
    "system": LOINC,
    "code": "72514-3",
    "display": "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
}
# Second codings: the questions, and the answers by (question, value).
QUESTION_CODES: dict[str, Json] = {
    "pain": PAIN_SCORE,
    "soreness": {"system": SNOMED, "code": "68962001", "display": "Muscle pain"},
}
ANSWER_CODES: dict[tuple[str, str], Json] = {
    ("new", "numb"): {"system": SNOMED, "code": "44077006", "display": "Numbness"},
    ("new", "weak"): {"system": SNOMED, "code": "26544005", "display": "Muscle weakness"},
    ("new", "fever"): {"system": SNOMED, "code": "386661006", "display": "Fever"},
    ("danger_signs", "breathless"): {"system": SNOMED, "code": "267036007", "display": "Dyspnea"},
    ("danger_signs", "chest_pain"): {
        "system": SNOMED, "code": "29857009", "display": "Chest pain",
    },
    ("danger_signs", "dry_cough"): {"system": SNOMED, "code": "49727002", "display": "Cough"},
    ("danger_signs", "passed_out"): {"system": SNOMED, "code": "271594007", "display": "Syncope"},
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The questions and answers as people read them: by question, and by question and value."""

    question: Callable[[str], str]
    answer: Callable[[str, str], str]


@dataclass(frozen=True)
class Codes:
    """Builds codes, references and ids below one base address, for one clinic."""

    base: str
    clinic_id: int
    words: Words

    def system(self, name: str) -> str:
        """The address of a project-local code system; `name` may be a question."""
        return f"{self.base}/CodeSystem/{name.replace('_', '-')}"

    def questionnaire(self, version: int) -> str:
        """The canonical address of a protocol version's questions."""
        return f"{self.base}/Questionnaire/check-in-v{version}"

    def local(self, system: str, code: str, display: str = "") -> Json:
        """A coding of ours."""
        coding: Json = {"system": self.system(system), "code": code}
        return coding | ({"display": display} if display else {})

    def of_question(self, question: str) -> Json:
        """The concept of a question: ours, then the verified one."""
        first = self.local("questions", question, self.words.question(question).split("\n")[0])
        second = QUESTION_CODES.get(question)
        return {"coding": [first, second] if second else [first]}

    def of_answer(self, question: str, value: str) -> Json:
        """The concept of an answer: ours, then the verified one."""
        first = self.local(question, value, self.words.answer(question, value))
        second = ANSWER_CODES.get((question, value))
        return {"coding": [first, second] if second else [first]}

    def id(self, kind: str, *parts: object) -> str:
        """The id of what these parts name: the same at every export, different elsewhere."""
        name = "/".join([self.base, str(self.clinic_id), kind, *map(str, parts)])
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def reference(self, kind: str, *parts: object) -> Json:
        """A reference to it."""
        return {"reference": f"{kind}/{self.id(kind, *parts)}"}

    def resource(self, kind: str, *parts: object) -> Json:
        """The beginning of a resource: type and id."""
        return {"resourceType": kind, "id": self.id(kind, *parts)}

    def identifier(self, noun: str, value: object) -> Json:
        """Our own key of something."""
        return {"system": f"{self.base}/identifier/{noun}", "value": str(value)}

    def staff(self, person_id: int) -> Json:
        """A member of staff, by key alone."""
        return {"type": "Practitioner", "identifier": self.identifier("staff", person_id)}


def instant(moment: datetime) -> str:
    """A moment as FHIR writes it, in UTC to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def known(**parts: object) -> Json:
    """The parts that have a value; FHIR knows no empty ones."""
    return {name: value for name, value in parts.items() if value not in (None, [], {})}
