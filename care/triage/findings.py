"""The vocabulary of the rules: what an answer set says, before any rule is asked."""

from functools import cached_property

from care.triage.model import Case, Protocol
from care.triage.questions import asked_questions

_SORENESS = {"none": 0, "mild": 1, "moderate": 2, "severe": 3}


class Findings:
    """A case in the words of the rule table.

    Follow-ups of a parent that does not ask for them are ignored, and so are their
    time-outs. What is unknown is never normal: empty regions count as thorax and spine.
    """

    def __init__(self, case: Case, protocol: Protocol) -> None:
        self.case = case
        self.t = protocol.thresholds
        asked = asked_questions(protocol, case.answers)
        self.answers = {name: case.answers[name] for name in asked if name in case.answers}
        self._overdue = case.timed_out.intersection(asked)

    def ticks(self, question: str) -> frozenset[str]:
        """What is ticked in a list; empty when it is not answered."""
        value = self.answers.get(question)
        return value if isinstance(value, frozenset) else frozenset()

    def one(self, question: str) -> str | None:
        """A single answer, None when unknown."""
        value = self.answers.get(question)
        return value if isinstance(value, str) else None

    def overdue(self, question: str) -> bool:
        """The question is asked, and its time ran out (answered later or not)."""
        return question in self._overdue

    def risk(self, name: str) -> bool:
        """The session carries this risk."""
        return name in self.case.risks

    @cached_property
    def danger_signs(self) -> frozenset[str]:
        """The ticked danger signs."""
        return self.ticks("danger_signs")

    @cached_property
    def new(self) -> frozenset[str]:
        """What is new since the session."""
        return self.ticks("new")

    @cached_property
    def skin_signs(self) -> frozenset[str]:
        """The ticked skin signs, small_spot apart (it never cancels another)."""
        return self.ticks("skin_signs") - {"small_spot"}

    @cached_property
    def bruise_signs(self) -> frozenset[str]:
        """The ticked bruise signs."""
        return self.ticks("bruise_signs")

    @cached_property
    def place(self) -> frozenset[str]:
        """Where it is numb or tingles."""
        return self.ticks("nerve_place")

    @cached_property
    def spine(self) -> bool:
        """Needles beside the spine, or nobody knows where."""
        return "spine" in self.case.regions or not self.case.regions

    @cached_property
    def chest_area(self) -> bool:
        """Needles from where a lung can be reached, or nobody knows where."""
        return bool(self.case.regions & {"thorax", "spine"}) or not self.case.regions

    @cached_property
    def day_2(self) -> bool:
        """Day 2 or later; before that it is day 1."""
        return self.case.hours >= self.t.day_2_hours

    @cached_property
    def skin_sign(self) -> bool:
        """The skin shows more than a small spot, or unseen it feels hot, swollen or wet."""
        return bool(self.skin_signs) or self.one("touch") == "yes"

    @cached_property
    def nerve(self) -> bool:
        """Numbness, tingling, electric-shock or burning pain."""
        return bool(self.new & {"numb", "shock"})

    @cached_property
    def away(self) -> bool:
        """It is felt elsewhere than at the needle alone."""
        return bool(self.place - {"needle_spot"})

    @cached_property
    def fever(self) -> bool:
        """Fever, hot and shivery, or generally unwell."""
        return "fever" in self.new

    @cached_property
    def pain(self) -> int | None:
        """Pain now, 0 to 10."""
        value = self.answers.get("pain")
        return value if isinstance(value, int) else None

    def pain_at_least(self, score: int) -> bool:
        """Pain is known, and this high."""
        return self.pain is not None and self.pain >= score

    def above_before(self, rise: int) -> bool:
        """Pain before is known, and pain is at least `rise` above it."""
        before = self.case.pain_before
        return before is not None and self.pain_at_least(before + rise)

    def above_previous(self, rise: int) -> bool:
        """An earlier pain is known, and pain is at least `rise` above it."""
        earlier = self.case.previous.pain if self.case.previous else None
        return earlier is not None and self.pain_at_least(earlier + rise)

    @cached_property
    def not_below_before(self) -> bool:
        """Pain has not fallen since before the session, or nobody knows what it was."""
        return self.case.pain_before is None or self.above_before(0)

    @cached_property
    def steep_pain(self) -> bool:
        """Far more pain than the session explains."""
        rise = self.case.pain_before is None or self.above_before(self.t.steep_rise)
        return self.pain_at_least(self.t.steep_pain) and rise

    @cached_property
    def previous_soreness(self) -> str | None:
        """Soreness at the earlier check, None when unknown."""
        return self.case.previous.soreness if self.case.previous else None

    @cached_property
    def sorer_than_before(self) -> bool:
        """An earlier soreness is known, and it is worse now."""
        now, earlier = self.one("soreness"), self.previous_soreness
        return now is not None and earlier is not None and _SORENESS[now] > _SORENESS[earlier]
