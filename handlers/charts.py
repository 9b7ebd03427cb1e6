"""The chart of a patient's own ratings, as a PNG that is readable on a phone.

Pain is a line from 0 to 10, soreness and bruising are steps below it. What was not answered is a
gap and is named; it is never drawn as zero.
"""

import asyncio
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from care.course import BRUISING, SORENESS, Rating, SessionCourse
from care.triage import WEEK_CHECK
from handlers.language import N_, _
from handlers.wording import questions as wording
from handlers.wording.moments import reader_locale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by colour-blind people; shapes and words differ as well.
BLUE, ORANGE, PURPLE, RED = "#0072B2", "#E69F00", "#CC79A7", "#D55E00"
INK, GREY, LIGHT, PALE = "#222222", "#5F5F5F", "#B0B0B0", "#E4E4E4"
DPI = 100
WIDTH, HEIGHT, MORE_HEIGHT = 10.8, 10.8, 8.2  # inches: 1080 pixels a side, and per further panel
BEFORE = -0.7  # where "before" stands, in days
NEAR_DAYS = (0, 1, 2)
NEAR, SQUEEZE = 2.6, 0.2  # days after this many are drawn closer together
ANSWERLESS = ("no_answer", "missed", "abandoned")
# A report closer than this (days) to a check-in has no room for steps of its own.
SAME_COLUMN = 0.8

# Answers in the one word that fits below a step.
WORDS = {
    "none": N_("none"),
    "mild": N_("mild"),
    "moderate": N_("moderate"),
    "severe": N_("severe"),
    "small": N_("small"),
    "large": N_("large"),
    "cannot_see": N_("not seen"),
}

# Matplotlib's text cache is not meant for several threads at once: charts are drawn in turn.
_painter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")


@dataclass(frozen=True)
class Band:
    """A row of steps below the pain line."""

    question: str
    scale: tuple[str, ...]
    colour: str
    hatch: str


BANDS = (Band("soreness", SORENESS, ORANGE, ""), Band("bruising", BRUISING, PURPLE, "//"))


async def chart(
    courses: Sequence[SessionCourse], *, title: str, zone: str, alerts: bool = False
) -> bytes:
    """Draw the sessions as panels, oldest on top; returns a PNG, 1080 pixels wide.

    Args:
        courses: one panel each, at least one.
        title: in the reader's language.
        zone: whose dates are shown (an IANA name).
        alerts: mark the alerts; for clinicians only.
    """
    run: Callable[..., bytes] = copy_context().run
    return await asyncio.get_running_loop().run_in_executor(
        _painter, lambda: run(_draw, courses, title, zone, alerts)
    )


def _draw(courses: Sequence[SessionCourse], title: str, zone: str, alerts: bool) -> bytes:
    # Imported here, in the thread: it takes a second that the start of the bot does not have.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = HEIGHT + MORE_HEIGHT * (len(courses) - 1)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    figure.text(
        0.05, 1 - 0.28 / height, title, fontsize=30, weight="bold", color=INK, va="top",
        parse_math=False,
    )  # fmt: skip
    room = (height - 0.9) / len(courses)
    for place, course in enumerate(courses):
        top = height - 0.9 - place * room
        upper = figure.add_axes((0.14, (top - room * 0.62) / height, 0.82, room * 0.5 / height))
        lower = figure.add_axes((0.14, (top - room * 0.98) / height, 0.82, room * 0.26 / height))
        _pain(upper, course, zone, alerts)
        _bands(lower, course, upper.get_xlim())
    out = io.BytesIO()
    canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def place_of(hours: float) -> float:
    """Where hours after the session stand on the axis: in days, the far ones closer together."""
    days = hours / 24
    return days if days <= NEAR else NEAR + (days - NEAR) * SQUEEZE


def shown_ratings(course: SessionCourse) -> list[Rating]:
    """What has come so far: what is still planned has no place in the picture."""
    return [
        rating for rating in course.ratings
        if rating.answers or rating.state in ANSWERLESS
    ]  # fmt: skip


def day_of(rating: Rating) -> str:
    """When a rating was made, as on the axis: "Day 1"; a report says that it is one."""
    day = _("Day {n}").format(n=round(rating.hours / 24))
    return f"{day}, {_('your report')}" if rating.step == "report" else day


def missing_words(rating: Rating) -> str:
    """What stands where an answer is missing: it may still come while the check-in is open."""
    week = rating.word(WEEK_CHECK.id)
    if week:
        return wording.option_label(WEEK_CHECK.id, week)
    return _("not yet") if rating.state == "open" else _("no answer")


def pain_points(course: SessionCourse) -> list[tuple[float, float]]:
    """The line's points (place in days, pain); NaN where a check-in was not answered: a gap."""
    gap = float("nan")
    points = [(BEFORE, float(course.pain_before) if course.pain_before is not None else gap)]
    for rating in shown_ratings(course):
        if rating.pain is not None:
            points.append((place_of(rating.hours), float(rating.pain)))
        elif rating.step != "report":
            points.append((place_of(rating.hours), gap))
    return points


def _pain(axes: "Axes", course: SessionCourse, zone: str, alerts: bool) -> None:
    _frame(axes, course, zone)
    points = pain_points(course)
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=7, foreground="white")]
    axes.plot(
        [x for x, _y in points], [y for _x, y in points],
        color=BLUE, linewidth=5, marker="o", markersize=19, zorder=3, clip_on=False,
    )  # fmt: skip
    for rating in shown_ratings(course):
        if rating.step == "report" and rating.pain is not None:
            # What the patient reported by themselves has a shape of its own.
            axes.plot(
                [place_of(rating.hours)], [rating.pain], color=BLUE, marker="D", markersize=19,
                markerfacecolor="white", markeredgewidth=5, zorder=4, clip_on=False,
            )  # fmt: skip
    for x, y in points:
        if y == y:  # not NaN
            axes.text(
                x, y + 0.55, f"{y:.0f}", ha="center",
                fontsize=28, weight="bold", color=BLUE, zorder=5, path_effects=halo,
            )  # fmt: skip
    if course.pain_before is None:
        _gap(axes, BEFORE, _("not known"))
    for rating in shown_ratings(course):
        if rating.pain is None and rating.step != "report":
            _gap(axes, place_of(rating.hours), missing_words(rating))
    if alerts:
        _mark_alerts(axes, course)


def _gap(axes: "Axes", x: float, words: str) -> None:
    axes.text(
        x, 0.6, words, rotation=90, ha="center", va="bottom", fontsize=24, style="italic",
        color=GREY, parse_math=False,
    )  # fmt: skip


def _mark_alerts(axes: "Axes", course: SessionCourse) -> None:
    for number, mark in enumerate(course.alerts):
        x = place_of(max(0.0, mark.hours))
        axes.axvline(x, color=RED, linewidth=3, linestyle=(0, (1, 1.5)), zorder=1)
        axes.text(
            x + 0.05, 0.9 * (number % 3) + 0.3, f"▲ #{mark.number}",
            fontsize=24, weight="bold", color=RED, zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _frame(axes: "Axes", course: SessionCourse, zone: str) -> None:
    ticks = _day_ticks(course)
    last = max([place_of(24 * day) for day in ticks] + [x for x, _y in pain_points(course)])
    axes.set_xlim(BEFORE - 0.35, last + 0.4)
    axes.set_ylim(0, 11.6)
    axes.set_yticks([0, 2, 4, 6, 8, 10])
    axes.set_xticks([BEFORE, *(place_of(24 * day) for day in ticks)])
    days = [_("Day {n}").format(n=day) for day in ticks]
    axes.set_xticklabels([_("before"), *days], fontsize=26, color=INK)
    axes.tick_params(axis="y", labelsize=24, length=0, colors=INK)
    axes.tick_params(axis="x", length=0, pad=12)
    axes.grid(axis="y", color=PALE, linewidth=2)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    axes.axvline(0, color=GREY, linewidth=3.5, linestyle="--", zorder=1)
    if len(ticks) > len(NEAR_DAYS):
        axes.text(NEAR, 0, "//", fontsize=26, color=GREY, ha="center", va="center")
    when = format_skeleton("MMMEd", course.at.astimezone(ZoneInfo(zone)), locale=reader_locale())
    axes.text(
        1, 1.06, _("session, {date}").format(date=when), transform=axes.transAxes, ha="right",
        fontsize=24, color=GREY, parse_math=False,
    )  # fmt: skip
    axes.text(
        0, 1.06, _("Pain, 0 to 10"), transform=axes.transAxes, fontsize=27, weight="bold",
        color=BLUE, parse_math=False,
    )  # fmt: skip


def _day_ticks(course: SessionCourse) -> list[int]:
    """Day 0, 1, 2, and the day of every later rating that has a number of its own."""
    later = {round(r.hours / 24) for r in shown_ratings(course) if r.hours / 24 > NEAR}
    return [*NEAR_DAYS, *sorted(later)]


def columns(course: SessionCourse) -> list[Rating]:
    """The ratings that get a column of steps: check-ins, and reports with room beside them."""
    kept = [rating for rating in shown_ratings(course) if rating.step != "report"]
    taken = [place_of(rating.hours) for rating in kept]
    for rating in shown_ratings(course):
        x = place_of(rating.hours)
        rated = any(rating.word(band.question) for band in BANDS)
        if rating.step == "report" and rated and all(abs(x - y) > SAME_COLUMN for y in taken):
            kept.append(rating)
            taken.append(x)
    return sorted(kept, key=lambda rating: rating.hours)


def _bands(axes: "Axes", course: SessionCourse, limits: tuple[float, float]) -> None:
    from matplotlib.patches import Rectangle

    axes.set_xlim(limits)
    axes.set_ylim(0, 2)
    axes.axis("off")
    for place, band in enumerate(BANDS):
        base = 1.0 - place
        axes.text(
            0, (base + 0.86) / 2, wording.short_title(band.question), transform=axes.transAxes,
            fontsize=27, weight="bold", color=INK, va="top", parse_math=False,
        )  # fmt: skip
        for rating in columns(course):
            _steps(axes, Rectangle, band, rating, base)


def _steps(axes: "Axes", shape: type[Any], band: Band, rating: Rating, base: float) -> None:
    x, value = place_of(rating.hours), rating.word(band.question)
    words = _(WORDS.get(value, value)) if value else missing_words(rating)
    axes.text(
        x, base + 0.02, words, ha="center", va="bottom", fontsize=22,
        color=INK if value else GREY, style="normal" if value else "italic", parse_math=False,
    )  # fmt: skip
    if value not in band.scale:
        return
    level = band.scale.index(value)
    for step in range(1, len(band.scale)):
        left = x + (step - (len(band.scale)) / 2) * 0.16 - 0.07
        filled = step <= level
        axes.add_patch(
            shape(
                (left, base + 0.34), 0.14, 0.14 + 0.11 * step, linewidth=2.5,
                edgecolor=INK if filled else LIGHT,
                facecolor=band.colour if filled else "none",
                hatch=band.hatch if filled else "",
            )
        )  # fmt: skip
