"""Every answer in three forms: its button, its full wording, and as the clinician reads it."""

from dataclasses import dataclass

from handlers.language import N_


@dataclass(frozen=True)
class Option:
    """One answer. `label` fits a button (30 characters); `full` is the whole wording where the
    label is shorter, else empty; `clinical` stands on cards and in records.
    """

    label: str
    clinical: str
    full: str = ""


OPTIONS: dict[str, dict[str, Option]] = {
    "danger": {
        "none": Option(N_("No, none of these"), N_("No danger sign")),
        "yes": Option(N_("Yes, or not sure"), N_("A danger sign, or not sure")),
    },
    "danger_signs": {
        "breathless": Option(
            N_("Breathless, or coughing blood"),
            N_("Short of breath, or coughing blood"),
            N_("short of breath, or coughing blood"),
        ),
        "chest_pain": Option(
            N_("Chest pain"),
            N_("Chest pain: breathing in hurts, or it hurts at rest"),
            N_("breathing in hurts, or it hurts at rest"),
        ),
        "chest_wall_sore": Option(
            N_("Chest sore only when pressed"),
            N_("Chest sore only when pressed or moved"),
            N_("sore only when pressed or moved"),
        ),
        "dry_cough": Option(N_("New dry cough only"), N_("New dry cough only")),
        "sudden_neuro": Option(
            N_("Weak, unsteady, slurred"),
            N_("Sudden weakness, unsteady, slurred, confused, or worst headache"),
            N_("sudden weakness, unsteady, slurred, confused, worst headache"),
        ),
        "saddle": Option(
            N_("Numb between legs, pee trouble"),
            N_("Numb between the legs, or bladder or bowel trouble"),
            N_("numb between legs, pee or poo trouble"),
        ),
        "very_ill": Option(
            N_("Very ill"),
            N_("Very ill: shaking, mottled skin, hard to stay awake, or hardly any urine"),
            N_("shaking hard, blue, grey or blotchy skin, hard to stay awake, or hardly any pee "
               "today"),
        ),
        "skin_black": Option(
            N_("Skin purple, black, blistered"),
            N_("Skin purple, black or blistered, spreading fast, or pain far worse than the mark"),
            N_("purple, black, blistered, spreading fast, pain far worse than the mark"),
        ),
        "swelling_fast": Option(
            N_("Fast swelling, or bleeding"),
            N_("Swelling growing fast, or bleeding that does not stop"),
            N_("swelling growing fast, or bleeding won't stop"),
        ),
        "cold_limb": Option(
            N_("Hand or foot cold, white, blue"),
            N_("Hand or foot cold, white or blue"),
            N_("hand or foot cold, white or blue"),
        ),
        "allergy": Option(
            N_("Swollen lips or wheezing"),
            N_("Swollen lips, tongue or throat, or wheezing"),
            N_("swollen lips, tongue, throat, wheezing"),
        ),
        "passed_out": Option(N_("I passed out"), N_("Passed out")),
        "other_danger": Option(
            N_("Something else, or not sure"), N_("Another danger sign, or not sure")
        ),
    },
    "soreness": {
        "none": Option(N_("None"), N_("No soreness")),
        "mild": Option(N_("Mild"), N_("Mild soreness")),
        "moderate": Option(
            N_("Moderate: I notice it a lot"), N_("Moderate soreness: noticed a lot")
        ),
        "severe": Option(
            N_("Severe: stops sleep or moving"),
            N_("Severe soreness: stops sleeping or moving"),
            N_("it stops me sleeping or moving"),
        ),
    },
    "bruising": {
        "none": Option(N_("None: normal or tiny dots"), N_("No bruising")),
        "small": Option(
            N_("Small: smaller than my palm"), N_("Small bruise, smaller than the palm")
        ),
        "large": Option(
            N_("Large, growing, or a lump"),
            N_("Large bruise: bigger than the palm, growing, or a lump"),
            N_("bigger than my palm, growing, or a lump"),
        ),
        "cannot_see": Option(N_("I cannot see them"), N_("Cannot see the needle spots")),
    },
    "bruise_signs": {
        "growing": Option(N_("Growing"), N_("Bruise: growing")),
        "hard": Option(N_("Hard or tight"), N_("Bruise: hard or tight")),
        "very_painful": Option(N_("Very painful"), N_("Bruise: very painful")),
        "limb_cold": Option(
            N_("Arm or leg numb, cold or pale"),
            N_("Arm, hand, leg or foot numb, cold or pale"),
            N_("arm, hand, leg or foot numb, cold or pale"),
        ),
        "soft": Option(N_("None: soft and not growing"), N_("Bruise: soft and not growing")),
    },
    "touch": {
        "no": Option(N_("No"), N_("Spots not hot, swollen or wet")),
        "yes": Option(N_("Yes"), N_("Spots hot, swollen or wet to the touch")),
        "cannot_tell": Option(N_("I cannot tell"), N_("Spots: cannot tell by touch")),
    },
    "new": {
        "none": Option(N_("No, nothing new"), N_("Nothing new")),
        "skin": Option(
            N_("Skin red, hot, swollen, oozing"), N_("New: skin red, hot, swollen or oozing")
        ),
        "numb": Option(N_("Numb, or pins and needles"), N_("New: numb, or pins and needles")),
        "shock": Option(
            N_("Electric-shock or burning pain"), N_("New: electric-shock or burning pain")
        ),
        "weak": Option(
            N_("Weak or clumsy arm or leg"),
            N_("New: weak or clumsy arm, hand, leg or foot"),
            N_("weak or clumsy arm, hand, leg or foot"),
        ),
        "fever": Option(
            N_("Fever, shivery or unwell"),
            N_("New: fever, hot and shivery, or generally unwell"),
            N_("fever, hot and shivery, or generally unwell"),
        ),
        "minor": Option(
            N_("Tired, dizzy, sick, headache"),
            N_("New: tired, dizzy, nauseous or mild headache"),
            N_("tired, dizzy, sick to the stomach or mild headache"),
        ),
    },
    "skin_signs": {
        "bigger_than_coin": Option(N_("Bigger than a coin"), N_("Skin: bigger than a coin")),
        "spreading": Option(N_("Spreading"), N_("Skin: spreading")),
        "hot": Option(N_("Hot"), N_("Skin: hot")),
        "swollen": Option(N_("Swollen"), N_("Skin: swollen")),
        "more_painful": Option(N_("More painful"), N_("Skin: more painful")),
        "pus": Option(N_("Pus"), N_("Skin: pus")),
        "red_streaks": Option(N_("Red streaks"), N_("Skin: red streaks")),
        "small_spot": Option(N_("None: just a small spot"), N_("Skin: just a small spot")),
    },
    "nerve_place": {
        "needle_spot": Option(
            N_("A small spot at the needle"),
            N_("Nerve-like symptom only in a small spot at the needle"),
            N_("only a small spot at the needle"),
        ),
        "arm": Option(N_("Arm"), N_("Nerve-like symptom in the arm")),
        "leg": Option(N_("Leg"), N_("Nerve-like symptom in the leg")),
        "elsewhere": Option(
            N_("Face, head or body"), N_("Nerve-like symptom in the face, head or body")
        ),
        "both_sides": Option(
            N_("Both arms, or both legs"), N_("Nerve-like symptom in both arms or both legs")
        ),
    },
    "nerve_course": {
        "easing": Option(
            N_("Comes and goes, easing"), N_("Nerve-like symptom comes and goes, easing")
        ),
        "same": Option(
            N_("Comes and goes, same"), N_("Nerve-like symptom comes and goes, the same")
        ),
        "constant": Option(N_("Constant"), N_("Nerve-like symptom is constant")),
        "worse": Option(
            N_("Getting worse or spreading"), N_("Nerve-like symptom gets worse or spreads")
        ),
    },
    "weakness": {
        "works": Option(
            N_("Sore, but everything works"),
            N_("Sore or tired, but everything works"),
            N_("sore or tired, but everything works"),
        ),
        "broken": Option(
            N_("Something doesn't work"),
            N_("Loss of power: cannot lift the foot or wrist, or poor grip"),
            N_("something doesn't work: can't lift foot or wrist, poor grip"),
        ),
        "spreading": Option(
            N_("Spreading, or hard to walk"),
            N_("Weakness spreading, on both sides, or walking is hard"),
            N_("spreading, both sides, or walking is hard"),
        ),
        "not_sure": Option(N_("Not sure"), N_("Weakness: not sure which fits")),
    },
    "temperature": {
        "under_38": Option(
            N_("Under 38.0 C / 100.4 F"), N_("Temperature under 38.0 C (100.4 F)")
        ),
        "38_or_more": Option(
            N_("38.0 C / 100.4 F or more"), N_("Temperature 38.0 C (100.4 F) or more")
        ),
        "unknown": Option(N_("No thermometer"), N_("Temperature unknown: no thermometer")),
    },
    "week_check": {
        "no": Option(N_("No, all fine"), N_("One week: nothing to report")),
        "yes": Option(N_("Yes, or not sure"), N_("One week: a problem, or not sure")),
    },
}  # fmt: skip
