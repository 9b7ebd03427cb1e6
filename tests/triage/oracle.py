"""The rule table a second time, written apart from the product's: one expression a clause.

Read side by side with the clinical table. Each rule is a list of alternatives; names are looked up in
`Words`, which knows nothing of the product's own findings.
"""

from typing import Any

from care.triage import Case

FOLLOW_UPS = {
    "danger_signs": ("danger", {"yes"}),
    "bruise_signs": ("bruising", {"large"}),
    "touch": ("bruising", {"cannot_see"}),
    "skin_signs": ("new", {"skin"}),
    "nerve_place": ("new", {"numb", "shock"}),
    "nerve_course": ("new", {"numb", "shock"}),
    "weakness": ("new", {"weak"}),
    "temperature": ("new", {"fever"}),
}
SORE = ["none", "mild", "moderate", "severe"]

TABLE: dict[str, list[str]] = {
    "E0": ["'other_danger' in signs", "danger == 'yes' and overdue('danger_signs')"],
    "E1": ["'breathless' in signs", "'chest_pain' in signs",
           "'dry_cough' in signs and 'chest_wall_sore' in signs and chest",
           "'dry_cough' in signs and 'chest_wall_sore' in signs and lung"],
    "E2": ["'saddle' in signs"],
    "E3": ["'sudden_neuro' in signs", "weakness == 'spreading'", "'both_sides' in place",
           "('arm' in place) + ('leg' in place) + ('elsewhere' in place) >= 2",
           "spine and bleed and weakness == 'broken'", "spine and bleed and weakness == 'not_sure'",
           "spine and bleed and steep"],
    "E4": ["'very_ill' in signs"],
    "E5": ["'skin_black' in signs", "skin_sign and fever",
           "'skin' in new and fever and overdue('skin_signs')",
           "'skin' in new and skin_signs - {'small_spot'} and steep",
           "'spreading' in skin_signs and 'minor' in new",
           "'red_streaks' in skin_signs and 'minor' in new"],
    "E6": ["'allergy' in signs", "'passed_out' in signs and chest", "'passed_out' in signs and bleed",
           "'passed_out' in signs and fever", "'passed_out' in signs and len(signs) > 1"],
    "E7": ["'swelling_fast' in signs", "'cold_limb' in signs", "'limb_cold' in bruise",
           "'growing' in bruise and bleed",
           "'growing' in bruise and 'hard' in bruise and 'very_painful' in bruise",
           "'hard' in bruise and 'very_painful' in bruise and bleed",
           "'hard' in bruise and 'very_painful' in bruise and soreness == 'severe'"],
    "E8": ["fever and spine and nerve", "fever and spine and 'weak' in new",
           "fever and spine and before is not None and pain is not None and pain >= before + 2",
           "fever and spine and before is None and pain is not None and pain >= 7"],
    "U1": ["skin_sign",
           "'skin' in new and skin_signs == {'small_spot'} and day2",
           "'skin' in new and skin_signs == {'small_spot'} and infection",
           "'skin' in new and overdue('skin_signs')"],
    "U2": ["fever and temperature == '38_or_more'", "fever and temperature == 'unknown'",
           "fever and infection", "fever and spine", "fever and overdue('temperature')"],
    "U3": ["weakness == 'broken'", "weakness == 'not_sure'", "'weak' in new and overdue('weakness')"],
    "U4": ["nerve and spine and bleed", "nerve and course == 'worse'",
           "nerve and away and course == 'constant'",
           "nerve and away and day2 and course == 'same'", "nerve and away and hours >= 72",
           "nerve and place == {'needle_spot'} and hours >= 144",
           "nerve and overdue('nerve_place')", "nerve and overdue('nerve_course')"],
    "U5": ["'chest_wall_sore' in signs and chest", "'chest_wall_sore' in signs and lung",
           "'dry_cough' in signs and chest", "'dry_cough' in signs and lung"],
    "U6": ["'growing' in bruise", "'hard' in bruise", "'very_painful' in bruise",
           "bruising == 'large' and bleed", "bruising == 'large' and overdue('bruise_signs')"],
    "U7": ["steep",
           "day2 and pain is not None and pain >= 7 and earlier is not None and pain >= earlier + 2",
           "day2 and soreness == 'severe' and earlier_sore is None",
           "day2 and soreness == 'severe' and earlier_sore in ('none', 'mild', 'moderate')",
           "day2 and soreness == 'severe' and pain is not None and pain >= 7",
           "hours >= 72 and soreness == 'severe'",
           "spine and infection and day2 and pain is not None and before is not None and pain >= before + 2",
           "spine and infection and day2 and pain is not None and earlier is not None and pain >= earlier + 2"],
    "U8": ["'passed_out' in signs and not fired('E6')"],
    "U9": ["sum(fired(f'W{n}') for n in range(1, 8)) >= 3 and fired('W3')",
           "sum(fired(f'W{n}') for n in range(1, 8)) >= 3 and fired('W4')",
           "sum(fired(f'W{n}') for n in range(1, 8)) >= 3 and fever",
           "infection and day2 and fired('W7')"],
    "U10": ["worried"],
    "U12": ["overdue('danger')"],
    "W1": ["day1 and soreness == 'severe'",
           "day1 and before is not None and pain is not None and pain >= before + 2 and pain >= 4",
           "day1 and pain is not None and pain >= 7 and before is None",
           "day1 and pain is not None and pain >= 7 and before is not None and pain >= before"],
    "W2": ["bruising == 'large' and not fired('U6') and not fired('E7')",
           "bruising == 'small' and bleed"],
    "W3": ["'skin' in new and not fired('U1') and not fired('E5')"],
    "W4": ["nerve and not fired('U4') and not fired('E3')",
           "'weak' in new and not fired('U3') and not fired('E3')"],
    "W5": ["'minor' in new",
           "'dry_cough' in signs and not fired('U5') and not fired('E1')",
           "'chest_wall_sore' in signs and not fired('U5') and not fired('E1')",
           "fever and not fired('U2') and not fired('E5') and not fired('E8')"],
    "W6": ["day2 and soreness == 'severe'",
           "day2 and soreness == 'moderate' and earlier_sore is None",
           "day2 and soreness == 'moderate' and earlier_sore in ('none', 'mild', 'moderate')",
           "day2 and soreness and earlier_sore and sore(soreness) > sore(earlier_sore)",
           "day2 and pain is not None and pain >= 7 and before is None",
           "day2 and pain is not None and pain >= 7 and before is not None and pain >= before",
           "day2 and before is not None and pain is not None and pain >= before + 2 and pain >= 4",
           "day2 and earlier is not None and pain is not None and pain >= earlier + 2 and pain >= 4"],
    "W7": ["bruising == 'cannot_see' and touch == 'cannot_tell'",
           "bruising == 'cannot_see' and overdue('touch')",
           "bruising == 'cannot_see' and touch == 'no' and bleed"],
}  # fmt: skip
COMPILED = {
    rule: [compile(clause, rule, "eval") for clause in clauses] for rule, clauses in TABLE.items()
}


def words_of(case: Case) -> dict[str, Any]:
    """Every name that the table uses, for one case."""
    given = dict(case.answers)

    def asked(question: str) -> bool:
        if question not in FOLLOW_UPS:
            return True
        parent, wanted = FOLLOW_UPS[question]
        value = given.get(parent, set())
        return bool(({value} if isinstance(value, str) else set(value)) & wanted)

    a = {question: value for question, value in given.items() if asked(question)}
    unknown_place = not case.regions
    pain, before = a.get("pain"), case.pain_before
    new, place = set(a.get("new", ())), set(a.get("nerve_place", ()))
    skin_signs = set(a.get("skin_signs", ()))
    return {
        "hours": case.hours, "day1": case.hours < 42, "day2": case.hours >= 42,
        "before": before, "pain": pain,
        "earlier": case.previous.pain if case.previous else None,
        "earlier_sore": case.previous.soreness if case.previous else None,
        "sore": SORE.index, "worried": case.worried,
        "danger": a.get("danger"), "signs": set(a.get("danger_signs", ())),
        "soreness": a.get("soreness"), "bruising": a.get("bruising"), "touch": a.get("touch"),
        "bruise": set(a.get("bruise_signs", ())), "new": new, "skin_signs": skin_signs,
        "skin_sign": bool(skin_signs - {"small_spot"}) or a.get("touch") == "yes",
        "nerve": bool(new & {"numb", "shock"}), "place": place,
        "away": bool(place) and place != {"needle_spot"}, "course": a.get("nerve_course"),
        "weakness": a.get("weakness"), "temperature": a.get("temperature"),
        "fever": "fever" in new,
        "spine": "spine" in case.regions or unknown_place,
        "chest": "spine" in case.regions or "thorax" in case.regions or unknown_place,
        "bleed": "bleed" in case.risks, "infection": "infection" in case.risks,
        "lung": "lung" in case.risks,
        "steep": pain is not None and pain >= 8 and (before is None or pain >= before + 3),
        "overdue": lambda question: question in case.timed_out and asked(question),
    }  # fmt: skip


def reading(case: Case) -> dict[str, Any]:
    """The words of one case, with `fired`: whether a rule fires by the table."""
    names = words_of(case)
    known: dict[str, bool] = {}

    def fired(rule: str) -> bool:
        if rule not in known:
            known[rule] = any(eval(clause, names) for clause in COMPILED[rule])  # noqa: S307
        return known[rule]

    names["fired"] = fired
    return names


def expected(case: Case) -> tuple[str, ...]:
    """The rules that fire by the table, in its order; ("N1",) when none does."""
    fired = reading(case)["fired"]
    return tuple(rule for rule in TABLE if fired(rule)) or ("N1",)


def clauses(case: Case, rule: str) -> list[str]:
    """Those alternatives of a rule that hold for a case."""
    names = reading(case)
    return [clause for clause in TABLE[rule] if eval(clause, names)]  # noqa: S307
