"""The chart: right size, never blank, gaps for what is missing, alerts for clinicians only."""

import io
import math
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from care.course import BRUISING, SORENESS, AlertMark, Rating, SessionCourse
from handlers.charts import (
    BEFORE,
    BLUE,
    ORANGE,
    RED,
    chart,
    columns,
    missing_words,
    pain_points,
    place_of,
)

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)


def rating(hours: float, step: str, state: str = "complete", **answers) -> Rating:
    return Rating(hours, step, state, answers)


COURSE = SessionCourse(
    AT,
    6,
    (
        rating(24.5, "24h", pain=4, soreness="moderate", bruising="small"),
        rating(49, "48h", pain=2, soreness="mild", bruising="none"),
    ),
    (AlertMark(7, "urgent", 30.0),),
)


def count(png: bytes, colour: str) -> int:
    """How many pixels have exactly this colour."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    wanted = tuple(int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return sum(n for n, seen in picture.getcolors(1 << 24) if seen == wanted)


async def test_one_session_fills_a_square_that_a_phone_shows_whole() -> None:
    png = await chart([COURSE], title="How you have been", zone="Europe/London")
    assert Image.open(io.BytesIO(png)).size == (1080, 1080)
    assert count(png, BLUE) > 3000
    assert count(png, ORANGE) > 1000


async def test_every_further_session_is_a_panel_below() -> None:
    png = await chart([COURSE] * 3, title="x", zone="Europe/London")
    one = await chart([COURSE], title="x", zone="Europe/London")
    width, height = Image.open(io.BytesIO(png)).size
    assert width == 1080
    assert 2000 < height < 3000
    assert count(png, BLUE) > 2.5 * count(one, BLUE)


async def test_alerts_are_marked_for_clinicians_and_never_for_patients() -> None:
    patients = await chart([COURSE], title="x", zone="UTC")
    clinicians = await chart([COURSE], title="x", zone="UTC", alerts=True)
    assert count(patients, RED) == 0
    assert count(clinicians, RED) > 300


async def test_a_check_without_an_answer_is_a_gap_and_not_a_zero() -> None:
    silent = SessionCourse(AT, 6, (rating(24, "24h", "no_answer"), rating(49, "48h", pain=2)), ())
    places = pain_points(silent)
    assert [y for _x, y in places if not math.isnan(y)] == [6.0, 2.0]
    assert math.isnan(places[1][1])
    gap = await chart([silent], title="x", zone="UTC")
    zero = SessionCourse(AT, 6, (rating(24, "24h", pain=0), rating(49, "48h", pain=2)), ())
    assert count(gap, BLUE) < count(await chart([zero], title="x", zone="UTC"), BLUE)


def test_what_is_still_planned_has_no_place_in_the_picture() -> None:
    course = SessionCourse(AT, None, (rating(24, "24h", pain=0), rating(48, "48h", "planned")))
    points = pain_points(course)
    assert len(points) == 2
    assert math.isnan(points[0][1])
    assert points[1] == (1.0, 0.0)


def test_a_report_close_to_a_check_leaves_the_check_its_column() -> None:
    course = SessionCourse(
        AT, 1, (rating(24, "24h", soreness="mild"), rating(26, "report", soreness="severe"))
    )
    assert [shown.step for shown in columns(course)] == ["24h"]


ANY_RATING = st.builds(
    Rating,
    st.floats(0, 24 * 30),
    st.sampled_from(["24h", "48h", "day7", "report", "$x_2$"]),
    st.sampled_from(["complete", "no_answer", "missed", "abandoned", "open", "planned"]),
    st.fixed_dictionaries(
        {},
        optional={
            "pain": st.integers(0, 10),
            "soreness": st.sampled_from([*SORENESS, "later$version"]),
            "bruising": st.sampled_from([*BRUISING, "cannot_see"]),
        },
    ),
)


@given(st.lists(ANY_RATING, max_size=8), st.none() | st.integers(0, 10))
@settings(max_examples=12, deadline=None)
async def test_whatever_was_answered_there_is_a_picture(ratings, before) -> None:
    course = SessionCourse(AT, before, tuple(ratings), (AlertMark(1, "urgent", -1.0),))
    png = await chart([course], title="$\\frac{x", zone="Asia/Tokyo", alerts=True)
    assert Image.open(io.BytesIO(png)).size == (1080, 1080)


@given(st.lists(st.floats(0, 24 * 60), min_size=2))
def test_later_is_never_left_of_earlier(hours) -> None:
    places = [place_of(one) for one in sorted(hours)]
    assert places == sorted(places)
    assert places[0] > BEFORE


def test_an_answer_that_may_still_come_is_not_called_missing() -> None:
    assert missing_words(rating(24, "24h", "open", danger="none")) == "not yet"
    assert missing_words(rating(24, "24h", "no_answer")) == "no answer"
