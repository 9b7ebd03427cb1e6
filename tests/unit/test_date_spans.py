"""Days as people type them, read the same way in every season."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.date_spans import MONTHS, parse_span

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("3-10 Dec", date(2026, 12, 3), date(2026, 12, 10)),
        ("3 – 10 December", date(2026, 12, 3), date(2026, 12, 10)),
        ("24 Dec - 2 Jan", date(2026, 12, 24), date(2027, 1, 2)),
        ("24 December to 2 January 2028", date(2027, 12, 24), date(2028, 1, 2)),
        ("1st May", date(2027, 5, 1), date(2027, 5, 1)),
        ("24 nov", TODAY, TODAY),
        ("20-26 Nov", date(2026, 11, 20), date(2026, 11, 26)),
        ("23 Nov", date(2027, 11, 23), date(2027, 11, 23)),
        ("29 Feb", date(2028, 2, 29), date(2028, 2, 29)),
        ("2026-12-03", date(2026, 12, 3), date(2026, 12, 3)),
        ("2026-12-03 to 2026-12-10", date(2026, 12, 3), date(2026, 12, 10)),
    ],
)
def test_days_are_read_as_the_next_such_days(words: str, first: date, last: date) -> None:
    assert parse_span(words, TODAY) == (first, last)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "3", "3-10", "31 Feb", "10-3 Dec", "0 Dec", "3 Foo", "2026-12-10 to 2026-12-03",
     "2026-13-01", "30 Feb - 2 Mar", "99999999 Dec", "3 Dec 0000"],
)  # fmt: skip
def test_what_is_no_day_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_span(words, TODAY)


@given(st.text(max_size=40))
def test_any_text_is_a_span_in_order_or_a_value_error(words: str) -> None:
    try:
        first, last = parse_span(words, TODAY)
    except ValueError:
        return
    assert first <= last


@given(st.dates(TODAY, TODAY + timedelta(days=300)), st.integers(0, 60))
def test_a_span_typed_without_a_year_comes_back(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    words = f"{first.day} {MONTHS[first.month - 1]} - {last.day} {MONTHS[last.month - 1]}"
    if last < TODAY.replace(year=2027):
        assert parse_span(words, TODAY) == (first, last)
