"""What is to be killed, where and when: made from a seed, so that it can be made again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

# Simulated seconds for which the bot stays away. Taps are forgotten after 150, and after 120 the
# bot asks again; two absences of 100 in a row are the trap between them.
GAPS = (0, 0, 3, 30, 100, 100, 100, 125, 160, 400)
DUE = ("claimed/safety", "sent/safety", "claimed/check_in", "sent/check_in", "claimed/reminder",
       "sent/reminder")  # fmt: skip
TAPPED = ("received", "stored", "committed")
DANGER = tuple(
    f"{step}/{kind}"
    for kind in ("emergency_text", "card_private", "card_group", "urgent_text", "card_edit")
    for step in ("claimed", "sent")
)
AFTERWARDS = ("claimed/away", "sent/away", "claimed/result", "sent/result", "claimed/seen")


@dataclass(frozen=True)
class Scene:
    """One kill.

    Attributes:
        what: the row of the report: the point's first word, "random", "burst" or "migrating".
        die_at: the named point, with ":n" for the n-th time; empty: killed from outside.
        due: the outbox kind whose time comes while the bot is down; empty: the clock stays.
        danger: patients tap danger signs.
        burst: everybody taps at once, several times.
        after: for kills from outside: seconds after the bot serves.
        taps_meanwhile: patients go on tapping while the bot is down.
        gap: simulated seconds until it comes back.
    """

    what: str
    die_at: str = ""
    due: str = ""
    danger: bool = False
    burst: bool = False
    after: float = 0.0
    taps_meanwhile: bool = False
    gap: int = 0


def plan(rng: random.Random, kills: int) -> list[Scene]:
    """So many scenes, in rounds that go from a session to the end of its course."""
    scenes: list[Scene] = []
    while len(scenes) < kills:
        scenes += _round(rng)
    return scenes[:kills]


def _round(rng: random.Random) -> Iterator[Scene]:
    """Everything once, in an order that can happen: rows come due, then people tap."""
    yield _due(rng, f"{_step(rng)}/check_in")
    yield from rng.sample(
        [
            _tap(rng, rng.choice(TAPPED)),
            _tap(rng, "received"),
            _tap(rng, rng.choice(DANGER), danger=True),
            _tap(rng, rng.choice(DANGER), danger=True),
            _random(rng),
        ],
        5,
    )
    yield _due(rng, f"{_step(rng)}/{rng.choice(('reminder', 'safety'))}")
    yield _tap(rng, rng.choice(AFTERWARDS), danger=rng.random() < 0.5)
    yield _burst(rng)
    yield _random(rng)


def _step(rng: random.Random) -> str:
    return rng.choice(("claimed", "sent"))


def _gap(rng: random.Random) -> dict[str, int | bool]:
    return {"gap": rng.choice(GAPS), "taps_meanwhile": rng.random() < 0.6}


def _times(rng: random.Random, point: str, most: int) -> str:
    return f"{point}:{rng.randint(1, most)}"


def _due(rng: random.Random, point: str) -> Scene:
    what, kind = point.split("/")
    return Scene(what, _times(rng, point, 3), due=kind, **_gap(rng))


def _tap(rng: random.Random, point: str, *, danger: bool = False) -> Scene:
    most = 1 if "/" in point else 5
    return Scene(point.split("/")[0], _times(rng, point, most), danger=danger, **_gap(rng))


def _random(rng: random.Random) -> Scene:
    return Scene("random", danger=rng.random() < 0.3, after=rng.uniform(0, 1.5), **_gap(rng))


def _burst(rng: random.Random) -> Scene:
    """Many tap at once while check-ins leave; the end comes from outside or at a busy point."""
    point = rng.choice(("", "", "stored:2", "committed:5", "sent/check_in:3"))
    return Scene(
        "burst", point, due="check_in", burst=True, after=rng.uniform(0, 0.8), **_gap(rng)
    )
