"""The rule table: one small function a rule, asked in the table's order."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from care.triage.findings import Findings

Fired = AbstractSet[str]
Condition = Callable[[Findings, Fired], bool]


def _e0(f: Findings, _: Fired) -> bool:
    return "other_danger" in f.danger_signs or f.overdue("danger_signs")


def _e1(f: Findings, _: Fired) -> bool:
    cough_and_wall = {"dry_cough", "chest_wall_sore"} <= f.danger_signs
    return bool(f.danger_signs & {"breathless", "chest_pain"}) or (
        cough_and_wall and (f.chest_area or f.risk("lung"))
    )


def _e2(f: Findings, _: Fired) -> bool:
    return "saddle" in f.danger_signs


def _e3(f: Findings, _: Fired) -> bool:
    bleed_at_spine = f.spine and f.risk("bleed")
    return (
        "sudden_neuro" in f.danger_signs
        or f.one("weakness") == "spreading"
        or "both_sides" in f.place
        or len(f.place & {"arm", "leg", "elsewhere"}) >= 2
        or (bleed_at_spine and (f.one("weakness") in ("broken", "not_sure") or f.steep_pain))
    )


def _e4(f: Findings, _: Fired) -> bool:
    return "very_ill" in f.danger_signs


def _e5(f: Findings, _: Fired) -> bool:
    return (
        "skin_black" in f.danger_signs
        or (f.skin_sign and f.fever)
        or ({"skin", "fever"} <= f.new and f.overdue("skin_signs"))
        or (bool(f.skin_signs) and f.steep_pain)
        or (bool(f.skin_signs & {"spreading", "red_streaks"}) and "minor" in f.new)
    )


def _e6(f: Findings, _: Fired) -> bool:
    another = bool(f.danger_signs - {"passed_out"})
    beside = f.chest_area or f.risk("bleed") or f.fever or another
    return "allergy" in f.danger_signs or ("passed_out" in f.danger_signs and beside)


def _e7(f: Findings, _: Fired) -> bool:
    signs = f.bruise_signs
    tight = {"hard", "very_painful"} <= signs
    return (
        bool(f.danger_signs & {"swelling_fast", "cold_limb"})
        or "limb_cold" in signs
        or ("growing" in signs and (f.risk("bleed") or tight))
        or (tight and (f.risk("bleed") or f.one("soreness") == "severe"))
    )


def _e8(f: Findings, _: Fired) -> bool:
    pain_up = f.above_before(f.t.rise) or (
        f.case.pain_before is None and f.pain_at_least(f.t.high_pain)
    )
    return f.fever and f.spine and (f.nerve or "weak" in f.new or pain_up)


def _u1(f: Findings, _: Fired) -> bool:
    small_spot_only = f.ticks("skin_signs") == {"small_spot"}
    return (
        f.skin_sign
        or (small_spot_only and (f.day_2 or f.risk("infection")))
        or f.overdue("skin_signs")
    )


def _u2(f: Findings, _: Fired) -> bool:
    return f.fever and (
        f.one("temperature") in ("38_or_more", "unknown")
        or f.risk("infection")
        or f.spine
        or f.overdue("temperature")
    )


def _u3(f: Findings, _: Fired) -> bool:
    return f.one("weakness") in ("broken", "not_sure") or f.overdue("weakness")


def _u4(f: Findings, _: Fired) -> bool:
    course = f.one("nerve_course")
    lasting = f.away and (
        course == "constant" or (f.day_2 and course == "same") or f.case.hours >= f.t.late_hours
    )
    still_at_needle = f.place == {"needle_spot"} and f.case.hours >= f.t.day_7_hours
    return f.nerve and (
        (f.spine and f.risk("bleed"))
        or course == "worse"
        or lasting
        or still_at_needle
        or f.overdue("nerve_place")
        or f.overdue("nerve_course")
    )


def _u5(f: Findings, _: Fired) -> bool:
    return bool(f.danger_signs & {"chest_wall_sore", "dry_cough"}) and (
        f.chest_area or f.risk("lung")
    )


def _u6(f: Findings, _: Fired) -> bool:
    large = f.one("bruising") == "large"
    return bool(f.bruise_signs & {"growing", "hard", "very_painful"}) or (
        large and (f.risk("bleed") or f.overdue("bruise_signs"))
    )


def _u7(f: Findings, _: Fired) -> bool:
    severe = f.one("soreness") == "severe"
    severe_anew = f.previous_soreness != "severe" or f.pain_at_least(f.t.high_pain)
    risen = f.above_before(f.t.rise) or f.above_previous(f.t.rise)
    return (
        f.steep_pain
        or (f.day_2 and f.pain_at_least(f.t.high_pain) and f.above_previous(f.t.rise))
        or (f.day_2 and severe and severe_anew)
        or (severe and f.case.hours >= f.t.late_hours)
        or (f.spine and f.risk("infection") and f.day_2 and risen)
    )


def _u8(f: Findings, fired: Fired) -> bool:
    return "passed_out" in f.danger_signs and "E6" not in fired


def _u10(f: Findings, _: Fired) -> bool:
    return f.case.worried


def _u12(f: Findings, _: Fired) -> bool:
    return f.overdue("danger")


def _w1(f: Findings, _: Fired) -> bool:
    risen = f.above_before(f.t.rise) and f.pain_at_least(f.t.notable_pain)
    high = f.pain_at_least(f.t.high_pain) and f.not_below_before
    return not f.day_2 and (f.one("soreness") == "severe" or risen or high)


def _w2(f: Findings, fired: Fired) -> bool:
    large = f.one("bruising") == "large" and not fired & {"U6", "E7"}
    return large or (f.one("bruising") == "small" and f.risk("bleed"))


def _w3(f: Findings, fired: Fired) -> bool:
    return "skin" in f.new and not fired & {"U1", "E5"}


def _w4(f: Findings, fired: Fired) -> bool:
    sensory = f.nerve and not fired & {"U4", "E3"}
    return sensory or ("weak" in f.new and not fired & {"U3", "E3"})


def _w5(f: Findings, fired: Fired) -> bool:
    chest = bool(f.danger_signs & {"dry_cough", "chest_wall_sore"}) and not fired & {"U5", "E1"}
    return "minor" in f.new or chest or (f.fever and not fired & {"U2", "E5", "E8"})


def _w6(f: Findings, _: Fired) -> bool:
    soreness = f.one("soreness")
    notable = f.pain_at_least(f.t.notable_pain)
    return f.day_2 and (
        soreness == "severe"
        or (soreness == "moderate" and f.previous_soreness != "severe")
        or f.sorer_than_before
        or (f.pain_at_least(f.t.high_pain) and f.not_below_before)
        or (f.above_before(f.t.rise) and notable)
        or (f.above_previous(f.t.rise) and notable)
    )


def _w7(f: Findings, _: Fired) -> bool:
    touch = f.one("touch")
    unclear = touch == "cannot_tell" or f.overdue("touch") or (touch == "no" and f.risk("bleed"))
    return f.one("bruising") == "cannot_see" and unclear


def _u9(f: Findings, fired: Fired) -> bool:
    watch = fired & _WATCH
    several = len(watch) >= f.t.several_signs and (bool(watch & {"W3", "W4"}) or f.fever)
    return several or (f.risk("infection") and f.day_2 and "W7" in fired)


_WATCH = frozenset({"W1", "W2", "W3", "W4", "W5", "W6", "W7"})

# In the order they are asked: a rule that looks at others comes after them, so U9 is last. The
# verdict names them in the table's order all the same.
CONDITIONS: dict[str, Condition] = {
    "E0": _e0, "E1": _e1, "E2": _e2, "E3": _e3, "E4": _e4, "E5": _e5, "E6": _e6, "E7": _e7,
    "E8": _e8, "U1": _u1, "U2": _u2, "U3": _u3, "U4": _u4, "U5": _u5, "U6": _u6, "U7": _u7,
    "U8": _u8, "U10": _u10, "U12": _u12, "W1": _w1, "W2": _w2, "W3": _w3, "W4": _w4, "W5": _w5,
    "W6": _w6, "W7": _w7, "U9": _u9,
}  # fmt: skip
