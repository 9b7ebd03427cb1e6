"""What the exported answers mean: a code system for every question, and the Questionnaire."""

from collections.abc import Iterable, Iterator

from care.exports.fhir_codes import Codes, Json, known
from care.sessions import REGIONS, RISKS
from care.triage import Protocol, every_question
from care.triage.model import Question
from storage.tables import LEVELS, OUTCOMES

_TYPES = {"score": "integer", "one": "choice", "many": "choice"}


def definitions(codes: Codes, protocols: Iterable[Protocol]) -> Iterator[Json]:
    """Every code system and, for each protocol version, its Questionnaire."""
    found = list(protocols)
    questions: dict[str, Question] = {}
    for protocol in found:
        questions.update(every_question(protocol))
    yield _code_system(
        codes, "questions", "Questions", {name: codes.words.question(name) for name in questions}
    )
    for name, question in questions.items():
        if question.kind != "score":
            answers = {value: codes.words.answer(name, value) for value in question.values}
            yield _code_system(codes, name, f"Answers: {name}", answers)
    rules = {rule.id: rule.headline for one in found for rule in one.rules.values()}
    yield _code_system(codes, "rules", "Rules", rules)
    for system, title, values in _LISTS:
        yield _code_system(codes, system, title, dict(values))
    for protocol in found:
        yield questionnaire(codes, protocol)


_LISTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("level", "Levels", tuple((level, level.capitalize()) for level in LEVELS)),
    ("region", "Regions", tuple((region, region.capitalize()) for region in REGIONS)),
    ("risk", "Risks", tuple((risk, risk.capitalize()) for risk in RISKS)),
    ("outcome", "Outcomes", tuple((one, one.replace("_", " ").capitalize()) for one in OUTCOMES)),
    (
        "activity",
        "Activities",
        (
            ("dry-needling", "Dry needling"),
            ("acknowledge-and-call-back", "Acknowledge the alert and call the patient back"),
            ("alert", "Alert to the clinic"),
            ("triage-level", "Level of a check-in by the protocol's rules"),
            ("pain-before", "Pain before the session"),
            ("outcome", "Outcome of an alert"),
        ),
    ),
)


def _code_system(codes: Codes, name: str, title: str, concepts: dict[str, str]) -> Json:
    return {
        **codes.resource("CodeSystem", name),
        "url": codes.system(name),
        "name": "SymptomDiary" + name.title().replace("_", "").replace("-", ""),
        "title": title,
        "status": "active",
        "experimental": False,
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": [_concept(code, words) for code, words in concepts.items()],
    }


def _concept(code: str, words: str) -> Json:
    """A code, named by the first line of its words and defined by all of them."""
    display = words.split("\n")[0]
    return {"code": code, "display": display} | known(definition=words if "\n" in words else None)


def questionnaire(codes: Codes, protocol: Protocol) -> Json:
    """The questions of one protocol version; a draft until somebody has signed it."""
    return {
        **codes.resource("Questionnaire", protocol.version),
        "url": codes.questionnaire(protocol.version),
        "version": str(protocol.version),
        "name": f"SymptomDiaryCheckInV{protocol.version}",
        "title": "Check-in after dry needling",
        "status": "active" if protocol.signed_by else "draft",
        "subjectType": ["Patient"],
        "item": [_item(codes, question) for question in every_question(protocol).values()],
    }


def _item(codes: Codes, question: Question) -> Json:
    item: Json = {
        "linkId": question.id,
        "code": codes.of_question(question.id)["coding"],
        "text": codes.words.question(question.id),
        "type": _TYPES[question.kind],
    }
    if question.after is not None:
        item["enableWhen"] = [
            {
                "question": question.after,
                "operator": "=",
                "answerCoding": codes.local(question.after, value),
            }
            for value in sorted(question.when)
        ]
        item["enableBehavior"] = "any"
    if question.kind == "many":
        item["repeats"] = True
    if question.kind != "score":
        item["answerOption"] = [
            {
                "valueCoding": codes.local(
                    question.id, value, codes.words.answer(question.id, value)
                )
            }
            for value in question.values
        ]
    return item
