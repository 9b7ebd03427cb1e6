"""The numbers of the rules: what each may be, and which way would weaken an emergency rule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from care.triage.model import Thresholds

Number = int | float


@dataclass(frozen=True)
class Bounds:
    """From `least` to `most`, in steps of `step`.

    `emergencies`: the emergency rules that read it. All of them hold from the number upwards, so
    a higher number is fewer emergencies.
    """

    least: Number
    most: Number
    step: Number = 1
    emergencies: tuple[str, ...] = ()

    @property
    def fixed(self) -> bool:
        """It has one value only."""
        return self.least == self.most


BOUNDS: dict[str, Bounds] = {
    # Fixed: which check-ins may be asked together depends on it.
    "day_2_hours": Bounds(42, 42),
    "late_hours": Bounds(60, 120, 6),
    "day_7_hours": Bounds(121, 192, 6),
    "high_pain": Bounds(4, 10, emergencies=("E8",)),
    "steep_pain": Bounds(5, 10, emergencies=("E3", "E5")),
    "steep_rise": Bounds(1, 6, emergencies=("E3", "E5")),
    "rise": Bounds(1, 5, emergencies=("E8",)),
    "notable_pain": Bounds(1, 8),
    "several_signs": Bounds(2, 7),
}


class InvalidThresholdError(ValueError):
    """There is no such number, or it cannot have this value; the text says what it takes."""


@dataclass(frozen=True)
class Weakening:
    """A number that would make emergencies fewer: what it is, may at most be, and which rules."""

    name: str
    value: Number
    shipped: Number
    rules: tuple[str, ...]


def changed(thresholds: Thresholds, name: str, value: Number) -> Thresholds:
    """The thresholds with one number changed.

    Raises:
        InvalidThresholdError: no such number, or the value is out of its bounds.
    """
    bounds = BOUNDS.get(name)
    if bounds is None:
        raise InvalidThresholdError(f"there is no {name}; there are {', '.join(BOUNDS)}")
    if isinstance(value, bool) or value != int(value) or not bounds.least <= value <= bounds.most:
        raise InvalidThresholdError(
            f"{name} takes a whole number from {bounds.least} to {bounds.most}"
        )
    return replace(thresholds, **{name: int(value)})


def weakened(thresholds: Thresholds, shipped: Thresholds) -> tuple[Weakening, ...]:
    """The numbers that would keep an emergency rule from firing where the shipped ones have it
    fire.
    """
    now, then = asdict(thresholds), asdict(shipped)
    return tuple(
        Weakening(name, now[name], then[name], bounds.emergencies)
        for name, bounds in BOUNDS.items()
        if bounds.emergencies and now[name] > then[name]
    )


def differences(before: Thresholds, after: Thresholds) -> tuple[tuple[str, Number, Number], ...]:
    """What changed: (name, before, after), in the order of the numbers."""
    old, new = asdict(before), asdict(after)
    return tuple((name, old[name], new[name]) for name in BOUNDS if old[name] != new[name])


def thresholds_from(stored: Mapping[str, object]) -> Thresholds:
    """Thresholds as they were stored.

    Raises:
        InvalidThresholdError: a number is missing, unknown or out of bounds.
    """
    if set(stored) != set(BOUNDS):
        raise InvalidThresholdError("these are not the numbers of the protocol")
    found = Thresholds(**stored)  # type: ignore[arg-type]
    for name, value in stored.items():
        if not isinstance(value, (int, float)):
            raise InvalidThresholdError(f"{name} takes a whole number")
        changed(found, name, value)
    return found


def stored(thresholds: Thresholds) -> dict[str, object]:
    """Thresholds as they are stored."""
    return dict(asdict(thresholds))
