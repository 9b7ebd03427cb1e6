"""The protocol's ids, every patient text, and what Telegram takes: shared by the wording tests."""

import re
from html.parser import HTMLParser

from handlers.wording import advice, questions
from handlers.wording.cards import CardFacts
from handlers.wording.consent import consent_text
from handlers.wording.watch import watch_text

# The clinical protocol's ids and values, as they are stored and exported.
VALUES = {
    "danger": "none yes",
    "danger_signs": "breathless chest_pain chest_wall_sore dry_cough sudden_neuro saddle very_ill "
    "skin_black swelling_fast cold_limb allergy passed_out other_danger",
    "pain": "0 1 2 3 4 5 6 7 8 9 10",
    "soreness": "none mild moderate severe",
    "bruising": "none small large cannot_see",
    "bruise_signs": "growing hard very_painful limb_cold soft",
    "touch": "no yes cannot_tell",
    "new": "none skin numb shock weak fever minor",
    "skin_signs": "bigger_than_coin spreading hot swollen more_painful pus red_streaks small_spot",
    "nerve_place": "needle_spot arm leg elsewhere both_sides",
    "nerve_course": "easing same constant worse",
    "weakness": "works broken spreading not_sure",
    "temperature": "under_38 38_or_more unknown",
    "week_check": "no yes",
}


PAIRS = [(question, value) for question, values in VALUES.items() for value in values.split()]


RULES = [
    *(f"E{number}" for number in range(9)),
    *(f"U{number}" for number in range(1, 13)),
    *(f"W{number}" for number in range(1, 9)),
    "N1",
]


EMERGENCIES, WATCHES = RULES[:9], RULES[21:29]


def urgent(**changed):
    words = {
        "deadline": "Tue 15:30",
        "clinic_phone": "+44 20 7946 0000",
        "urgent_number": "111",
        "emergency_number": "999",
        "open_now": True,
        "opens_at": None,
    }
    return advice.urgent_text(**(words | changed))


def emergency(*rules, signs=(), day="Tue 14:30", area="an arm or leg"):
    return advice.emergency_text(
        rules, day=day, area=area, emergency_number="112", danger_signs=signs
    )


def consent(**changed):
    words = {
        "version": 3,
        "clinic": "Riverside Practice",
        "clinic_phone": "+44 20 7946 0000",
        "emergency_number": "999",
    }
    return consent_text(**(words | changed))


def patient_texts():
    """Every text a patient can get from these modules, by name."""
    signs = VALUES["danger_signs"].split()
    texts = {f"question {one}": questions.question_text(one) for one in VALUES}
    texts |= {f"emergency {one}": emergency(one, signs=signs) for one in EMERGENCIES}
    texts |= {f"emergency {one} without a sign": emergency(one) for one in EMERGENCIES}
    texts |= {f"watch {one}": watch_text([one]) for one in WATCHES}
    texts |= {
        f"urgent {number}": urgent(
            clinic_phone=phone, urgent_number=other, open_now=is_open, opens_at=opens
        )
        for number, (phone, other, is_open, opens) in enumerate(
            (phone, other, is_open, opens)
            for phone in ("", "+44 20 7946 0000")
            for other in ("", "111")
            for is_open, opens in ((True, None), (False, "Wed 08:00"), (False, None))
        )
    }
    return texts | {
        "all emergencies": emergency(*EMERGENCIES, signs=signs, day="", area=""),
        "all watches": watch_text(WATCHES),
        "no watch rule": watch_text([]),
        "danger notice": questions.danger_notice("112"),
        "not reached": advice.could_not_reach_clinic_text("+44 1", "999"),
        "not reached, no phone": advice.could_not_reach_clinic_text("", "999"),
        "nobody read": advice.nobody_read_text("+44 1", "999"),
        "nobody read, no phone": advice.nobody_read_text("", "999"),
        "seen": advice.seen_text("Tue 14:05"),
        "none": advice.none_text("Wed 14:30"),
        "last": advice.none_text(None),
        "no answer": advice.no_answer_text(),
        "missed": advice.missed_text(),
        "safety": advice.safety_text("an arm or leg", "112"),
        "away": advice.away_text("Tue 14:02", "Tue 14:20"),
        "note": advice.note_received_text("112"),
        "week": advice.week_end_text("3 Mar 2026"),
        "consent": consent(),
    }


def facts(**changed):
    base = {
        "number": 7,
        "level": "emergency",
        "level_now": "emergency",
        "code": "P-7K3M",
        "rules": ("E1", "U1"),
        "hours": 48.9,
        "ratings": (("before", "5", "–", "–"), ("24h", "3", "Mild", "–"), ("48h", "7", "–", "–")),
        "signs": ("Skin: hot",),
        "words": ("it hurts to breathe",),
    }
    return CardFacts(**(base | changed))


class Tags(HTMLParser):
    """Refuses what Telegram refuses: tags it does not know, or not closed in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        assert tag in {"b", "i", "blockquote"}
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def well_formed(text):
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    bare = re.sub(r"</?(b|i|blockquote)>", "", text)
    assert not re.search(r"[<>]", bare)
    assert not re.search(r"&(?!(amp|lt|gt);)", bare)
    return True


DIAGNOSES = (
    "pneumothorax|punctured|collapsed lung|cauda|stroke|haematoma|hematoma|meningitis|abscess|"
    "cellulitis|fasciitis|neuropathy|embol|sepsis|septic|anaphyla|compartment|you have an? inf|"
    "spinal cord|infected"
)


REASSURANCES = (
    r"you are (fine|ok|okay|well|safe)|you're (fine|ok|well)|nothing (is )?wrong|harmless"
)


DOSES = r"\b\d+ ?(mg|g|mcg|µg|ml|tablets?|pills?)\b|paracetamol|ibuprofen|aspirin|acetaminophen"
