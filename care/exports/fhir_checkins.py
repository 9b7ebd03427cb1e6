"""Patients, sessions and check-ins as FHIR R4B resources."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from care.evaluation import JUDGED_AT_EACH_TICK, Value, stored, value_of
from care.exports.fhir_codes import (
    ABSENT_REASONS,
    PAIN_SCORE,
    SURVEY,
    UCUM,
    Codes,
    Json,
    instant,
    known,
)
from care.triage import WEEK_CHECK, Protocol
from care.triage.questions import effective_answers
from storage.tables import Answer, CheckIn, Patient, TreatmentSession

# A check-in that never left holds no response.
WITHOUT_RESPONSE = frozenset({"planned", "cancelled"})
_STATUS = {"open": "in-progress", "complete": "completed"}
_RATED = ("pain", "soreness", "bruising", "temperature")
_SIGNS = ("danger_signs", "new")
_NO_VALUE = {
    ("temperature", "unknown"): ("not-performed", "No thermometer"),
    ("bruising", "cannot_see"): ("unknown", "The patient cannot see the needle spots"),
}


def patient_resource(codes: Codes, patient: Patient) -> Json:
    """A patient: the code and the language, never a name."""
    language = {"system": "urn:ietf:bcp:47", "code": patient.language}
    return {
        **codes.resource("Patient", patient.ref),
        "identifier": [codes.identifier("patient-code", patient.code)],
        "active": patient.stopped_at is None,
        "communication": [{"language": {"coding": [language]}, "preferred": True}],
    }


def session_resources(codes: Codes, session: TreatmentSession, patient: Patient) -> Iterator[Json]:
    """A session as a Procedure, and the pain before it."""
    yield {
        **codes.resource("Procedure", session.id),
        "identifier": [codes.identifier("session", session.id)],
        "status": "not-done" if session.cancelled_at else "completed",
        "code": {"coding": [codes.local("activity", "dry-needling", "Dry needling")]},
        "subject": codes.reference("Patient", patient.ref),
        "performedDateTime": instant(session.at),
        **known(
            performer=[{"actor": codes.staff(session.clinician_id)}]
            if session.clinician_id
            else None,
            bodySite=[{"coding": [codes.local("region", one)]} for one in session.regions],
        ),
    }
    if session.pain_before is not None and session.cancelled_at is None:
        before = codes.local("activity", "pain-before", "Pain before the session")
        yield {
            **codes.resource("Observation", "session", session.id, "pain_before"),
            "partOf": [codes.reference("Procedure", session.id)],
            "status": "final",
            "category": [{"coding": [SURVEY]}],
            "code": {"coding": [before, PAIN_SCORE]},
            "subject": codes.reference("Patient", patient.ref),
            "effectiveDateTime": instant(session.at),
            "valueQuantity": _score(session.pain_before),
        }


@dataclass(frozen=True)
class Response:
    """A check-in with every answer ever given to it, ready to be written."""

    codes: Codes
    protocol: Protocol
    check_in: CheckIn
    patient: Patient
    answers: tuple[Answer, ...]

    @cached_property
    def in_force(self) -> dict[str, Value]:
        """What the rules see: given answers, and ticks that count before [Done]."""
        given = {
            answer.question: value_of(self.protocol, answer)
            for answer in self.answers
            if answer.superseded_at is None and answer.value and self._counts(answer)
        }
        week = {WEEK_CHECK.id: given[WEEK_CHECK.id]} if WEEK_CHECK.id in given else {}
        return week | effective_answers(self.protocol, given)

    @property
    def withdrawn(self) -> dict[str, Value]:
        """What was once answered and is out of force; of lists, what is no longer ticked."""
        force, gone = self.in_force, dict[str, Value]()
        ticked: dict[str, frozenset[str]] = {}
        for answer in self.answers:
            if not answer.value or not self._counts(answer):
                continue
            value, now = value_of(self.protocol, answer), force.get(answer.question)
            if isinstance(value, frozenset):
                ticked[answer.question] = value | ticked.get(answer.question, frozenset())
                still = now if isinstance(now, frozenset) else frozenset()
                gone[answer.question] = ticked[answer.question] - still
            elif now is None:
                gone[answer.question] = value
        return gone

    @property
    def corrected(self) -> bool:
        """An answer was given and then changed."""
        return any(answer.final and answer.superseded_at for answer in self.answers)

    def resources(self) -> Iterator[Json]:
        """The QuestionnaireResponse, then the observations that follow from it."""
        if self.check_in.state in WITHOUT_RESPONSE and not self.answers:
            return
        yield self._response()
        for question, value in self.in_force.items():
            if question in _RATED:
                yield self._rating(question, stored(value)[0], self._status(question))
            elif question in _SIGNS:
                yield from self._signs(question, value, self._status(question))
        for question, value in self.withdrawn.items():
            if question in _RATED:
                yield self._rating(question, stored(value)[0], "entered-in-error")
            elif question in _SIGNS:
                yield from self._signs(question, value, "entered-in-error")
        if self.answers or self.check_in.worried:
            yield self._level()

    def _counts(self, answer: Answer) -> bool:
        early = answer.question in JUDGED_AT_EACH_TICK
        return answer.final or early or answer.question in self.check_in.timed_out

    def _status(self, question: str) -> str:
        if any(a.question == question and a.final and a.superseded_at for a in self.answers):
            return "corrected"
        return "preliminary" if self.check_in.state == "open" else "final"

    def _response(self) -> Json:
        check, codes = self.check_in, self.codes
        status = _STATUS.get(check.state, "stopped")
        authored = check.answered_at or check.ended_at
        return {
            **codes.resource("QuestionnaireResponse", check.id),
            "identifier": codes.identifier("check-in", check.id),
            "questionnaire": f"{codes.questionnaire(self.protocol.version)}"
            f"|{self.protocol.version}",
            "status": "amended" if status == "completed" and self.corrected else status,
            "subject": codes.reference("Patient", self.patient.ref),
            **known(
                partOf=[codes.reference("Procedure", check.session_id)]
                if check.session_id
                else None,
                authored=instant(authored) if authored else None,
                source=codes.reference("Patient", self.patient.ref) if self.answers else None,
                item=[self._item(question, value) for question, value in self.in_force.items()],
            ),
        }

    def _item(self, question: str, value: Value) -> Json:
        if isinstance(value, int):
            answer: list[Json] = [{"valueInteger": value}]
        else:
            words = self.codes.words.answer
            answer = [
                {"valueCoding": self.codes.local(question, one, words(question, one))}
                for one in stored(value)
            ]
        return {
            "linkId": question,
            "text": self.codes.words.question(question).split("\n")[0],
            "answer": answer,
        }

    def _rating(self, question: str, value: str, status: str) -> Json:
        found = self._observation(question, status, question)
        found["code"] = self.codes.of_question(question)
        if question == "pain":
            found["valueQuantity"] = _score(int(value))
        elif (question, value) in _NO_VALUE:
            code, text = _NO_VALUE[question, value]
            reason = {"system": ABSENT_REASONS, "code": code}
            found["dataAbsentReason"] = {"coding": [reason], "text": text}
        else:
            found["valueCodeableConcept"] = self.codes.of_answer(question, value)
        return found

    def _signs(self, question: str, value: Value, status: str) -> Iterator[Json]:
        for one in stored(value):
            if one != "none":
                found = self._observation(question, status, question, one)
                yield found | {"code": self.codes.of_answer(question, one), "valueBoolean": True}

    def _level(self) -> Json:
        check, codes = self.check_in, self.codes
        found = self._observation("", "preliminary" if check.state == "open" else "final", "level")
        found["code"] = {"coding": [codes.local("activity", "triage-level")]}
        level = codes.local("level", check.level, check.level.capitalize())
        found["valueCodeableConcept"] = {"coding": [level]}
        rules = [
            {
                "code": {"coding": [codes.local("rules", rule, self._headline(rule))]},
                "valueBoolean": True,
            }
            for rule in check.rules
        ]
        return found | known(component=rules)

    def _headline(self, rule: str) -> str:
        known_rule = self.protocol.rules.get(rule)
        return known_rule.headline if known_rule else rule

    def _observation(self, question: str, status: str, *name: str) -> Json:
        times = [answer.at for answer in self.answers if answer.question == question]
        moment = max(times, default=None) or self.check_in.answered_at or self.check_in.due_at
        return {
            **self.codes.resource("Observation", self.check_in.id, *name),
            "status": status,
            "category": [{"coding": [SURVEY]}],
            "subject": self.codes.reference("Patient", self.patient.ref),
            "effectiveDateTime": instant(moment),
            "derivedFrom": [self.codes.reference("QuestionnaireResponse", self.check_in.id)],
        }


def _score(value: int) -> Json:
    return {"value": value, "unit": "{score}", "system": UCUM, "code": "{score}"}
