"""A session being recorded, carried whole by its buttons: nothing is remembered between taps."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from care.sessions import REGIONS, RISKS, SessionFacts
from handlers.buttons import ForgedError

_FIELD = re.compile(r"([a-z])([0-9x]+)")


@dataclass(frozen=True)
class Draft:
    """What has been chosen so far.

    Attributes:
        patient: the patient's id.
        regions: chosen regions, as a bit mask over `care.sessions.REGIONS`.
        pain: pain before, 0 to 10, None when unknown.
        risks: chosen risks, as a bit mask over `care.sessions.RISKS`.
        high_risk: marked by the clinician.
        minute: the session's time in minutes since 1970 UTC; None: now.
        session: the session that is being edited.
    """

    patient: int
    regions: int = 0
    pain: int | None = None
    risks: int = 0
    high_risk: bool = False
    minute: int | None = None
    session: int | None = None

    def coded(self) -> str:
        """The draft as a word for a button."""
        pain = "x" if self.pain is None else str(self.pain)
        parts = [f"p{self.patient}r{self.regions}b{pain}k{self.risks}h{int(self.high_risk)}"]
        if self.minute is not None:
            parts.append(f"t{self.minute}")
        if self.session is not None:
            parts.append(f"e{self.session}")
        return "".join(parts)

    @classmethod
    def read(cls, word: str) -> "Draft":
        """The draft that a button carries.

        Raises:
            ForgedError: it is no draft of ours.
        """
        found = dict(_FIELD.findall(word))
        try:
            draft = cls(
                patient=int(found["p"]),
                regions=int(found["r"]),
                pain=None if found["b"] == "x" else int(found["b"]),
                risks=int(found["k"]),
                high_risk=found["h"] == "1",
                minute=int(found["t"]) if "t" in found else None,
                session=int(found["e"]) if "e" in found else None,
            )
        except (KeyError, ValueError):
            raise ForgedError("no draft of ours") from None
        if draft.coded() != word:
            raise ForgedError("no draft of ours")
        return draft

    def with_region(self, index: int) -> "Draft":
        """The same with one region switched on or off."""
        return replace(self, regions=self.regions ^ (1 << index))

    def with_risk(self, index: int) -> "Draft":
        """The same with one risk switched on or off."""
        return replace(self, risks=self.risks ^ (1 << index))

    def at(self, now: datetime) -> datetime:
        """When the session took place (aware UTC)."""
        return now if self.minute is None else datetime.fromtimestamp(self.minute * 60, UTC)

    def facts(self, now: datetime) -> SessionFacts:
        """What is to be recorded."""
        return SessionFacts(
            at=self.at(now),
            regions=tuple(name for i, name in enumerate(REGIONS) if self.regions >> i & 1),
            risks=tuple(name for i, name in enumerate(RISKS) if self.risks >> i & 1),
            pain_before=self.pain,
            high_risk=self.high_risk,
        )
